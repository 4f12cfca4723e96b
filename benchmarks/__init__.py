"""What the site costs and how fast it is: measured and printed, never asserted."""

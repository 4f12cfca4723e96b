"""Reports: what members tell moderators, and what is kept of it."""

"""What staff and the system did."""

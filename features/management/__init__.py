"""What operators do with the flag."""

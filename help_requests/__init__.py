"""What is asked for: requests, how they are found, and what becomes of them."""

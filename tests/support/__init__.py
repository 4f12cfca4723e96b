"""What every test stands on: a database of its own, the running site, a browser."""

"""Bringing an original installation over: read once, in one picture of it, and written here batch by batch."""

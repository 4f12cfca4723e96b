"""The legacy room at the command line."""

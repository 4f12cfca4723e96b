"""The members room."""

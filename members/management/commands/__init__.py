"""The members room's commands."""

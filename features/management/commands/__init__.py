"""The features room's commands."""

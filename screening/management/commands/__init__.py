"""The screening room's commands."""

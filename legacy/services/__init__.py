"""The verbs of the legacy room."""

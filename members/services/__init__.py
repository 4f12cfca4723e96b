"""The members room's verbs."""

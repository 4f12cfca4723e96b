"""The screening room's verbs."""

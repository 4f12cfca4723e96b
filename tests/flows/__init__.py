"""Journeys, from one person's hand to another's."""

"""Offering and talking: conversations, messages, offers, plans."""

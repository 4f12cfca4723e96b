"""Offering and talking over the API."""

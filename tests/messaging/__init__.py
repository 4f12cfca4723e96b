"""Offering help, and talking."""

"""Asking for help, and what becomes of it."""

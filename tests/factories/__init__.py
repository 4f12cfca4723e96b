"""Rows for tests, as real as a person would make them."""

"""Sentences about people, the journeys they make, and the rules the house is built by."""

"""Flags, rollout, the attempt log and its guard."""

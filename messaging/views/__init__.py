"""The pages of offering and talking."""

"""The forms of offering and talking; they work without JavaScript."""

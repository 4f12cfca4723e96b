"""The pages of the members room, over HTTP."""

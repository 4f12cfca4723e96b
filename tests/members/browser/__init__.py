"""The pages of the members room, in a real browser on the real server."""

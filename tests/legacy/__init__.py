"""The earlier system beside ours."""

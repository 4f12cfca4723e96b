"""The earlier system beside ours: its tables, and how they are read and written together with messaging's."""

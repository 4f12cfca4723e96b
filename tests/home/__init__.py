"""Pages that show several rooms."""

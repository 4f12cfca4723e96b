"""Pages that show several rooms at once: home, notices, people."""

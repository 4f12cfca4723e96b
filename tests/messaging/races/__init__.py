"""Many at once over HTTP, against the real web process: one consistent end, never a 5xx."""

"""The verbs: writing a request and posting it, ending one, and the jobs that watch over time."""

"""The verbs: asking for help, ending a request, and the jobs that watch over its time."""

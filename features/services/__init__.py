"""The verbs of the features room: switching the flag, guarding it, and alarms."""

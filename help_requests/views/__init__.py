"""The pages of help requests: finding one, and asking for help."""

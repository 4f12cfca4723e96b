"""The verbs: offering help, deciding about an offer, talking."""

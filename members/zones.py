"""Time zones by the names people know them by."""

ZONES = {
    "America/New_York": "Eastern time",
    "America/Chicago": "Central time",
    "America/Denver": "Mountain time",
    "America/Phoenix": "Arizona time",
    "America/Los_Angeles": "Pacific time",
    "America/Anchorage": "Alaska time",
    "Pacific/Honolulu": "Hawaii time",
    "America/Puerto_Rico": "Puerto Rico time",
}
WORLD = ("UTC", "UCT", "GMT", "Universal", "Zulu", "Greenwich")


def zone_in_words(zone: str) -> str:
    """As people say it: “Central time”, and elsewhere by its city."""
    city = zone.rpartition("/")[2].replace("_", " ")
    return ZONES.get(zone) or ("World time" if city in WORLD else f"{city} time")

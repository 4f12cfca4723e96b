"""Time zones: which one holds for somebody, and the names people know them by."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

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


def first_zone(*names: str) -> ZoneInfo:
    """The first of them that is a zone, else the operator's; anything may stand in a cookie."""
    for name in filter(None, names):
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            continue
    return ZoneInfo(settings.DEFAULT_TIME_ZONE)


def zone_in_words(zone: str) -> str:
    """As people say it: “Central time”, and elsewhere by its city."""
    city = zone.rpartition("/")[2].replace("_", " ")
    return ZONES.get(zone) or ("World time" if city in WORLD else f"{city} time")

"""A plan as a file for calendars (RFC 5545)."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.conf import settings

from messaging.models import Plan

LONGEST_LINE = 75
# Nobody says how long it takes; an hour is what calendars show best.
DURATION = "PT1H"


def write(plan: Plan, title: str, url: str) -> bytes:
    """Importing a later version changes the same entry, because UID stays and SEQUENCE grows."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//CARE Collective//Plans//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{plan.pk}@{settings.SITE_HOST}",
        f"SEQUENCE:{plan.version}",
        f"DTSTAMP:{_moment(plan.updated_at)}",
        f"DTSTART:{_moment(plan.starts_at)}",
        f"DURATION:{DURATION}",
        f"SUMMARY:{escaped(title)}",
        f"LOCATION:{escaped(plan.clear_place)}",
        f"STATUS:{'CONFIRMED' if plan.is_agreed else 'TENTATIVE'}",
        f"URL:{url}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(part + b"\r\n" for line in lines for part in folded(line))


def escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, "\\" + sign)
    return text.replace("\n", "\\n")


def folded(line: str) -> Iterator[bytes]:
    """At most 75 octets each, a letter never cut in two; what goes on begins with a blank."""
    part = b""
    for letter in line:
        octets = letter.encode()
        if len(part) + len(octets) > LONGEST_LINE:
            yield part
            part = b" "
        part += octets
    yield part


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"

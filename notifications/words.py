"""What an event is called in a list, and where it leads: read from its letter, so each sentence stands once."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from notifications.models import Notice


@dataclass(frozen=True)
class Told:
    sentence: str
    # An address of this site, without its host.
    place: str


def letter(kind: str, context: dict[str, Any]) -> tuple[str, str]:
    """Subject and body."""
    words = render_to_string(f"notifications/{kind}.txt", {"site_url": settings.SITE_URL} | context)
    subject, _, body = words.strip().partition("\n")
    return " ".join(subject.split()), re.sub(r"\n{3,}", "\n\n", body).strip()


def told(notice: Notice) -> Told:
    """One notice as a list shows it: the subject of its letter, and the first address in it."""
    event = notice.event
    subject, body = letter(event.kind, {"about_id": event.about_id, "data": event.data})
    found = re.search(rf"^{re.escape(settings.SITE_URL)}(/\S*)$", body, re.MULTILINE)
    return Told(subject, found[1] if found else "/")

"""A person's notices, the newest first; the pages and the API show the same."""

from typing import Any

from carecollective import keyset
from carecollective.keyset import Key, Page
from notifications.models import Notice

# Counted without a gap for each person, and in the order in which things became visible.
LATEST_FIRST = (Key("number", keyset.number),)


def notices(member: Any, limit: int, cursor: str = "") -> Page[Notice]:
    return keyset.page(Notice.objects.visible_to(member).select_related("event"), LATEST_FIRST, limit, cursor)

"""The numbers in the header of every page: conversations with new words, new notices."""

import logging
from typing import Any

from django.db import Error as DatabaseFault
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from home import reads
from messaging.cards import capped

log = logging.getLogger("home.context")


def unread(request: HttpRequest) -> dict[str, Any]:
    """Asked when a page shows them, so what has no header (an answer of the API, a redirect) costs nothing."""
    return {"unread": SimpleLazyObject(lambda: _unread(request))}


def _unread(request: HttpRequest) -> dict[str, str]:
    try:
        found = reads.unread(request.user)  # type: ignore[arg-type]
    except DatabaseFault as problem:
        # A page is worth more than its numbers.
        log.error("unread_not_counted", extra={"problem": problem})
        found = reads.Unread()
    return {"messages": capped(found.messages), "notices": capped(found.notices)}

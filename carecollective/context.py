"""What every page knows: who is here, where they can go, how they like to read."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from carecollective.look import look

NAV = (
    ("Home", "home:home", "home"),
    ("Requests", "help_requests:list", "list"),
    ("Messages", "messaging:inbox", "chat"),
    ("Me", "members:me", "person"),
)


def site(request: HttpRequest) -> dict[str, Any]:
    member: Any = getattr(request, "user", None)
    signed_in = bool(member and member.is_authenticated)
    return {
        "member": member if signed_in else None,
        "nav_items": _nav(request) if signed_in and member.is_approved else [],
        "look": look(request),
        "is_public_page": not signed_in,
    }


def _nav(request: HttpRequest) -> list[dict[str, Any]]:
    """Only rooms that exist: a room that is not built yet has no address and so no item."""
    items = []
    for label, name, icon in NAV:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        here = request.path.startswith(url)
        items.append({"label": label, "room": name.partition(":")[0], "url": url, "icon": icon, "current": here})
    return items

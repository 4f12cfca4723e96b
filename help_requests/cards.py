"""A request in the words and signs our pages show it with."""

from typing import Any

from django.urls import reverse

from carecollective.templatetags.care import by_date
from help_requests.categories import BY_SLUG
from help_requests.models import HelpRequest, LocationPrivacy, Status, Urgency
from help_requests.reads import MOST_COUNTED
from members.models import Member

URGENCY_SIGNS = {Urgency.URGENT: ("clock", "warn"), Urgency.CRITICAL: ("alert", "danger")}
YOURS = {"words": "Yours", "icon": "person", "tone": "info"}
STATUS_SIGNS = {
    Status.OPEN: ("", "info"),
    Status.IN_PROGRESS: ("check", "ok"),
    Status.COMPLETED: ("check", "ok"),
    Status.CANCELLED: ("", "plain"),
    Status.CLOSED: ("", "plain"),
}
HIDDEN_TOWN = {
    LocationPrivacy.HELPERS_ONLY: "Shown to people who offer to help",
    LocationPrivacy.AFTER_MATCH: "Shown to the helper they say yes to",
}


def card(request: HelpRequest, member: Member) -> dict[str, Any]:
    """What `_request_card.html` takes."""
    return _card(request) | {"chips": chips(request, member)}


def own_card(request: HelpRequest) -> dict[str, Any]:
    """The same among one's own: that it is one's own needs no sign, where it stands always does."""
    return _card(request) | {"chips": [_status_sign(request), *_urgency_signs(request)]}


def page(request: HelpRequest, member: Member) -> dict[str, Any]:
    """What `help_requests/show.html` and `_facts.html` take; there, too, the lead says whose it is."""
    return {
        "help_request": request,
        "is_own": request.is_asked_by(member),
        "is_helper": request.is_helped_by(member),
        "chips": [*_unusual_status(request), *_urgency_signs(request)],
        "when": when(request),
        "place": place(request),
        "offered": offered(request),
    }


def how_many(count: int) -> str:
    if count > MOST_COUNTED:
        return f"More than {MOST_COUNTED:,} requests"
    return "1 request" if count == 1 else f"{count:,} requests"


def offered(request: HelpRequest) -> str:
    """While it can be offered on; nothing for none, which is no news and no reproach either."""
    count = getattr(request, "offers_standing", 0) if request.is_current and request.is_in_full else 0
    return f"{count} people offered" if count > 1 else "1 person offered" if count else ""


def when(request: HelpRequest) -> str:
    if request.is_ongoing:
        return "Ongoing"
    return by_date(request.needed_by) if request.needed_by else "Any day"


def place(request: HelpRequest) -> str:
    return request.shown_town or HIDDEN_TOWN.get(LocationPrivacy(request.location_privacy), "")


def chips(request: HelpRequest, member: Member) -> list[dict[str, str]]:
    mine = [YOURS] if request.is_asked_by(member) else []
    return [*mine, *_unusual_status(request), *_urgency_signs(request)]


def _card(request: HelpRequest) -> dict[str, Any]:
    return {
        "url": reverse("messaging:request", args=[request.pk]),
        "title": request.title,
        "topic": request.category_label,
        "topic_icon": BY_SLUG[request.category].icon,
        "town": request.shown_town,
        "when": when(request),
        "offers": offered(request),
    }


def _status_sign(request: HelpRequest) -> dict[str, str]:
    icon, tone = STATUS_SIGNS[Status(request.shown_status)]
    return {"words": str(Status(request.shown_status).label), "icon": icon, "tone": tone}


def _unusual_status(request: HelpRequest) -> list[dict[str, str]]:
    return [] if request.shown_status == Status.OPEN else [_status_sign(request)]


def _urgency_signs(request: HelpRequest) -> list[dict[str, str]]:
    if not request.is_current or request.urgency not in URGENCY_SIGNS:
        return []
    icon, tone = URGENCY_SIGNS[Urgency(request.urgency)]
    return [{"words": str(Urgency(request.urgency).label), "icon": icon, "tone": tone}]

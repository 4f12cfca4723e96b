"""A request in the words and signs our pages show it with."""

from typing import Any

from django.urls import reverse

from carecollective.templatetags.care import by_date
from help_requests.categories import BY_SLUG
from help_requests.models import HelpRequest, LocationPrivacy, Status, Urgency
from members.models import Member

URGENCY_SIGNS = {Urgency.URGENT: ("clock", "warn"), Urgency.CRITICAL: ("alert", "danger")}
YOURS = {"words": "Yours", "icon": "person", "tone": "info"}
HIDDEN_TOWN = {
    LocationPrivacy.HELPERS_ONLY: "Shown to people who offer to help",
    LocationPrivacy.AFTER_MATCH: "Shown to the helper they say yes to",
}


def card(request: HelpRequest, member: Member) -> dict[str, Any]:
    """What `_request_card.html` takes."""
    return {
        "url": reverse("messaging:request", args=[request.pk]),
        "title": request.title,
        "topic": request.category_label,
        "topic_icon": BY_SLUG[request.category].icon,
        "town": request.shown_town,
        "when": when(request),
        "chips": chips(request, member),
    }


def page(request: HelpRequest, member: Member) -> dict[str, Any]:
    """What `help_requests/show.html` and `_facts.html` take."""
    return {
        "help_request": request,
        "is_own": request.is_asked_by(member),
        "is_helper": request.is_helped_by(member),
        "chips": chips(request, member),
        "when": when(request),
        "place": place(request),
    }


def when(request: HelpRequest) -> str:
    if request.is_ongoing:
        return "Ongoing"
    return by_date(request.needed_by) if request.needed_by else "Any day"


def place(request: HelpRequest) -> str:
    return request.shown_town or HIDDEN_TOWN.get(LocationPrivacy(request.location_privacy), "")


def chips(request: HelpRequest, member: Member) -> list[dict[str, str]]:
    found = []
    if request.is_asked_by(member):
        found.append(YOURS)
    if request.shown_status != Status.OPEN:
        tone = "ok" if request.shown_status in (Status.IN_PROGRESS, Status.COMPLETED) else "plain"
        found.append({"words": Status(request.shown_status).label, "icon": "check", "tone": tone})
    if request.is_current and request.urgency in URGENCY_SIGNS:
        icon, tone = URGENCY_SIGNS[Urgency(request.urgency)]
        found.append({"words": Urgency(request.urgency).label, "icon": icon, "tone": tone})
    return found

"""What every answer to a signed-in person has in common."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from members.addresses import browser_zone
from members.zones import first_zone


class SignedIn:
    """Shows times in the person's zone, and keeps their pages out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(_zone(request)):
            response = self.get_response(request)
        private = request.session.accessed or request.path_info.startswith("/api/")
        if private and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response


def _zone(request: HttpRequest) -> ZoneInfo:
    """The zone a person chose, else the one their browser told, else the operator's; for a part, its page's own."""
    if request.path_info.startswith("/api/"):
        return ZoneInfo("UTC")
    chosen = request.user.time_zone if request.user.is_authenticated else ""
    return first_zone(request.headers.get("X-Zone", ""), chosen, browser_zone(request))

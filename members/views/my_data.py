"""What we hold about a person now, to read and to take away."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.timezone import localtime

from carecollective import ports
from carecollective.pages import takes
from members.doors import caller, signed_in
from members.models import Member
from members.zones import zone_in_words

ACCOUNT = {
    "name": "Your name",
    "called": "What we call you",
    "email": "Your email",
    "town": "Your town",
    "caregiving": "Your caregiving",
    "reason": "Why you want to join",
    "about": "About you",
    "time_zone": "Your time zone",
    "verification_status": "Your request to join",
    "email_confirmed_at": "Email checked",
    "rules_accepted_at": "Rules accepted",
    "applied_at": "Asked to join",
    "created_at": "Account made",
}


@takes("GET")
@signed_in
def my_data(request: HttpRequest) -> HttpResponse:
    rows = [(label, _shown(caller(request), name)) for name, label in ACCOUNT.items()]
    return render(request, "members/my_data.html", {"rows": rows, "changes": _changes(caller(request))})


@takes("GET")
@signed_in
def my_data_file(request: HttpRequest) -> HttpResponse:
    account = {name: getattr(caller(request), name) for name in ("id", *ACCOUNT)}
    answer = JsonResponse(
        {
            "account": account,
            "decisions": _changes(caller(request)),
            "tokens": _tokens(caller(request)),
            "blocked": _blocked(caller(request)),
            **{name: held.export(caller(request)) for name, held in ports.personal_data().items()},
        },
        json_dumps_params={"indent": 2, "ensure_ascii": False},
    )
    answer["Content-Disposition"] = 'attachment; filename="care-collective-my-data.json"'
    return answer


def _shown(member: Member, name: str) -> Any:
    if name == "verification_status":
        return member.get_verification_status_display()
    if name == "time_zone":
        return zone_in_words(member.time_zone) if member.time_zone else "As your device says"
    value = getattr(member, name)
    return date_format(localtime(value), "F j, Y, g:i A") if isinstance(value, datetime) else value


def _changes(member: Member) -> list[Any]:
    return list(member.verification_changes.values("from_status", "to_status", "reason", "created_at"))


def _tokens(member: Member) -> list[Any]:
    return list(member.tokens.values("name", "last_four", "created_at", "last_used_on"))


def _blocked(member: Member) -> list[Any]:
    return list(member.blocks_made.values("created_at", called=F("blocked__called")))

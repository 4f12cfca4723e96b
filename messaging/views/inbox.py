"""The list of one's conversations, the one with the newest words first: as a page, and beside an open one."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from carecollective.http import understood
from carecollective.keyset import or_first
from carecollective.logs import route_of
from carecollective.pages import takes
from members.doors import approved, caller
from members.models import Member
from messaging import reads
from messaging.cards import EMPTY, row
from messaging.models.words import Show

PAGE = 20


@takes("GET")
@approved
def inbox(request: HttpRequest) -> HttpResponse:
    asked, cursor = request.GET.get("show", Show.ALL), request.GET.get("cursor", "")
    show = Show(asked) if asked in Show.values else Show.ALL
    context: dict[str, Any] = {"show": show, "tabs": _tabs(), "is_strange": show != asked, "empty": EMPTY[show]}
    try:
        found, is_lost = or_first(partial(reads.shown, caller(request), show, PAGE), cursor)
    except Exception as problem:  # The page stands, says so, and has the way to try again.
        refusal = understood(problem, route_of(request))
        return render(request, "messaging/inbox.html", context | {"is_missing": True}, status=refusal.status)
    context["is_strange"] |= is_lost
    context["is_further"] = bool(cursor) and not is_lost
    return render(request, "messaging/inbox.html", context | _rows(found, caller(request)))


@takes("GET")
@approved
def beside(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The newest of them for the second pane of a wide screen, which asks for it by itself."""
    found = reads.shown(caller(request), Show.ALL, PAGE)
    context = _rows(found, caller(request)) | {"open_id": str(conversation_id)}
    return render(request, "messaging/_beside.html", context)


def _tabs() -> list[dict[str, str]]:
    """All of them is the plain address."""
    here = reverse("messaging:inbox")
    return [{"show": one, "words": one.label, "url": here if one == Show.ALL else f"{here}?show={one}"} for one in Show]


def _rows(found: dict[str, Any], member: Member) -> dict[str, Any]:
    return {"rows": [row(one, member) for one in found["rows"]], "next_cursor": found["next_cursor"]}

"""How the community is doing: charts, the requests nobody has offered on yet, and a file for a grant."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.timezone import now

from carecollective.desk import desk, may_open
from carecollective.errors import NotFound, Refusal
from carecollective.keyset import or_first
from carecollective.pages import takes
from help_requests.models import HelpRequest
from members.doors import caller
from members.models import Member
from messaging.services import asking_around
from moderation import community, community_words
from moderation.services import exporting


@takes("GET")
def show(request: HttpRequest) -> HttpResponse:
    page, _ = or_first(community.waiting, request.GET.get("cursor", ""))
    # More of the list is a page of its own: the figures were read, and cost most.
    is_first = not request.GET.get("cursor")
    context = {
        **desk.each_context(request),
        "title": "Community health",
        "parts": community_words.parts(community.figures()) if is_first else [],
        "waiting": _lines(request, page.rows),
        "waiting_point": community_words.waiting(community.how_many_wait()),
        "next": f"?{urlencode({'cursor': page.next_cursor})}" if page.next_cursor else "",
        "may_read": may_open(request, "help_requests_helprequest_change"),
        "may_ask": may_open(request, "moderation_helprequest_ask"),
        "is_first": is_first,
    }
    return render(request, "admin/moderation/community/show.html", context)


@takes("POST")
def export(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(exporting.export_community(caller(request)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="community-{now():%Y-%m-%d}.csv"'
    return answer


@takes("POST")
def ask_around(request: HttpRequest, helprequest_id: UUID) -> HttpResponse:
    try:
        people = asking_around.ask_around(caller(request), helprequest_id)
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, community_words.asked(people))
    return redirect("admin:moderation_community")


def _lines(request: HttpRequest, rows: list[HelpRequest]) -> list[dict[str, Any]]:
    asked = asking_around.lately_asked_for([row.pk for row in rows])
    return [_line(row, caller(request), row.pk in asked) for row in rows]


def _line(row: HelpRequest, reader: Member, was_asked: bool) -> dict[str, Any]:
    hours = int((now() - row.since).total_seconds() // 3600)  # type: ignore[attr-defined]
    return {
        "id": row.pk,
        "title": row.title,
        "topic": row.category_label,
        "waited": community_words.waited(hours),
        "was_asked": was_asked,
        "is_own": row.is_asked_by(reader),
    }


desk.add_pages(
    path("moderation/community/", desk.admin_view(show), name="moderation_community"),
    path("moderation/community/export/", desk.admin_view(export), name="moderation_community_export"),
    path(
        "moderation/community/<uuid:helprequest_id>/ask-around/",
        desk.admin_view(ask_around),
        name="moderation_helprequest_ask",
    ),
)

"""The queue and the pages of cases: every button calls a verb."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from carecollective.desk import StaffAdmin, desk, may_open
from carecollective.errors import NotFound, NotPermitted, NotValid, Refusal
from carecollective.keyset import or_first
from carecollective.pages import takes
from members.doors import caller
from moderation import reads_desk
from moderation.admin import case_page, ruling_page, words
from moderation.desk_forms import MORE, MoreForm, WhyForm
from moderation.models import Action, Case
from moderation.reads_desk import SOURCES, Filters
from moderation.services import cases, reading, resting
from moderation.services.reading import MORE_MOST

LONGEST_SEARCH = 50


@admin.register(Case, site=desk)
class CaseAdmin(StaffAdmin):
    """Pages of our own: nothing of the stock lists stays, so no address of theirs can show a column of ours."""

    def get_urls(self) -> list[Any]:
        one = "<uuid:case_id>/"
        pages = (
            ("", queue, "changelist"),
            (one, show, "change"),
            (f"{one}open/", take, "open"),
            (f"{one}let-go/", let_go, "let_go"),
            (f"{one}hand-on/", hand_on, "hand_on"),
            (f"{one}safety/", mark_safety, "safety"),
            (f"{one}decide/", ruling_page.decide, "decide"),
            (f"{one}more/", read_more, "more"),
            (f"{one}again/", read_again, "again"),
        )
        return [path(route, desk.admin_view(view), name=f"moderation_case_{name}") for route, view, name in pages]


@takes("GET")
def queue(request: HttpRequest) -> HttpResponse:
    filters = _filters(request)
    moderator = caller(request)
    found, _ = or_first(lambda cursor: reads_desk.queue(moderator, filters, cursor), request.GET.get("cursor", ""))
    context = {
        **desk.each_context(request),
        "title": "Cases",
        "filters": filters,
        "lines": [words.of_row(row) for row in found.rows],
        "sources": SOURCES,
        "actions": Action.choices,
        "next": _next(request, found.next_cursor),
        "needs_a_break": resting.needs_a_break(moderator),
        "may_open": may_open(request, "moderation_case_open"),
        "may_answer": may_open(request, "moderation_question_answer"),
    }
    if not found.rows:
        closed = reads_desk.last_closed()
        context["last_closed"] = words.ago(closed) if closed else ""
    return render(request, "admin/moderation/case/queue.html", context)


@takes("GET")
def show(request: HttpRequest, case_id: UUID) -> HttpResponse:
    return case_page.show(request, case_page.case_for(request, case_id))


@takes("POST")
def take(request: HttpRequest, case_id: UUID) -> HttpResponse:
    try:
        cases.claim(caller(request), case_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return case_page.conflict(request, case_page.case_for(request, case_id), refusal, {})
    return redirect("admin:moderation_case_change", case_id)


@takes("POST")
def let_go(request: HttpRequest, case_id: UUID) -> HttpResponse:
    case = cases.let_go(caller(request), case_id)
    messages.success(request, f"{case} is back in the queue.")
    return redirect("admin:moderation_case_changelist")


@takes("POST")
def hand_on(request: HttpRequest, case_id: UUID) -> HttpResponse:
    form = WhyForm(request.POST)
    if not form.is_valid():
        return _with_why(request, case_id, form)
    try:
        case = cases.hand_on(caller(request), case_id, form.cleaned_data["why"])
    except Refusal as refusal:
        return _refused(request, case_id, refusal, form)
    messages.success(request, f"{case} is back in the queue, for another moderator.")
    return redirect("admin:moderation_case_changelist")


@takes("POST")
def mark_safety(request: HttpRequest, case_id: UUID) -> HttpResponse:
    case_page.case_for(request, case_id)
    try:
        case = cases.mark_safety(caller(request), case_id, request.POST.get("is_safety") == "yes")
    except NotFound:
        raise
    except Refusal as refusal:
        return case_page.conflict(request, case_page.case_for(request, case_id), refusal, {})
    messages.success(request, "Marked as safety." if case.is_safety else "Not marked as safety any more.")
    return redirect("admin:moderation_case_change", case_id)


@takes("POST")
def read_again(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Shown in the answer to the form and at no address of its own: each reading has its reason."""
    form = WhyForm(request.POST)
    case = case_page.case_for(request, case_id)
    if case.is_open:
        return redirect("admin:moderation_case_change", case_id)
    if not form.is_valid():
        return case_page.facts(request, case, status=NotValid.status, why_form=form)
    try:
        file = reading.read_decided(caller(request), case_id, form.cleaned_data["why"])
    except NotPermitted as refusal:
        return case_page.conflict(request, case, refusal, {})
    return case_page.in_full(request, file)


@takes("POST")
def read_more(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Further away in the chat, ten by ten; shown in the answer to the form, like every reading with a reason."""
    form = MoreForm(request.POST)
    case = case_page.case_for(request, case_id)
    if not form.is_valid():
        return case_page.show(request, case, status=NotValid.status, more_form=form)
    asked = form.cleaned_data
    file = reading.read_more(caller(request), case_id, asked["why"], asked["more"])
    more = asked["more"] + MORE
    # Beyond the most there is nothing to offer.
    next_form = MoreForm(initial=asked | {"more": more}) if more <= MORE_MOST else None
    return case_page.in_full(request, file, more_form=next_form)


def _with_why(request: HttpRequest, case_id: UUID, form: WhyForm) -> HttpResponse:
    case = case_page.case_for(request, case_id)
    return case_page.show(request, case, status=NotValid.status, why_form=form, asks_another=True)


def _refused(request: HttpRequest, case_id: UUID, refusal: Refusal, form: WhyForm) -> HttpResponse:
    if isinstance(refusal, NotFound):
        raise refusal
    typed = {"Why": str(form.data.get("why", ""))}
    return case_page.conflict(request, case_page.case_for(request, case_id), refusal, typed)


def _filters(request: HttpRequest) -> Filters:
    """What cannot be meant counts as not chosen."""
    asked = request.GET
    state, source, action = (asked.get(name, "") for name in ("state", "source", "action"))
    return Filters(
        state="decided" if state == "decided" else "open",
        source=source if source in SOURCES else "",
        safety=asked.get("safety") == "yes",
        mine=asked.get("mine") == "yes",
        q=asked.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH],
        action=action if action in Action.values else "",
    )


def _next(request: HttpRequest, cursor: str | None) -> str:
    if not cursor:
        return ""
    asked = request.GET.copy()
    asked["cursor"] = cursor
    return f"?{asked.urlencode()}"

"""Decisions as a list, and what can be done about one: confirm a ban or say no, undo, take back."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from carecollective.desk import StaffAdmin, desk
from carecollective.errors import NotFound, Refusal
from carecollective.pages import takes
from members.doors import caller
from moderation import reads_desk
from moderation.admin import case_page
from moderation.desk_forms import ReverseForm
from moderation.models import Decision
from moderation.services import deciding, undoing

CONFIRMED = "The ban is confirmed. You can undo it for 10 minutes."
REFUSED = "You said no to the ban. The case is open as before."
UNDONE = "Undone. The case is open again, and it is yours."
REVERSED = "Taken back. Everybody who had heard of it is told."


@admin.register(Decision, site=desk)
class DecisionAdmin(StaffAdmin):
    """Facts only; facts, words and quotes are sealed, and are read on the page of their case."""

    list_display = ("decided_at", "case", "action", "rule", "until", "affected", "decided_by", "standing")
    list_filter = ("action", "standing", "rule", "found_by_rule", "decided_at")
    list_select_related = ("case", "affected", "decided_by")
    search_fields = ("=case__number", "affected__called")
    ordering = ("-decided_at", "-id")
    list_per_page = 50
    show_full_result_count = False
    fields = (
        "page_of_the_case",
        "affected",
        "action",
        "rule",
        "until",
        "hides",
        "found_by_rule",
        "standing",
        "decided_by",
        "decided_at",
        "seconded_by",
        "told_at",
        "undone_by",
        "undone_at",
        "overturned_by",
    )
    readonly_fields = ("page_of_the_case",)

    @admin.display(description="case")
    def page_of_the_case(self, decision: Decision) -> SafeString:
        return format_html('<a href="/admin/moderation/case/{}/">{}</a>', decision.case_id, decision.case)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        return super().get_queryset(request).filter(case__in=reads_desk.cases_for(caller(request)))

    def get_urls(self) -> list[Any]:
        acts = (("confirm", confirm), ("refuse", refuse), ("undo", undo), ("reverse", reverse))
        own = [
            path(f"<uuid:decision_id>/{name}/", desk.admin_view(view), name=f"moderation_decision_{name}")
            for name, view in acts
        ]
        return own + super().get_urls()


@takes("POST")
def confirm(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    version = request.POST.get("version", "")
    agree = partial(deciding.confirm, version=int(version) if version.isdecimal() and len(version) < 9 else 0)
    return _done(request, decision_id, agree, CONFIRMED)


@takes("POST")
def refuse(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    return _done(request, decision_id, deciding.refuse, REFUSED)


@takes("POST")
def undo(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    return _done(request, decision_id, undoing.undo, UNDONE)


@takes("POST")
def reverse(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    form = ReverseForm(request.POST)
    decision = _one(request, decision_id)
    if not form.is_valid():
        return case_page.facts(request, decision.case, status=400, reverse_form=form)
    try:
        done = undoing.reverse(caller(request), decision_id, form.cleaned_data["why"], form.cleaned_data["words"])
    except Refusal as refusal:
        return case_page.facts(request, decision.case, status=refusal.status, refusal=refusal, reverse_form=form)
    say(request, done, REVERSED)
    return redirect("admin:moderation_case_change", decision.case_id)


def say(request: HttpRequest, done: Decision, words: str) -> None:
    """What was done, and what could not be."""
    messages.success(request, words)
    if done.left_undone:
        messages.warning(request, done.left_undone)


def _done(request: HttpRequest, decision_id: UUID, verb: Any, words_of_it: str) -> HttpResponse:
    decision = _one(request, decision_id)
    try:
        done = verb(caller(request), decision_id)
    except Refusal as refusal:
        return case_page.conflict(request, decision.case, refusal, {})
    say(request, done, words_of_it)
    return redirect("admin:moderation_case_change", decision.case_id)


def _one(request: HttpRequest, decision_id: UUID) -> Decision:
    decision = Decision.objects.filter(pk=decision_id).first()
    if decision is None:
        raise NotFound()
    decision.case = case_page.case_for(request, decision.case_id)
    return decision

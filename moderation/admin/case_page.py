"""The page of one case, in each of its states."""

from operator import attrgetter
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import Truncator
from django.utils.timezone import localtime

from carecollective.desk import desk, may_open
from carecollective.errors import NotPermitted, Refusal
from members.doors import caller
from moderation import reads_desk
from moderation.admin import words
from moderation.admin.exhibits import OPEN_MOST, exhibits_of
from moderation.admin.who import Person, appealed, people_of, upheld_of
from moderation.desk_forms import MoreForm, ReverseForm, RulingForm, WhyForm
from moderation.models import Action, Case, Decision, Phrase, Standing
from moderation.services import effects, reading
from moderation.services.eligible import PART_OF_IT, can_take_back, decides_alone, parties
from moderation.services.phrasing import fill
from moderation.services.reading import CaseFile, Line
from moderation.services.ruling import Ruling
from moderation.statements import day

QUOTE_MOST = 200
# Whom it is about, and then as many as reports stand open.
PEOPLE_MOST = 1 + OPEN_MOST


def case_for(request: HttpRequest, case_id: UUID) -> Case:
    """Its facts. Whoever is part of it learns nothing from here, not even who else is."""
    case = Case.objects.one(case_id)
    if caller(request).pk in parties(case):
        raise NotPermitted(PART_OF_IT)
    return case


def show(request: HttpRequest, case: Case, **more: Any) -> HttpResponse:
    """Facts; where the case is this moderator's, what happened, who, and the form to decide."""
    moderator = caller(request)
    if case.merged_into_id:
        return redirect("admin:moderation_case_change", case.merged_into_id)
    if case.is_open and case.is_with(moderator):
        return in_full(request, reading.read(moderator, case.pk), **more)
    return facts(request, case, **more)


def facts(request: HttpRequest, case: Case, *, status: int = 200, **more: Any) -> HttpResponse:
    context = _frame(request, case) | {"proposal": _told(_proposed(case))} | more
    decision = case.decision
    if decision:
        decision = Decision.objects.select_related("affected", "decided_by", "seconded_by").get(pk=decision.pk)
        context |= {"decision": decision, "did": words.did(decision), "rule_line": words.rule_line(decision.rule)}
        context.setdefault("reverse_form", ReverseForm())
    context.setdefault("why_form", WhyForm())
    return render(request, "admin/moderation/case/facts.html", context, status=status)


def in_full(
    request: HttpRequest, file: CaseFile, form: RulingForm | None = None, *, status: int = 200, **more: Any
) -> HttpResponse:
    moderator, case = caller(request), file.case
    people = people_of(file, moderator)
    context = _frame(request, case) | {"file": file, "exhibits": exhibits_of(file)}
    context |= {"people": people[:PEOPLE_MOST], "more_people": people[PEOPLE_MOST:]}
    context |= {"original": _told(appealed(file)), "proposal": _told(_proposed(case)), "why_form": WhyForm()}
    if case.is_open and reading.can_read_more(case):
        context["more_form"] = MoreForm()
    if not context["proposal"] and case.is_open:
        form = form or RulingForm(initial=_begun(file), case=case, moderator=moderator)
        context |= {"form": form, "phrases": _phrases(file), "suggested": _suggested(case, people)}
        context["alone"] = decides_alone(moderator, case)
    return render(request, "admin/moderation/case/case.html", context | more, status=status)


def conflict(request: HttpRequest, case: Case, refusal: Refusal, typed: dict[str, str]) -> HttpResponse:
    """Somebody was faster, or has it now: said in words, with everything that was typed still there."""
    return facts(request, case, status=refusal.status, refusal=refusal, typed=typed)


def filled_with(file: CaseFile, phrase: Phrase, ruling: Ruling) -> dict[str, str]:
    words_to_them, to_reporter = fill(phrase, file.case, ruling, quote_of(file))
    return {"words": words_to_them, "reporter_words": to_reporter}


def quote_of(file: CaseFile) -> str:
    line = _line_about(file)
    return Truncator(line.said).chars(QUOTE_MOST) if line else ""


def _frame(request: HttpRequest, case: Case) -> dict[str, Any]:
    moderator = caller(request)
    return {
        **desk.each_context(request),
        "title": f"Case {case.number}",
        "case": case,
        "moderator": moderator,
        "line": words.of_row(reads_desk.one(moderator, case)),
        "holder": case.held_by,
        "may_open": may_open(request, "moderation_case_open"),
        "may_mark": may_open(request, "moderation_case_safety"),
        "may_read_again": may_open(request, "moderation_case_again"),
        "may_reverse": may_open(request, "moderation_decision_reverse") and can_take_back(moderator, case),
    }


def _line_about(file: CaseFile) -> Line | None:
    """As it stood when it was first reported or found: what was written over it later is not why it is here."""
    exhibits = sorted(file.exhibits, key=attrgetter("sealed_at"))
    lines = [line for exhibit in exhibits for line in exhibit.lines if line.said]
    return next((line for line in lines if line.is_about), None)


def _begun(file: CaseFile) -> dict[str, Any]:
    """What was looked at, as a beginning that can be changed."""
    line = _line_about(file)
    begun: dict[str, Any] = {"version": file.case.version}
    if line and line.at and not file.case.is_appeal:
        begun["facts"] = f"On {day(localtime(line.at))} you wrote: “{quote_of(file)}”"
    return begun


def _phrases(file: CaseFile) -> list[dict[str, Any]]:
    """Ready words that fit, filled with what we know."""
    names = ("appeal_kept", "appeal_changed")
    found = Phrase.objects.newest()
    found = found.filter(name__in=names) if file.case.is_appeal else found.exclude(name__in=names)
    return [{"phrase": phrase, **filled_with(file, phrase, Ruling(Action.WARN))} for phrase in found]


def _suggested(case: Case, people: list[Person]) -> str:
    if case.is_appeal:
        return ""
    return words.suggested(effects.suggestion(case.author), upheld_of(case.author))


def _proposed(case: Case) -> Decision | None:
    waiting = case.decisions.filter(standing=Standing.WAITING)
    return waiting.select_related("affected", "decided_by").first()


def _told(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {"decision": decision, "did": words.did(decision), "rule_line": words.rule_line(decision.rule)}

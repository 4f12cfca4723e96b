"""What each person will read, before anything is decided: made by what will make it."""

from dataclasses import dataclass

from members.models import Member
from moderation.models import Appeal, Case, Decision, Report, Side
from moderation.services.answering import place_of
from moderation.services.deciding import draft
from moderation.services.ruling import Ruling
from moderation.statements import answer, outcome, statement
from notifications import words


@dataclass(frozen=True)
class Preview:
    """One person, what arrives by mail and in the list of news, and what stands on the page it leads to."""

    called: str
    role: str
    subject: str
    mail: str
    page: tuple[str, ...]


def preview(moderator: Member, case: Case, ruling: Ruling) -> list[Preview]:
    ruling.must_fit(case, moderator)
    decision = draft(moderator, case, ruling)
    if decision.is_on_appeal:
        return [_appellant(appeal, decision) for appeal in case.appeals.select_related("appellant").with_what_follows()]
    affected = [_affected(decision)] if decision.is_breach else []
    return affected + [_reporter(report, decision) for report in case.reports.select_related("reporter")]


def _affected(decision: Decision) -> Preview:
    mail = words.letter("decision_made", {"called": decision.affected.called, "about_id": decision.pk})
    return Preview(decision.affected.called, "Whom it is about", *mail, tuple(statement(decision).paragraphs))


def _reporter(report: Report, decision: Decision) -> Preview:
    data = {"acted": decision.is_breach, "number": decision.case.number}
    mail = words.letter("report_answered", {"called": report.reporter.called, "about_id": report.pk, "data": data})
    return Preview(report.reporter.called, "Who reported it", *mail, (outcome(decision),))


def _appellant(appeal: Appeal, decision: Decision) -> Preview:
    page, about = place_of(appeal)
    called = appeal.appellant.called
    said = answer(decision, Side(appeal.side), opens_again=appeal.opens_again)
    mail = words.letter("appeal_answered", {"called": called, "about_id": about.pk, "data": {"page": page}})
    return Preview(called, "Who asked us to look again", *mail, tuple(said))

"""Answering who asked for another look at a decision: it is kept, or taken back with everything it did."""

from uuid import UUID

from django.db.models.functions import Now

import notifications.services as notifications
from carecollective.errors import NotPermitted
from members.models import Member
from moderation.models import Action, Appeal, Case, Decision, Report, Side, Standing
from moderation.models.words import REPORT_PROMISE
from moderation.services import effects
from moderation.services.holding import change
from moderation.services.reopening import open_again
from notifications.services import News

NOT_TOLD = "People hear of this decision ten minutes after it was made. Please answer then."


def must_be_answerable(case: Case) -> None:
    """Another look is answered while the decision stands, and when everybody has heard of it."""
    if not case.is_appeal:
        return
    decision = Decision.objects.get(pk=case.target_id)
    decision.must_stand()
    if decision.told_at is None:
        raise NotPermitted(NOT_TOLD)


def answer_appeals(case: Case, answer: Decision, moderator: Member) -> None:
    """Kept, or taken back; either way whoever asked hears of it now: there is nothing to undo in an answer."""
    appeals = list(case.appeals.select_related("decision", "appellant").with_what_follows())
    decision = Decision.objects.locked(case.target_id)
    change(answer, told_at=Now())
    news = [_answered(appeal, moderator) for appeal in appeals]
    if answer.action == Action.OVERTURN:
        # Whoever had heard of it; once it is open again, others may have come to it.
        news += news_for_others(decision, [appeal.appellant_id for appeal in appeals], moderator)
        overturn(decision, answer, moderator, opens_again=appeals[0].opens_again)
    notifications.record_each(news)


def overturn(decision: Decision, by: Decision, moderator: Member, *, opens_again: bool) -> None:
    """A later decision takes this one back, with everything it did."""
    decision.must_stand()
    change(decision, standing=Standing.OVERTURNED, overturned_by=by)
    effects.take_back(decision, moderator, "The decision was taken back.", is_open_again=opens_again)
    by.left_undone = decision.left_undone
    if opens_again:
        # Words that it let out wait no more.
        is_held = decision.case.is_held and decision.is_breach
        Case.objects.filter(pk=decision.case_id).update(due_at=Now() + REPORT_PROMISE, is_held=is_held)
        open_again(decision.case)


def news_for_others(decision: Decision, told: list[UUID], moderator: Member) -> list[News]:
    """A decision was taken back: whoever it was about, and whoever had heard of it, unless they were told already."""
    news = []
    if decision.is_breach and decision.affected_id not in told:
        news.append(News("decision_reversed", decision, decision.affected, moderator))
    facts = {"number": decision.case.number}
    reports = decision.case.reports.exclude(reporter__in=told).select_related("reporter")
    return news + [News("outcome_changed", report, report.reporter, facts=facts) for report in reports]


def place_of(appeal: Appeal) -> tuple[str, Decision | Report]:
    """Where its answer is read."""
    if appeal.side == Side.AFFECTED:
        return "decisions", appeal.decision
    return "reports", Report.objects.get(case=appeal.decision.case_id, reporter=appeal.appellant_id)


def _answered(appeal: Appeal, moderator: Member) -> News:
    page, about = place_of(appeal)
    return News("appeal_answered", about, appeal.appellant, moderator, {"page": page})

"""Asking for another look at a decision; somebody else takes it."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.timezone import now

import audit.services as audit
from carecollective.errors import AlreadyReported, NotFound, NotPermitted
from carecollective.ports import Target
from members import limits
from members.models import Member
from moderation.models import Appeal, Case, Decision, Report, Side, Source, Subject
from moderation.models.words import APPEAL_PROMISE_DAYS
from moderation.services import cases

ASKED_ALREADY = "You asked us to look at this again. A person will."
TOO_LATE = "The time to ask for another look at this decision is over."
NOT_YET = "There is no decision yet that we could look at again."


@transaction.atomic
def appeal_decision(member: Member, decision_id: UUID, words: str) -> Appeal:
    """By the person it is about; who is paused, banned or sent away may do this, too."""
    decision = Decision.objects.one_about(member, decision_id)
    return _appeal(member, decision, Side.AFFECTED, words)


@transaction.atomic
def appeal_report(member: Member, report_id: UUID, words: str) -> Appeal:
    """By whoever reported it and thinks we decided wrongly; from when they were told."""
    report = Report.objects.one_of(member, report_id)
    decision = report.case.decision
    if decision is None or decision.told_at is None:
        raise NotPermitted(NOT_YET)
    return _appeal(member, decision, Side.REPORTER, words)


def _appeal(member: Member, decision: Decision, side: Side, words: str) -> Appeal:
    if decision.is_on_appeal:
        raise NotFound()
    if Appeal.objects.by(member, decision.pk):
        raise AlreadyReported(ASKED_ALREADY)
    # Whoever undoes it now waits for us, or we see that it is undone. The case of the second look comes after what it
    # is about, as everywhere.
    _must_be_open_to_it(Decision.objects.locked(decision.pk))
    case = _case(decision)
    appeal = Appeal(decision=decision, appellant=member, side=side, case=case)
    appeal.clear_words = words
    # The constraint decides which of two at once it is.
    Appeal.objects.bulk_create([appeal], ignore_conflicts=True)
    if not Appeal.objects.filter(pk=appeal.pk).exists():
        raise AlreadyReported(ASKED_ALREADY)
    # After the row, so that one who says it twice hears that, and it does not count.
    limits.take(limits.APPEALS, member.pk)
    audit.record("appeal_made", actor=member, subject=appeal, case_id=appeal.case_id, side=str(side))
    return appeal


def _must_be_open_to_it(decision: Decision) -> None:
    if decision.waits:
        raise NotPermitted(NOT_YET)
    decision.must_stand()
    if now() > decision.appeal_until:
        raise NotPermitted(TOO_LATE)


def _case(decision: Decision) -> Case:
    """One case for everybody who asks about this decision."""
    origin = decision.case
    target = Target(Subject.DECISION, decision.pk, decision.affected_id, "", conversation_id=origin.conversation_id)
    case = cases.fold(target, Source.APPEAL, is_safety=False)
    Case.objects.filter(pk=case.pk, version=1).update(due_at=working_days_from_now(APPEAL_PROMISE_DAYS))
    return case


def working_days_from_now(days: int) -> datetime:
    moment = now()
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < 5
    return moment

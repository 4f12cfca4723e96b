"""Taking a decision back: within ten minutes as if it had never been, later by another one that says why."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.timezone import now

import audit.services as audit
import notifications.services as notifications
from carecollective.errors import NotPermitted, NotValid
from carecollective.text import is_blank
from members.models import Member
from moderation.models import Action, Case, CaseState, Decision, Standing
from moderation.models.phrase import must_be_finished
from moderation.services import effects
from moderation.services.answering import news_for_others
from moderation.services.cases import must_say_why
from moderation.services.eligible import must_be_able_to_take_back
from moderation.services.holding import change, locked_with_case
from moderation.services.reopening import open_again

SENT_ALREADY = "The words have been sent, and may have been read. You can hide them by a report of your own."
ASKED_AGAIN = "Somebody asked for another look at this decision. Answer that instead."
NOT_TOLD = "Nobody has heard of this yet. You can still undo it, or wait until its ten minutes are over."


@transaction.atomic
def undo(moderator: Member, decision_id: UUID) -> Decision:
    """Nobody has had a mail, and nobody gets one: the case is open again, with whoever undid it."""
    decision = _to_be_taken_back(moderator, decision_id)
    if decision.case.is_held and not decision.is_breach:
        raise NotPermitted(SENT_ALREADY)
    decision.must_be_undoable()
    change(decision, standing=Standing.UNDONE, undone_by=moderator, undone_at=Now())
    effects.take_back(decision, moderator, "The decision was undone.", is_open_again=True)
    open_again(decision.case)
    Case.objects.filter(pk=decision.case_id).update(**decision.case.claim_of(moderator))
    audit.record("decision_undone", actor=moderator, subject=decision, case_id=decision.case_id)
    return decision


@transaction.atomic
def reverse(moderator: Member, decision_id: UUID, why: str, words: str) -> Decision:
    """For ever possible, by a new decision; the person reads `words`."""
    must_say_why(why)
    if is_blank(words):
        raise NotValid(fields={"words": ["Please write what the person reads."]})
    must_be_finished("words", words)
    decision = _to_be_taken_back(moderator, decision_id)
    if not decision.is_breach:
        raise NotValid("There is nothing to take back. A new report opens a new case.")
    if decision.is_in_force and decision.told_at is None:
        raise NotPermitted(NOT_TOLD)
    by = _reversal(moderator, decision, why, words)
    # The one in force steps aside first: a case has one standing decision.
    decision.must_stand()
    change(decision, standing=Standing.OVERTURNED, overturned_by=by)
    by.save(force_insert=True)
    effects.take_back(decision, moderator, why, is_open_again=False)
    by.left_undone = decision.left_undone
    Case.objects.filter(pk=decision.case_id).update(decision=by)
    notifications.record_each(news_for_others(decision, [], moderator))
    audit.record("case_decided", actor=moderator, subject=by, reason=why, case_id=by.case_id, did=str(by.action))
    return by


def _to_be_taken_back(moderator: Member, decision_id: UUID) -> Decision:
    decision = locked_with_case(decision_id)
    must_be_able_to_take_back(moderator, decision.case)
    if decision.appeals.filter(case__state=CaseState.OPEN).exists():
        raise NotPermitted(ASKED_AGAIN)
    return decision


def _reversal(moderator: Member, decision: Decision, why: str, words: str) -> Decision:
    by = Decision(
        case=decision.case,
        affected=decision.affected,
        action=Action.OVERTURN,
        decided_by=moderator,
        decided_at=now(),
        standing=Standing.IN_FORCE,
        counts_from=now(),
        told_at=now(),
    )
    by.clear_facts, by.clear_words, by.clear_reporter_words = why, words, ""
    return by

"""Deciding a case: one moderator, one ruling, everything it does in one transaction."""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

import audit.services as audit
from carecollective.errors import CaseAlreadyDecided, NotPermitted
from members.models import Member
from moderation.models import Case, CaseState, Decision, Report, Standing, Status
from moderation.services import answering, effects
from moderation.services.eligible import PROPOSED, must_be_able_to_take
from moderation.services.holding import change, locked_case, locked_with_case
from moderation.services.ruling import Ruling
from moderation.statements import found_by_rule


@transaction.atomic
def decide(moderator: Member, case_id: UUID, version: int, ruling: Ruling) -> Decision:
    """On what the moderator has read (`version`); a ban without a second moderator or a reason waits for one."""
    case = locked_case(case_id)
    case.must_be_open()
    case.must_be_of(version)
    case.must_be_with(moderator)
    must_be_able_to_take(moderator, case)
    must_not_wait(case)
    answering.must_be_answerable(case)
    ruling.must_fit(case, moderator)
    decision = draft(moderator, case, ruling)
    decision.save(force_insert=True)
    if decision.waits:
        effects.protect(decision, moderator)
        _back_to_the_queue(case, moderator)
    else:
        _close(case, decision, moderator)
    _on_record("case_decided", moderator, decision)
    return decision


@transaction.atomic
def confirm(second: Member, decision_id: UUID, version: int) -> Decision:
    """The second moderator agrees, on what they have read: now the ban is in force."""
    decision = _waiting(second, decision_id)
    decision.case.must_be_of(version)
    changes = {"standing": Standing.IN_FORCE, "seconded_by": second, "counts_from": now()}
    change(decision, **changes)
    _close(decision.case, decision, second)
    _on_record("decision_confirmed", second, decision)
    return decision


@transaction.atomic
def refuse(second: Member, decision_id: UUID) -> Decision:
    """The second moderator does not: the case is open as before, and nobody hears of it."""
    decision = _waiting(second, decision_id)
    change(decision, standing=Standing.REFUSED)
    effects.take_back(decision, second, "The second moderator did not agree.", is_open_again=True)
    Case.objects.filter(pk=decision.case_id).update(handed_on_by=None, version=F("version") + 1)
    _on_record("decision_refused", second, decision)
    return decision


def draft(moderator: Member, case: Case, ruling: Ruling) -> Decision:
    """As it would be stored: the preview shows exactly this."""
    decision = Decision(
        case=case,
        affected=case.author,
        action=ruling.action,
        rule=ruling.rule if ruling.is_breach else None,
        until=ruling.until,
        look_again_on=ruling.look_again_on if ruling.is_breach else None,
        hides=ruling.hides and ruling.is_breach,
        found_by_rule=found_by_rule(case),
        decided_by=moderator,
        decided_at=ruling.at,
        standing=Standing.WAITING if ruling.waits_for_a_second else Standing.IN_FORCE,
        alone_because=ruling.alone_because.strip(),
        counts_from=None if ruling.waits_for_a_second else ruling.at,
    )
    decision.clear_facts = ruling.facts
    decision.clear_words = ruling.words
    decision.clear_reporter_words = ruling.reporter_words
    return decision


def must_not_wait(case: Case) -> None:
    if case.decisions.filter(standing=Standing.WAITING).exists():
        raise CaseAlreadyDecided("A ban is proposed here. Confirm it, or say no to it, first.", case_id=case.pk)


def _waiting(second: Member, decision_id: UUID) -> Decision:
    decision = locked_with_case(decision_id)
    case = decision.case
    if not decision.waits:
        case.must_be_open()
        raise CaseAlreadyDecided(case_id=case.pk)
    if decision.decided_by_id == second.pk:
        raise NotPermitted(PROPOSED)
    must_be_able_to_take(second, case)
    case.must_be_with(second)
    return decision


def _close(case: Case, decision: Decision, moderator: Member) -> None:
    """In force: the case is decided, its reports have their outcome, and what protects works from here on."""
    Case.objects.filter(pk=case.pk).update(
        state=CaseState.DECIDED, decision=decision, version=F("version") + 1, **case.claim_of(None)
    )
    Report.objects.filter(case=case).update(status=Status.DECIDED)
    if decision.is_on_appeal:
        answering.answer_appeals(case, decision, moderator)
    else:
        effects.apply(decision, moderator)


def _back_to_the_queue(case: Case, moderator: Member) -> None:
    Case.objects.filter(pk=case.pk).update(handed_on_by=moderator, version=F("version") + 1, **case.claim_of(None))


def _on_record(action: str, moderator: Member, decision: Decision) -> None:
    audit.record(
        action,
        actor=moderator,
        subject=decision,
        reason=decision.alone_because,
        case_id=decision.case_id,
        did=str(decision.action),
        rule=decision.rule,
    )

"""Deciding a case: one moderator, one ruling, everything it does in one transaction."""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.timezone import now

import audit.services as audit
import notifications.services as notifications
from carecollective.errors import CaseAlreadyDecided, NotFound, NotPermitted
from help_requests.models import HelpRequest
from members.models import Member
from messaging.models import Conversation
from moderation.models import Action, Appeal, Case, CaseState, Decision, Report, Side, Standing, Status, Subject
from moderation.models.words import REPORT_PROMISE
from moderation.services import effects
from moderation.services.eligible import must_be_able_to_take
from moderation.services.ruling import Ruling
from moderation.statements import found_by_rule
from notifications.services import News

SOMEBODY_ELSE = "You proposed this ban, so another moderator confirms it."


@transaction.atomic
def decide(moderator: Member, case_id: UUID, version: int, ruling: Ruling) -> Decision:
    """On what the moderator has read (`version`); a ban without a second moderator or a reason waits for one."""
    case = _held(case_id)
    case.must_be_open()
    case.must_be_of(version)
    case.must_be_with(moderator)
    must_be_able_to_take(moderator, case)
    must_not_wait(case)
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
def confirm(second: Member, decision_id: UUID) -> Decision:
    """The second moderator agrees: now the ban is in force."""
    decision = _waiting(second, decision_id)
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


def locked_with_case(decision_id: UUID) -> Decision:
    """What it is about, its case, then the decision itself."""
    case_id = Decision.objects.filter(pk=decision_id).values_list("case", flat=True).first()
    if case_id is None:
        raise NotFound()
    _held(case_id)
    return Decision.objects.locked(decision_id)


def hold_place(case: Case) -> None:
    """What it is about, before the case and the people: the order of locks everywhere."""
    for appeal in Appeal.objects.select_related("decision__case").filter(case=case):
        hold_place(appeal.decision.case)
    if case.target_kind == Subject.HELP_REQUEST:
        HelpRequest.objects.hold(case.target_id)
    if case.conversation_id:
        Conversation.objects.hold(case.conversation_id)


def must_not_wait(case: Case) -> None:
    if case.decisions.filter(standing=Standing.WAITING).exists():
        raise CaseAlreadyDecided("A ban is proposed here. Confirm it, or say no to it, first.", case_id=case.pk)


def _held(case_id: UUID) -> Case:
    hold_place(Case.objects.one(case_id))
    return Case.objects.locked(case_id)


def _waiting(second: Member, decision_id: UUID) -> Decision:
    decision = locked_with_case(decision_id)
    case = decision.case
    if not decision.waits:
        case.must_be_open()
        raise CaseAlreadyDecided(case_id=case.pk)
    if decision.decided_by_id == second.pk:
        raise NotPermitted(SOMEBODY_ELSE)
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
        _answer_appeal(case, decision, moderator)
    else:
        effects.apply(decision, moderator)


def _answer_appeal(case: Case, answer: Decision, moderator: Member) -> None:
    """Kept, or taken back; either way whoever asked hears of it now: there is nothing to undo in an answer."""
    appeals = list(Appeal.objects.select_related("decision__case", "decision__affected", "appellant").filter(case=case))
    decision = appeals[0].decision
    change(answer, told_at=Now())
    news = [_answered(appeal, moderator) for appeal in appeals]
    if answer.action == Action.OVERTURN:
        overturn(decision, answer, moderator, opens_again=any(appeal.side == Side.REPORTER for appeal in appeals))
        news += news_for_others(decision, [appeal.appellant_id for appeal in appeals], moderator)
    notifications.record_each(news)


def _answered(appeal: Appeal, moderator: Member) -> News:
    page, about = place_of(appeal)
    return News("appeal_answered", about, appeal.appellant, moderator, {"page": page})


def news_for_others(decision: Decision, told: list[UUID], moderator: Member) -> list[News]:
    """A decision was taken back: whoever it was about, and whoever had heard of it, unless they were told already."""
    news = []
    if decision.is_breach and decision.affected_id not in told:
        news.append(News("decision_reversed", decision, decision.affected, moderator))
    if decision.told_at:
        facts = {"number": decision.case.number}
        reports = decision.case.reports.exclude(reporter__in=told).select_related("reporter")
        news += [News("outcome_changed", report, report.reporter, facts=facts) for report in reports]
    return news


def place_of(appeal: Appeal) -> tuple[str, Decision | Report]:
    """Where its answer is read."""
    if appeal.side == Side.AFFECTED:
        return "decisions", appeal.decision
    return "reports", Report.objects.get(case=appeal.decision.case_id, reporter=appeal.appellant_id)


def overturn(decision: Decision, by: Decision, moderator: Member, *, opens_again: bool) -> None:
    """A later decision takes this one back, with everything it did."""
    decision.must_stand()
    change(decision, standing=Standing.OVERTURNED, overturned_by=by)
    effects.take_back(decision, moderator, "The decision was taken back.", is_open_again=opens_again)
    by.left_undone = decision.left_undone
    if opens_again:
        open_again(decision.case)


def open_again(case: Case) -> None:
    """It is decided anew."""
    due_at = Now() + REPORT_PROMISE
    Case.objects.filter(pk=case.pk).update(state=CaseState.OPEN, decision=None, version=F("version") + 1, due_at=due_at)
    Report.objects.filter(case=case).update(status=Status.PENDING)


def _back_to_the_queue(case: Case, moderator: Member) -> None:
    Case.objects.filter(pk=case.pk).update(handed_on_by=moderator, version=F("version") + 1, **case.claim_of(None))


def change(decision: Decision, **changes: object) -> None:
    Decision.objects.filter(pk=decision.pk).update(**changes)
    for name, value in changes.items():
        setattr(decision, name, value)


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

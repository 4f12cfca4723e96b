"""What a decision does, and how it is taken back: at once what protects, after ten minutes what others notice."""

from datetime import datetime
from uuid import UUID

from carecollective.ports import reportable
from members.models import Member
from members.services import restrictions, trust, verification
from members.services.restrictions import Measure
from messaging.services import closing, leaving
from moderation.models import Action, Case, Decision, Subject
from moderation.models.words import RESTRICTING
from moderation.services import teaching
from notifications.services import News

START, STEP = 75, 15
NOT_DELIVERED = "The words were not delivered:"
# What two, three and five upheld decisions suggest; only a person decides it.
SUGGESTED = ((5, Action.BAN), (3, Action.SUSPEND), (2, Action.LIMIT))
# Until it is certain, whoever is to leave is paused: that can be taken back without a trace.
LEVEL = {Action.LIMIT: "limited", Action.SUSPEND: "suspended", Action.BAN: "banned", Action.REJECT: "suspended"}


def protect(decision: Decision, moderator: Member) -> None:
    """While a ban waits for its second moderator, the person is paused."""
    _restrict(decision, moderator, "suspended")


def apply(decision: Decision, moderator: Member) -> None:
    case = decision.case
    if decision.takes_words_away:
        _room_acts(decision, "hide")
    elif case.is_held:
        _room_acts(decision, "release")
    if decision.action == Action.CLOSE and case.conversation_id:
        closing.close_for_safety(moderator, case.conversation_id)
    if decision.action in RESTRICTING:
        restrictions.lift_all_of(decision.pk, moderator, "The decision is now certain.")
        _restrict(decision, moderator, LEVEL[Action(decision.action)], until=decision.until)
    count_again(decision.affected_id)


def end_what_is_open(decision: Decision) -> list[News]:
    """After the ten minutes, before the case is held: requests and chats come first in the order of locks."""
    if decision.action == Action.CLOSE and decision.case.conversation_id:
        closing.tell_closed(decision.case.conversation_id)
    if decision.action in (Action.BAN, Action.REJECT):
        return leaving.end_what_is_open(decision.affected, decision.decided_by)
    return []


def finish(decision: Decision, moderator: Member) -> None:
    """After the ten minutes, with the case held: what cannot be called back."""
    if decision.action == Action.REJECT:
        verification.take_back_membership(moderator, decision.affected_id, reason_of(decision))
        restrictions.lift_all_of(decision.pk, moderator, "The membership was taken back.")


def take_back(decision: Decision, moderator: Member, why: str, *, is_open_again: bool) -> None:
    """What another decision took away, too, stays away. Words that were held wait again where their case does."""
    case = decision.case
    others = Decision.objects.others_about(case)
    if decision.takes_words_away and not any(other.takes_words_away for other in others.select_related("case")):
        waits = is_open_again or Case.objects.open().like(case).filter(is_held=True).exists()
        _room_acts(decision, "release" if case.is_held and not waits else "show")
    if decision.action == Action.CLOSE and case.conversation_id and not _is_closed_by_another(decision):
        closing.open_again(case.conversation_id)
    restrictions.lift_all_of(decision.pk, moderator, why)
    others_reject = Decision.objects.upheld().filter(affected=decision.affected, action=Action.REJECT)
    if decision.action == Action.REJECT and decision.told_at and not others_reject.exists():
        verification.give_back_membership(moderator, decision.affected_id)
    teaching.forget(case)
    count_again(decision.affected_id)


def count_again(member_id: UUID) -> None:
    trust.hold(member_id)
    upheld = Decision.objects.upheld().filter(affected=member_id).count()
    trust.put(member_id, max(0, START - STEP * upheld))


def suggestion(member: Member) -> Action | None:
    """If the case at hand were upheld as well."""
    upheld = 1 + Decision.objects.upheld().filter(affected=member).count()
    return next((action for least, action in SUGGESTED if upheld >= least), None)


def reason_of(decision: Decision) -> str:
    rule = decision.broken_rule
    return f"Rule {rule.number}: {rule.title}." if rule else ""


def _is_closed_by_another(decision: Decision) -> bool:
    """Cases about a chat and about its messages close the same chat."""
    others = Decision.objects.upheld().filter(action=Action.CLOSE).exclude(pk=decision.pk)
    return others.filter(case__conversation_id=decision.case.conversation_id).exists()


def _room_acts(decision: Decision, act: str) -> None:
    case = decision.case
    if case.target_kind == Subject.DECISION:
        return
    verb = getattr(reportable()[case.target_kind], act)
    if verb and (why_not := verb(case.target_id)):
        decision.left_undone = f"{NOT_DELIVERED} {why_not}"


def _restrict(decision: Decision, moderator: Member, level: str, until: datetime | None = None) -> None:
    assert decision.rule  # noqa: S101 (the constraint breach_names_its_rule; this tells the types)
    measure = Measure(
        decision_id=decision.pk,
        level=level,
        rule=decision.rule,
        reason=reason_of(decision),
        facts=str(decision.clear_facts),
        ends_at=until,
        look_again_on=decision.look_again_on,
    )
    restrictions.restrict(moderator, decision.affected_id, measure)

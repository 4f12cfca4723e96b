"""Pausing what somebody may do: a moderator decides, the strictest in force counts, each ends by itself."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.timezone import now

import notifications.services as notifications
from carecollective.errors import NotFound, NotPermitted, NotValid
from carecollective.rules import RULES
from carecollective.text import is_blank
from members import limits, roles
from members.models import Level, Member, Restriction, Standing
from members.models.restriction import REASON_MOST
from members.models.standing import look_up
from members.paused import Act, Paused
from members.services.access import end_every_way_in

PER_DAY = 10
MOST_AT_ONCE = 500

NOT_A_MODERATOR = "Only moderators pause what a member may do."
NOT_ONESELF = "Nobody decides about themselves."
ENDS_IN_THE_PAST = "Please choose an end that is still to come."
UNKNOWN_LEVEL = "Please choose limited, suspended or banned."
UNKNOWN_RULE = "Please choose one of our six rules."
NO_REASON = "Please say why, in one plain sentence."
NO_FACTS = "Please say what happened."
ONE_SENTENCE = f"Please say it in one line of at most {REASON_MOST} characters."
ONLY_LIMITED = "Only a limit has a number of messages a day, and it is at least 1."
IS_OVER = "This is over already."


@dataclass(frozen=True)
class Measure:
    """What was decided: about which decision, how strict, why, for how long. Without an end it holds until lifted."""

    decision_id: UUID
    level: str
    rule: int
    reason: str
    facts: str
    ends_at: datetime | None = None
    # Of a limit: how many messages a day; 10 unless it says otherwise.
    per_day: int | None = None
    look_again_on: date | None = None

    def must_make_sense(self) -> None:
        if self.level not in Level.values:
            raise NotValid(UNKNOWN_LEVEL)
        if self.rule not in [rule.number for rule in RULES]:
            raise NotValid(UNKNOWN_RULE)
        _must_be_a_sentence(self.reason)
        if is_blank(self.facts):
            raise NotValid(NO_FACTS)
        if self.ends_at and self.ends_at <= now():
            raise NotValid(ENDS_IN_THE_PAST)
        if self.per_day is not None and (self.level != Level.LIMITED or self.per_day < 1):
            raise NotValid(ONLY_LIMITED)

    @property
    def limit(self) -> int | None:
        return (self.per_day or PER_DAY) if self.level == Level.LIMITED else None


@transaction.atomic
def restrict(decided_by: Member, member_id: UUID, measure: Measure) -> Restriction:
    """Holds from the commit on; a ban also ends every session and token. Record and notices are the decision's.

    Whoever writes holds their own row FOR SHARE, so this waits for what is in flight, and what comes later for this.
    """
    _must_be_a_moderator(decided_by)
    if decided_by.pk == member_id:
        raise NotPermitted(NOT_ONESELF)
    measure.must_make_sense()
    member = _held(member_id)
    row = _row(decided_by, member, measure)
    row.save(force_insert=True)
    if row.level == Level.BANNED:
        end_every_way_in(member)
    row.refresh_from_db()
    return row


@transaction.atomic
def lift(lifted_by: Member, restriction_id: UUID, why: str) -> Restriction:
    """Ends it now; another that is in force goes on. One that is lifted or over already is refused."""
    _must_be_a_moderator(lifted_by)
    _must_be_a_sentence(why)
    found = Restriction.objects.filter(pk=restriction_id).values_list("member", flat=True).first()
    if found is None:
        raise NotFound()
    _held(found)
    row = Restriction.objects.get(pk=restriction_id)
    if row.member_id == lifted_by.pk:
        raise NotPermitted(NOT_ONESELF)
    if row.lifted_at or (row.ends_at and row.ends_at <= now()):
        raise NotValid(IS_OVER)
    Restriction.objects.filter(pk=row.pk).update(lifted_at=Now(), lifted_by=lifted_by, lift_reason=why)
    row.refresh_from_db()
    return row


def lift_all_of(decision_id: UUID, lifted_by: Member, why: str) -> None:
    """What followed from one decision and still holds; called inside the verb that takes the decision back."""
    still = Restriction.objects.filter(decision_id=decision_id, lifted_at=None)
    for member_id in still.values_list("member", flat=True):
        _held(member_id)
    still.filter(Q(ends_at=None) | Q(ends_at__gt=Now())).update(lifted_at=Now(), lifted_by=lifted_by, lift_reason=why)


def tell_ends() -> int:
    """Each restriction that ran out is told to its member, once; how many were."""
    over = Restriction.objects.filter(lifted_at=None, ended_told_at=None, ends_at__lte=Now())
    return sum(_tell_end(row) for row in list(over.order_by("ends_at").values_list("pk", "member"))[:MOST_AT_ONCE])


@transaction.atomic
def _tell_end(found: tuple[UUID, UUID]) -> bool:
    restriction_id, member_id = found
    member = _held(member_id)
    row = Restriction.objects.filter(pk=restriction_id, lifted_at=None, ended_told_at=None).first()
    if row is None:
        return False
    Restriction.objects.filter(pk=row.pk).update(ended_told_at=Now())
    facts = {"level": row.level, "goes_on": in_force(member).is_restricted}
    notifications.record("restriction_ended", about=("decision", row.decision_id), to=member, **facts)
    return True


def export(member: Member, never_were: QuerySet[Any, Any]) -> list[dict[str, Any]]:
    """For the member to read and take away: without who decided, and without what a lift says for our records.

    Decisions that were undone, or to which a second moderator said no, never were: the room above knows their ids.
    """
    rows = Restriction.objects.filter(member=member).exclude(decision_id__in=never_were)
    return [
        {
            "level": row.level,
            "messages_a_day": row.message_limit_per_day,
            "rule": row.rule,
            "reason": row.reason,
            "facts": row.clear_facts,
            "from": row.starts_at,
            "until": row.ends_at,
            "look_again_on": row.look_again_on,
            "lifted_at": row.lifted_at,
            "decision": row.decision_id,
        }
        for row in rows.order_by("starts_at", "pk")
    ]


def has_had_any(member: Member) -> bool:
    """Then there is a decision about them to be read."""
    return Restriction.objects.filter(member=member).exists()


def in_force(member: Member) -> Standing:
    """What holds for them now, by the database's clock: the strictest restriction, or `none`; 503 if unknown."""
    return look_up(member.pk)


def who_may_not_write() -> QuerySet[Restriction, Any]:
    """The members of all that are paused or banned now, to be left out of those who act."""
    holds = Q(lifted_at=None, starts_at__lte=Now()) & (Q(ends_at=None) | Q(ends_at__gt=Now()))
    return Restriction.objects.filter(holds, level__in=(Level.SUSPENDED, Level.BANNED)).values("member")


def daily_message_count(member: Member) -> int:
    """How many messages they have sent on this calendar day (UTC), opening words, thank-yous and plans included.

    Counted in the rows of the limits each of these verbs takes anyway: exact across processes, and without a
    statement more for anybody. What was sent before a limit was set counts too.
    """
    return limits.taken_today(member.pk, limits.MESSAGES, limits.CONVERSATIONS)


def must_be_allowed_to(member: Member, act: Act) -> Standing:
    """Refuses with MemberRestricted, else gives what holds for them; for who still has to be held, `hold_allowed`."""
    standing = in_force(member)
    must_allow(standing, member, act)
    return standing


def must_allow(standing: Standing, member: Member, act: Act) -> None:
    """The same, where a statement has brought the standing along."""
    if not act.is_open_at(standing):
        raise Paused(standing, member).refusal(act)
    # A ban closes every act, so nothing need ask for one again.
    member.is_banned = False


def hold_allowed(member: Member, act: Act, not_approved: str = "") -> tuple[Member, Standing]:
    """Their row is held first, and the next statement asks: so a restriction that was in flight wins."""
    held = Member.objects.held(member)
    standing = must_be_allowed_to(held, act)
    held.must_be_approved(*filter(None, [not_approved]))
    return held, standing


def take_one_message(member: Member, standing: Standing) -> None:
    """One of the minute, and where a limit is in force one of the day: exact, because the row is locked by then."""
    limits.take(limits.MESSAGES, member.pk)
    most = standing.message_limit_per_day
    if most is not None and (count := daily_message_count(member)) > most:
        raise Paused(standing, member).day_is_used_up(count - 1)


def _row(decided_by: Member, member: Member, measure: Measure) -> Restriction:
    row = Restriction(
        member=member,
        decision_id=measure.decision_id,
        level=measure.level,
        message_limit_per_day=measure.limit,
        rule=measure.rule,
        reason=measure.reason,
        decided_by=decided_by,
        ends_at=measure.ends_at,
        look_again_on=measure.look_again_on,
    )
    row.clear_facts = measure.facts
    return row


def _held(member_id: UUID) -> Member:
    member = Member.objects.select_for_update(no_key=True).filter(pk=member_id).first()
    if member is None:
        raise NotFound()
    return member


def _must_be_a_moderator(member: Member) -> None:
    if not member.has_role(roles.MODERATOR, roles.OPERATOR):
        raise NotPermitted(NOT_A_MODERATOR)


def _must_be_a_sentence(text: str) -> None:
    if is_blank(text):
        raise NotValid(NO_REASON)
    if len(text) > REASON_MOST or "\n" in text:
        raise NotValid(ONE_SENTENCE)

"""Changing how far messaging_v2 is out: every change says who, when, from, to and why, and operators are told."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from audit.services import record
from carecollective.desk import STAFF
from carecollective.errors import NotFound, NotValid
from features import flag, sentences
from features.environment import ENABLED
from features.models import REASON_MOST, TEAM, Flag, FlagChange, InternalMember
from features.services import alarms
from features.states import FLAG, NOBODY, State

# Leaves it to the environment again.
ENVIRONMENT = "environment"
VETOED = f"{ENABLED} is false, which is over every switch. Change it and start the site again first."
GROUPS = ("", TEAM, *STAFF)


@dataclass(frozen=True)
class By:
    """Who changes it, in words; and the member, if it is one."""

    words: str
    member: Any = None
    # The guard and the environment act for the site itself; without a member, a person is at the command line.
    is_person: bool = True

    @property
    def actor(self) -> Any:
        return self.member or ("operator" if self.is_person else None)


STARTED = By("the environment", is_person=False)
STARTING = timedelta(minutes=10)


@transaction.atomic
def switch(to: str, *, why: str, by: By, pin: bool = False) -> FlagChange | None:
    """Within five seconds every process knows; None where it is exactly so already.

    One statement each: the row locked, the switch, the change, what operators hear, the audit log.
    """
    row, before = held()
    _must_say_why(why)
    was = (row.state, row.is_pinned)
    row.state = "" if to.strip().lower() == ENVIRONMENT else str(_state(to))
    row.is_pinned = pin and bool(row.state)
    _must_not_be_vetoed(row)
    if (row.state, row.is_pinned) == was:
        return None
    resolved = flag.resolved(flag.environment(), row.switched_to, row.is_pinned)
    after = flag.Answer(*resolved, ended=before.ended)
    return _change(row, before, after, why, by)


@transaction.atomic
def include(member: Any, *, why: str, by: By) -> bool:
    """Named as internal; whether that is news."""
    _, before = held()
    _must_say_why(why)
    _, is_new = InternalMember.objects.get_or_create(member=member)
    if is_new:
        _keep(before, before, f"{member} is internal now: {why}", by)
        record("flag_member_added", actor=by.actor, subject=member, reason=why)
    return is_new


@transaction.atomic
def leave_out(member: Any, *, why: str, by: By) -> bool:
    _, before = held()
    _must_say_why(why)
    was_in, _ = InternalMember.objects.filter(member=member).delete()
    if was_in:
        _keep(before, before, f"{member} is not internal any more: {why}", by)
        record("flag_member_removed", actor=by.actor, subject=member, reason=why)
    return bool(was_in)


@transaction.atomic
def choose_group(group: str, *, why: str, by: By) -> bool:
    """Who is internal besides the members named: nobody, the whole team, or one role."""
    row, before = held()
    _must_say_why(why)
    if group not in GROUPS:
        raise NotValid(fields={"group": [f"Please choose {', '.join(GROUPS[1:])}, or nothing."]})
    if row.group == group:
        return False
    row.group = group
    row.save(update_fields=["group"])
    _keep(before, before, f"the internal group is {group or 'nobody'} now: {why}", by)
    record("flag_group_chosen", actor=by.actor, subject=row, reason=why, group=group or "nobody")
    return True


def held() -> tuple[Flag, flag.Answer]:
    """The switch, which nobody else changes until this transaction ends, and what holds now.

    A site that was started with other variables has changed its flag too; whoever comes next keeps that change, and
    within a minute the guard does.
    """
    row = Flag.objects.select_for_update().filter(name=FLAG).first()
    if row is None:
        raise NotFound(f"The switch of {FLAG} is missing. Run manage.py migrate.")
    answer, last = flag.as_it_is(), FlagChange.objects.first()
    before = State.parse(last.to_state) if last else NOBODY
    if answer.state != before and not _has_just_started():
        raw = dict(flag.environment().raw)
        why = f"the site was started with {answer.source or ENABLED} {raw.get(answer.source, '')!r}"
        _change(row, flag.Answer(before), answer, why, STARTED)
        row.refresh_from_db()
    return row, answer


def _has_just_started() -> bool:
    """Two workers that were started with two environments are not told of each minute."""
    return FlagChange.objects.filter(by=STARTED.words, at__gt=Now() - STARTING).exists()


def _change(row: Flag, before: flag.Answer, after: flag.Answer, why: str, by: By) -> FlagChange:
    if not after.state.exposes_anybody:
        row.exposed_since = None
    elif not before.state.exposes_anybody or row.exposed_since is None:
        row.exposed_since = Now()
    row.save(update_fields=["state", "is_pinned", "exposed_since"])
    change = _keep(before, after, why, by)
    alarms.tell("flag", sentences.of_change(change, after))
    states = {"from_state": str(before.state), "to_state": str(after.state), "source": after.source or None}
    record("flag_switched", actor=by.actor, subject=row, reason=why, pinned=after.is_pinned, **states)
    return change


def _keep(before: flag.Answer, after: flag.Answer, why: str, by: By) -> FlagChange:
    transaction.on_commit(flag.forget)
    return FlagChange.objects.create(
        from_state=str(before.state),
        to_state=str(after.state),
        source=after.source,
        is_pinned=after.is_pinned,
        by=by.words,
        member=by.member,
        why=why[:REASON_MOST],
    )


def _state(text: str) -> State:
    try:
        return State.parse(text)
    except ValueError as problem:
        raise NotValid(fields={"state": [str(problem)]}) from problem


def _must_say_why(why: str) -> None:
    if not why.strip() or len(why) > REASON_MOST:
        raise NotValid(fields={"why": [f"Please say why, in at most {REASON_MOST} letters."]})


def _must_not_be_vetoed(row: Flag) -> None:
    if flag.environment().is_veto and row.switched_to != NOBODY:
        raise NotValid(fields={"state": [VETOED]})

"""Who has messaging_v2 at this moment, and why: one answer for one request, asked of the database every two seconds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import DatabaseError, InterfaceError

from carecollective import ports
from features.environment import ENABLED, Environment
from features.models import TEAM, Flag, InternalMember
from features.states import BUCKETS, FLAG, INTERNAL, NOBODY, PERCENTAGE, State, bucket_of

# A switch works everywhere within five seconds: this, and the longest request that asked just before.
FRESH_SECONDS = 2.0
SWITCH = "switch"


@dataclass(frozen=True)
class Answer:
    """What holds. `source` is `switch`, the variable that decides, or nothing where nobody has said anything."""

    state: State = NOBODY
    source: str = ""
    is_pinned: bool = False
    internal: frozenset[UUID] = field(default_factory=frozenset)
    # How the earlier system has ended, if it has: `closed`, or `gone`.
    ended: str = ""

    def has_in(self, member_id: UUID | None) -> bool:
        """Whether somebody's new conversations go the new way; of nobody in particular, whether everybody's do."""
        if member_id is None:
            return self.state.has_in(UUID(int=0), False) and self.state.kind not in (INTERNAL, PERCENTAGE)
        return self.state.has_in(member_id, member_id in self.internal)

    def explained(self, member_id: UUID) -> list[str]:
        """Why, in sentences for an operator; the last one says the outcome."""
        told = [self.in_words]
        if self.state.kind in (INTERNAL, PERCENTAGE):
            told.append("They are internal." if member_id in self.internal else "They are not internal.")
        if self.state.kind == PERCENTAGE:
            bucket = bucket_of(member_id)
            side = "below" if bucket < self.state.buckets else "not below"
            told.append(f"Their bucket is {bucket:,} of {BUCKETS:,}, {side} {self.state.buckets:,}.")
        if self.one_way:
            return [*told, f"Their new conversations go the V2 way, because the earlier system is {self.one_way}."]
        way = "the V2 way" if self.has_in(member_id) else "the V1 way"
        return [*told, f"Their new conversations go {way}."]

    @property
    def one_way(self) -> str:
        """Why there is no other way than V2: how the earlier system has ended. Nothing where there are two."""
        return "gone" if ports.earlier_conversations() is None else self.ended

    @property
    def in_words(self) -> str:
        by = {"": "nothing is set", SWITCH: "by the switch" + (", pinned" if self.is_pinned else "")}
        return f"{FLAG} is {self.state} ({by.get(self.source, f'by {self.source}')})."


@dataclass(frozen=True)
class _Kept:
    answer: Answer
    asked_at: float


_kept: _Kept | None = None
_asked: ContextVar[list[Answer] | None] = ContextVar("flag", default=None)


def environment() -> Environment:
    found: Environment = apps.get_app_config("features").environment  # type: ignore[attr-defined]
    return found


def answer() -> Answer:
    """For everything one request does it is the same one."""
    asked = _asked.get()
    if asked is None:
        return _fresh()
    if not asked:
        asked.append(_fresh())
    return asked[0]


def has_two_ways() -> bool:
    """Whether there is another way than V2 at all."""
    return not answer().one_way


def way_of(member_id: UUID | None) -> int:
    """The version of a conversation this member starts now."""
    return 2 if answer().has_in(member_id) or not has_two_ways() else 1


@contextmanager
def one_answer() -> Iterator[None]:
    token = _asked.set([])
    try:
        yield
    finally:
        _asked.reset(token)


def keep(found: Answer) -> Answer:
    global _kept
    _kept = _Kept(found, time.monotonic())
    return found


def forget() -> None:
    """Whoever has switched sees it at once."""
    global _kept
    _kept = None


def as_it_is() -> Answer:
    """Read now, by whoever is about to change it."""
    flag = Flag.objects.filter(name=FLAG).first() or Flag(name=FLAG)
    state, source, is_pinned = resolved(environment(), flag.switched_to, flag.is_pinned)
    internal = _internal(flag) if state.kind in (INTERNAL, PERCENTAGE) else frozenset()
    # After the flag, so that whoever sees one that was turned off after the closing sees the closing, too.
    earlier = ports.earlier_conversations()
    return Answer(state, source, is_pinned, internal, earlier.ended() if earlier else "")


def resolved(said: Environment, switched_to: State | None, is_pinned: bool) -> tuple[State, str, bool]:
    """A veto is over everything; then the first that speaks: the switch, who is enabled, the rollout."""
    if said.is_veto:
        return NOBODY, ENABLED, False
    if switched_to is not None:
        return switched_to, SWITCH, is_pinned
    return *said.without_switch, False


def _fresh() -> Answer:
    if _kept and time.monotonic() - _kept.asked_at < FRESH_SECONDS:
        return _kept.answer
    try:
        return keep(as_it_is())
    except (DatabaseError, InterfaceError):
        # Nothing can be written without it either, so nobody goes any way; what held is as good as anything.
        return _kept.answer if _kept else Answer()


def _internal(flag: Flag) -> frozenset[UUID]:
    named = InternalMember.objects.values_list("member_id", flat=True)
    if not flag.group:
        return frozenset(named)
    staff = get_user_model().objects.filter(is_active=True, is_staff=True, groups__isnull=False)
    group = staff if flag.group == TEAM else staff.filter(groups__name=flag.group)
    return frozenset(named) | frozenset(group.values_list("pk", flat=True))

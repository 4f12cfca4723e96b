"""Reading a text before others do, with the rules in force at this moment."""

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from threading import Thread
from typing import Any
from uuid import UUID

import orjson
import re2
from django.db import DatabaseError, InterfaceError, connection

from carecollective.errors import ServiceUnavailable
from screening.models import RuleVersion
from screening.ruleset import Ruleset, Running
from screening.verdicts import USUAL_TRUST, Finding, Verdict
from screening.words import LIVE

# How soon a rule that was promoted works in every process.
FRESH_SECONDS = 5.0
LATE_SECONDS = 30.0

# Both, because a change with a smaller number may be committed after one with a larger.
REVISION = "SELECT count(*), coalesce(max(id), 0) FROM screening_rule_changes"
# By hand, because it stands in the transaction of every message.
INSERT = """
INSERT INTO screening_verdicts
(kind, target_id, text_version, outcome, categories, confidence, findings, ruleset)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
KEPT_OF_A_FINDING = ("category", "rule", "version", "state", "start", "end")


Revision = tuple[int, int]


@dataclass(frozen=True)
class _Kept:
    ruleset: Ruleset
    revision: Revision
    asked_at: float


class _Coming(Thread):
    """Rules that look for something new are made ready beside the texts, so that none of those waits for them."""

    def __init__(self, rules: list[Running], revision: Revision):
        super().__init__(daemon=True, name="rules")
        self.rules, self.revision, self.begun_at = rules, revision, time.monotonic()
        self.ruleset: Ruleset | None = None
        self.problem: re2.error | None = None

    def run(self) -> None:
        try:
            self.ruleset = Ruleset(self.rules)
        except re2.error as problem:
            self.problem = problem


_kept: _Kept | None = None
_coming: _Coming | None = None


def examine(text: str, *, trust: int = USUAL_TRUST) -> Verdict:
    """What the rules in force say of a text; call it before your transaction, because it writes nothing.

    It asks the database only whether rules have changed, and at most once in five seconds. Where that cannot be
    answered nothing is let through: a database that cannot say its rules cannot keep the text either.
    """
    ruleset = _in_force()
    return Verdict(ruleset.examine(text), trust=trust, ruleset=ruleset.digest)


def keep(verdict: Verdict, kind: str, target_id: UUID, version: int | None = None) -> None:
    """Keeps what was said, inside the transaction that keeps the text; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, _row(verdict, kind, target_id, version))


def keep_many(kind: str, verdicts: Iterable[tuple[UUID, Verdict]]) -> None:
    """Of texts that were written long ago, by the ids of what they are about."""
    with connection.cursor() as cursor:
        cursor.executemany(INSERT, [_row(verdict, kind, target_id, None) for target_id, verdict in verdicts])


def make_ready() -> None:
    """For the start of a process: its first text finds the rules ready. One without any must start all the same."""
    with suppress(ServiceUnavailable):
        _in_force()


def forget_rules() -> None:
    """The next text asks for them anew."""
    global _kept, _coming
    _kept = _coming = None


def _in_force() -> Ruleset:
    global _kept
    moment = time.monotonic()
    _take_what_came()
    if _kept is not None and moment - _kept.asked_at < FRESH_SECONDS:
        return _kept.ruleset
    try:
        revision = _revision()
        if _kept is None or _kept.revision != revision:
            _kept = _renewed(_kept, revision)
        _kept = replace(_kept, asked_at=moment)
    except (DatabaseError, InterfaceError, re2.error) as problem:
        raise ServiceUnavailable() from problem
    return _kept.ruleset


def _renewed(kept: _Kept | None, revision: Revision) -> _Kept:
    """A step of a rule works at once. A rule that is new is only counted at first, so the old ones may go on."""
    global _coming
    rules, moment = _load(), time.monotonic()
    if kept is None or kept.ruleset.covers(rules):
        return _Kept(Ruleset(rules, kept.ruleset if kept else None), revision, moment)
    # One that was begun long ago is not coming any more: a process that is copied loses its threads.
    if _coming is None or _coming.revision != revision or moment - _coming.begun_at > LATE_SECONDS:
        _coming = _Coming(rules, revision)
        _coming.start()
    return kept


def _take_what_came() -> None:
    global _kept, _coming
    coming = _coming
    if coming is None or coming.is_alive():
        return
    _coming = None
    if coming.problem:
        raise ServiceUnavailable() from coming.problem
    if coming.ruleset:
        _kept = _Kept(coming.ruleset, coming.revision, coming.begun_at)


def _revision() -> Revision:
    with connection.cursor() as cursor:
        cursor.execute(REVISION)
        count, last = cursor.fetchone() or (0, 0)
    return count, last


def _load() -> list[Running]:
    live = RuleVersion.objects.filter(state__in=[state.value for state in LIVE]).select_related("rule")
    rules = [version.running for version in live.order_by("rule__name", "number")]
    # A site always has some: without them something is missing, and nothing was read.
    if not rules:
        raise ServiceUnavailable()
    return rules


def _row(verdict: Verdict, kind: str, target_id: UUID, version: int | None) -> list[Any]:
    findings = orjson.dumps([_as_kept(finding) for finding in verdict.findings]).decode()
    categories = list(verdict.categories)
    return [kind, target_id, version, verdict.outcome, categories, verdict.confidence, findings, verdict.ruleset]


def _as_kept(finding: Finding) -> dict[str, object]:
    facts = asdict(finding)
    return {name: facts[name] for name in KEPT_OF_A_FINDING}

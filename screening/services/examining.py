"""Reading a text before others do, with the rules in force at this moment."""

import time
from dataclasses import asdict, dataclass
from uuid import UUID

import orjson
import re2
from django.db import DatabaseError, InterfaceError, connection

from carecollective.errors import ServiceUnavailable
from screening.models import RuleVersion
from screening.ruleset import Ruleset
from screening.verdicts import USUAL_TRUST, Finding, Verdict
from screening.words import LIVE

# How soon a rule that was promoted works in every process.
FRESH_SECONDS = 5.0

# Both, because a change with a smaller number may be committed after one with a larger.
REVISION = "SELECT count(*), coalesce(max(id), 0) FROM screening_rule_changes"
# By hand, because it stands in the transaction of every message.
INSERT = """
INSERT INTO screening_verdicts
(kind, target_id, text_version, outcome, categories, confidence, findings, ruleset)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
KEPT_OF_A_FINDING = ("category", "rule", "version", "state", "start", "end")


@dataclass(frozen=True)
class _Kept:
    ruleset: Ruleset
    revision: tuple[int, int]
    asked_at: float


_kept: _Kept | None = None


def examine(text: str, *, trust: int = USUAL_TRUST) -> Verdict:
    """What the rules in force say of a text; call it before your transaction, because it writes nothing.

    It asks the database only whether rules have changed, and at most once in five seconds. Where that cannot be
    answered nothing is let through: a database that cannot say its rules cannot keep the text either.
    """
    ruleset = _in_force()
    return Verdict(ruleset.examine(text), trust=trust, ruleset=ruleset.digest)


def keep(verdict: Verdict, kind: str, target_id: UUID, version: int | None = None) -> None:
    """Keeps what was said, inside the transaction that keeps the text; one statement."""
    findings = orjson.dumps([_as_kept(finding) for finding in verdict.findings]).decode()
    categories = list(verdict.categories)
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            [kind, target_id, version, verdict.outcome, categories, verdict.confidence, findings, verdict.ruleset],
        )


def forget_rules() -> None:
    """The next text asks for them anew."""
    global _kept
    _kept = None


def _in_force() -> Ruleset:
    global _kept
    moment = time.monotonic()
    if _kept is not None and moment - _kept.asked_at < FRESH_SECONDS:
        return _kept.ruleset
    try:
        revision = _revision()
        ruleset = _kept.ruleset if _kept and _kept.revision == revision else _load()
    except (DatabaseError, InterfaceError, re2.error) as problem:
        raise ServiceUnavailable() from problem
    _kept = _Kept(ruleset, revision, moment)
    return ruleset


def _revision() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(REVISION)
        count, last = cursor.fetchone() or (0, 0)
    return count, last


def _load() -> Ruleset:
    live = RuleVersion.objects.filter(state__in=[state.value for state in LIVE]).select_related("rule")
    rules = [version.running for version in live.order_by("rule__name", "number")]
    # A site always has some: without them something is missing, and nothing was read.
    if not rules:
        raise ServiceUnavailable()
    return Ruleset(rules)


def _as_kept(finding: Finding) -> dict[str, object]:
    facts = asdict(finding)
    return {name: facts[name] for name in KEPT_OF_A_FINDING}

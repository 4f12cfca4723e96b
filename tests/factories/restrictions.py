"""Restrictions for tests, each with its decision: the one place that knows what a decision needs."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import now

import audit.services as audit
from members import roles
from members.models import Member, Restriction
from members.services import restrictions
from members.services.restrictions import Measure
from moderation.models import Case, Decision
from tests.factories.members import MemberFactory
from tests.factories.moderation import an_open_case

REASON = "You wrote words that scared another member."
FACTS = "On November 3 you wrote to Ana: “I know where you live.”"


def measure(level: str = "suspended", **more: Any) -> Measure:
    if "decision_id" not in more:
        more["decision_id"] = decision().pk
    said: dict[str, Any] = {"rule": 2, "reason": REASON, "facts": FACTS}
    return Measure(level=level, **said | more)


def decision(**more: Any) -> Decision:
    """As one stands there that was made; what it did is for whoever asks for it."""
    affected = more.pop("affected", None) or MemberFactory()
    by = more.pop("decided_by", None) or MemberFactory(role=roles.MODERATOR)
    case = an_open_case(affected)
    made = Decision(case=case, affected=affected, decided_by=by, action="suspend", rule=2, standing="in_force")
    made.clear_facts, made.clear_words, made.clear_reporter_words = FACTS, REASON, "Thank you."
    made.counts_from = made.told_at = now()
    made.save(force_insert=True)
    Case.objects.filter(pk=case.pk).update(state="decided", decision=made)
    audit.record("case_decided", actor=by, subject=made, case_id=case.pk)
    return made


def restrict(member: Member, level: str = "suspended", **more: Any) -> Restriction:
    """By a moderator of its own, unless `decided_by` names one."""
    decided_by = more.pop("decided_by", None) or MemberFactory(role=roles.MODERATOR)
    return restrictions.restrict(decided_by, member.pk, measure(level, **more))


def ran_out(member: Member, level: str = "suspended") -> Restriction:
    """One whose time has just come."""
    moderator = MemberFactory(role=roles.MODERATOR)
    row = restrict(member, level, decided_by=moderator, ends_at=now() + timedelta(milliseconds=150))
    time.sleep(0.2)
    return row


def in_days(days: float) -> datetime:
    return now() + timedelta(days=days)

"""Restrictions for tests, each with its decision: the one place that knows what a decision needs."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import now

from carecollective.database import new_id
from members import roles
from members.models import Member, Restriction
from members.services import restrictions
from members.services.restrictions import Measure
from tests.factories.members import MemberFactory

REASON = "You wrote words that scared another member."
FACTS = "On November 3 you wrote to Ana: “I know where you live.”"


def measure(level: str = "suspended", **more: Any) -> Measure:
    said: dict[str, Any] = {"decision_id": new_id(), "rule": 2, "reason": REASON, "facts": FACTS}
    return Measure(level=level, **said | more)


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

"""The queue of moderators: everything that waits, in one statement whatever the number of rows."""

# In SQL by hand: two kinds of things in one order, and beside each the records of its people, which the ORM would ask
# row by row. No column of words is read here: a line of a message in a list would be private text without an entry in
# the audit log, so a row shows facts, and the words wait until somebody opens the case.

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from carecollective import keyset
from carecollective.keyset import Key
from carecollective.ports import Need
from members.models import Member
from moderation.models import Case, Decision, Source
from moderation.models.words import REPORT_PROMISE
from moderation.reads_sql import COUNTS, DECIDED, LAST_CLOSED, NOT_A_PARTY, ONE, OPEN

QUESTION = "question"
SOURCES = {**dict(Source.choices), QUESTION: "Question"}
SHOWN = 25
READY = "?waiting=ready"
AGAIN = ("members_restriction_changelist", "?now=again")
OPEN_QUESTIONS = ("moderation_question_changelist", "?answer=open")
OPEN_ORDER = (Key("is_safety", bool), Key("due_at", keyset.moment), Key("id", UUID))
DECIDED_ORDER = (Key("decided_at", keyset.moment), Key("id", UUID))


@dataclass(frozen=True)
class Filters:
    """As they stand in the address, so a view can be shared."""

    state: str = "open"
    source: str = ""
    safety: bool = False
    mine: bool = False
    q: str = ""
    action: str = ""

    @property
    def is_set(self) -> bool:
        return self != Filters(state=self.state)


@dataclass(frozen=True)
class Row:
    id: UUID
    kind: str
    number: int | None
    source: str
    target_kind: str
    is_safety: bool
    is_held: bool
    due_at: datetime
    author: str
    reasons: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    reports: int = 0
    author_reports: int = 0
    author_upheld: int = 0
    reporters: int = 0
    reporter_reports: int = 0
    reporter_upheld: int = 0
    title: str | None = None
    holder: str | None = None
    is_mine: bool = False
    was_handed_on: bool = False
    # The decision somebody wants looked at again.
    meant_number: int | None = None
    meant_action: str | None = None
    meant_until: datetime | None = None
    meant_at: datetime | None = None
    waits_for_second: bool = False
    decided_at: datetime | None = None
    decided_by: str | None = None
    action: str = ""
    standing: str = ""
    decision_id: UUID | None = None


@dataclass(frozen=True)
class Queue:
    rows: list[Row]
    next_cursor: str | None


def queue(moderator: Member, filters: Filters, cursor: str = "", limit: int = SHOWN) -> Queue:
    """One page; questions stand in it where the filters let them."""
    is_open = filters.state == "open"
    order = OPEN_ORDER if is_open else DECIDED_ORDER
    last = keyset.read_cursor(order, cursor) if cursor else []
    safety = last[0] if is_open and last else False
    facts = {
        "me": moderator.pk,
        "source": filters.source,
        "safety": filters.safety,
        "mine": filters.mine and is_open,
        "by_me": filters.mine,
        "q": filters.q,
        "action": filters.action,
        "questions": filters.source in ("", QUESTION) and not (filters.safety or filters.mine or filters.q),
        "promise": REPORT_PROMISE,
        "limit": limit + 1,
        "last_safety": safety,
        "last_due": last[-2] if last else None,
        "last_id": last[-1] if last else None,
    }
    rows = [Row(**row) for row in _asked(OPEN if is_open else DECIDED, facts)]
    more = len(rows) > limit
    return Queue(rows[:limit], _cursor(rows[limit - 1], is_open) if more else None)


def one(reader: Member, case: Case) -> Row:
    """The facts of one case, whatever its state."""
    return Row(**_asked(ONE, {"me": reader.pk, "id": case.pk})[0])


def following(moderator: Member, case: Case) -> Row | None:
    """Which case comes next, once this one is done; not one that somebody has open."""
    rows = queue(moderator, Filters()).rows
    free = (row for row in rows if row.kind == "case" and row.id != case.pk and not (row.holder or row.was_handed_on))
    return next(free, None)


def cases_for(reader: Member) -> QuerySet[Case]:
    """For lists of any kind: all but those the reader is part of."""
    others = f"SELECT found.id FROM moderation_cases AS found WHERE {NOT_A_PARTY}"  # noqa: S608 (our own words)
    me = [reader.pk] * others.count("%(me)s")
    return Case.objects.filter(pk__in=RawSQL(others.replace("%(me)s", "%s"), me))  # noqa: S611 (the same)


def decisions_for(reader: Member) -> QuerySet[Decision]:
    """Neither about the reader nor about what the reader reported: those are read where everybody reads them."""
    return Decision.objects.filter(case__in=cases_for(reader))


def last_closed() -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(LAST_CLOSED)
        (found,) = cursor.fetchone() or (None,)
    return found


def needs(member: Member) -> list[Need]:
    """What waits for our staff, counted now."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"me": member.pk})
        cases, safety, late, questions, joining, again = cursor.fetchone() or (0,) * 6
    urgent = [f"{safety} about safety"] if safety else []
    urgent += [f"{late} late"] if late else []
    return [
        Need("open case" if cases == 1 else "open cases", cases, "moderation_case_changelist", "", ", ".join(urgent)),
        Need("request to join" if joining == 1 else "requests to join", joining, "members_member_changelist", READY),
        Need("open question" if questions == 1 else "open questions", questions, *OPEN_QUESTIONS),
        Need(f"restriction{'' if again == 1 else 's'} to look at again", again, *AGAIN),
    ]


def _asked(statement: str, facts: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _cursor(last: Row, is_open: bool) -> str:
    if is_open:
        return keyset.write_cursor([last.is_safety, last.due_at, last.id])
    return keyset.write_cursor([last.decided_at, last.decision_id])

"""Telling people what happened: said once, in the transaction that made it happen."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.functions import Now
from psycopg.types.json import Jsonb

from carecollective import ports
from carecollective.database import new_id
from carecollective.errors import NotFound
from carecollective.facts import named, plain
from notifications import tasks
from notifications.kinds import Mail, kind_named
from notifications.models import Event, Notice

# One statement instead of three, by hand, because it stands in the transaction of every message and offer.
# The counters are one row lock per person until the commit, in the order of their ids as every lock of one kind:
# so a later number is never seen before an earlier one.
KEEP = """
WITH event AS (
    INSERT INTO events (id, kind, actor_id, about_kind, about_id, data)
    VALUES (%(id)s, %(kind)s, %(actor_id)s, %(about_kind)s, %(about_id)s, %(data)s)
), counted AS (
    INSERT INTO notice_counters AS counter (member_id, last)
    SELECT member_id, 1 FROM unnest(%(members)s::uuid[]) AS member_id ORDER BY member_id
    ON CONFLICT (member_id) DO UPDATE SET last = counter.last + 1
    RETURNING member_id, last
)
INSERT INTO notices (id, member_id, event_id, number)
SELECT notice.id, counted.member_id, %(id)s, counted.last
FROM counted JOIN unnest(%(notices)s::uuid[], %(members)s::uuid[]) AS notice (id, member_id) USING (member_id)
"""


@dataclass(frozen=True)
class News:
    """Something one person is to hear, kept until all that happens with it is done."""

    kind: str
    about: Any
    to: Any
    actor: Any = None
    facts: dict[str, Any] = field(default_factory=dict)


def record_each(news: Iterable[News]) -> None:
    """Several people at once, in the order of their ids: two that tell the same people never wait crosswise."""
    for told in sorted(news, key=lambda each: (each.to.pk, each.kind)):
        record(told.kind, about=told.about, to=told.to, actor=told.actor, **told.facts)


def record(kind: str, *, about: Any, to: Any, actor: Any = None, **data: Any) -> Event:
    """Keeps an event, a notice for each person in `to`, and the jobs of their mails.

    Call it inside the writing transaction, after its locks and before `audit.services.record`.
    """
    known = kind_named(kind)
    _must_be_in_a_transaction()
    about_kind, about_id = named(about)
    event = Event(kind=known.name, actor=actor, about_kind=about_kind, about_id=about_id, data=plain(data))
    notices = _keep(event, _ids(to) if known.bell else [])
    if notices and known.mail is not Mail.NEVER:
        arguments: list[dict[str, Any]] = [{"notice": str(notice)} for notice in notices]
        tasks.send_notice.batch_defer(*arguments)
    for tell in ports.event_listeners().get(event.kind, []):
        tell(event)
    return event


def read_about(member: Any, about: Any) -> int:
    """Whoever looks at the thing itself has read every notice about it; `member` is a row, or its id."""
    about_kind, about_id = named(about)
    unread = Notice.objects.visible_to(getattr(member, "pk", member)).unread()
    return unread.filter(event__about_kind=about_kind, event__about_id=about_id).update(read_at=Now())


def read_one(member: Any, notice_id: UUID) -> Notice:
    """Marks it read, and with it what said the same about the same thing before."""
    own = Notice.objects.visible_to(member)
    notice = own.select_related("event").filter(pk=notice_id).first()
    if notice is None:
        raise NotFound()
    event = notice.event
    alike = own.filter(event__kind=event.kind, event__about_kind=event.about_kind, event__about_id=event.about_id)
    alike.unread().filter(number__lte=notice.number).update(read_at=Now())
    return notice


def read_all(member: Any, up_to: int) -> int:
    """Marks read what was on the list; what came after that number stays new."""
    return Notice.objects.visible_to(member).unread().filter(number__lte=up_to).update(read_at=Now())


def mail(kind: str, about: Any) -> None:
    """A letter without an event, such as a link to confirm an address: `about` is a row, or its id.

    The job keeps only the kind and the id; the letter, with whatever secret it holds, is made when it is sent
    by the function of that kind in the LETTERS of some app's `ports.py`.
    """
    _must_be_in_a_transaction()
    if kind not in ports.letters():
        raise LookupError(f"No ports.py has a letter {kind}.")
    tasks.send_letter.defer(kind=kind, about=str(getattr(about, "pk", about)))


def _ids(to: Any) -> list[UUID]:
    people = to if isinstance(to, list | tuple | set | frozenset) else [to]
    return sorted({member.pk for member in people})


def _keep(event: Event, members: list[UUID]) -> list[UUID]:
    """The event and the ids of its notices."""
    notices = [new_id() for _ in members]
    values: dict[str, Any] = {"data": Jsonb(event.data), "members": members, "notices": notices}
    values |= {name: getattr(event, name) for name in ("id", "kind", "actor_id", "about_kind", "about_id")}
    with connection.cursor() as cursor:
        cursor.execute(KEEP, values)
    return notices


def _must_be_in_a_transaction() -> None:
    # Outside of one, the event could stay while its cause is rolled back, or the other way round.
    if not connection.in_atomic_block:
        raise RuntimeError("Events and letters are recorded inside the transaction that causes them.")

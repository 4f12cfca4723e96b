"""Telling people what happened: said once, in the transaction that made it happen."""

from typing import Any

from django.db import connection

from carecollective import ports
from carecollective.facts import named, plain
from notifications import tasks
from notifications.kinds import Kind, Mail, kind_named
from notifications.models import Event, Notice, NoticeCounter


def record(kind: str, *, about: Any, to: Any, actor: Any = None, **data: Any) -> Event:
    """Keeps an event, a notice for each person in `to`, and the jobs of their mails.

    Call it inside the writing transaction, after its locks and before `audit.services.record`.
    """
    known = kind_named(kind)
    _must_be_in_a_transaction()
    about_kind, about_id = named(about)
    event = Event.objects.create(
        kind=known.name, actor=actor, about_kind=about_kind, about_id=about_id, data=plain(data)
    )
    if known.bell:
        _tell(known, event, to if isinstance(to, list | tuple | set | frozenset) else [to])
    return event


def mail(kind: str, about: Any) -> None:
    """A letter without an event, such as a link to confirm an address: `about` is a row, or its id.

    The job keeps only the kind and the id; the letter, with whatever secret it holds, is made when it is sent
    by the function of that kind in the LETTERS of some app's `ports.py`.
    """
    _must_be_in_a_transaction()
    if kind not in ports.letters():
        raise LookupError(f"No ports.py has a letter {kind}.")
    tasks.send_letter.defer(kind=kind, about=str(getattr(about, "pk", about)))


def _tell(kind: Kind, event: Event, members: list[Any] | tuple[Any, ...] | set[Any] | frozenset[Any]) -> None:
    numbers = NoticeCounter.next_for(list({member.pk for member in members}))
    notices = [Notice(member_id=member_id, event=event, number=number) for member_id, number in numbers.items()]
    Notice.objects.bulk_create(notices)
    if kind.mail is not Mail.NEVER:
        arguments: list[dict[str, Any]] = [{"notice": str(notice.pk)} for notice in notices]
        tasks.send_notice.batch_defer(*arguments)


def _must_be_in_a_transaction() -> None:
    # Outside of one, the event could stay while its cause is rolled back, or the other way round.
    if not connection.in_atomic_block:
        raise RuntimeError("Events and letters are recorded inside the transaction that causes them.")

"""The import as one verb: everything from one picture of the original, and only what is not here yet."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from django.db import connection

from carecollective.errors import NotFound, NotPermitted
from legacy.importing import conversations, leaving, people, reports, requests, restrictions, settings, shape
from legacy.importing.errand import AS_BEFORE, PATIENCE, Errand
from legacy.importing.faults import told_of_ours
from legacy.importing.source import Source, opened
from legacy.importing.tally import Tally
from legacy.services import closing
from legacy.services.alone import alone
from legacy.services.moving import THE_MOVE, Progress, Tell, take_stock
from members import roles
from members.models import Member
from members.services.accounts import fold_address

BATCH = 200
# A batch is held in memory.
BATCH_MOST = 10_000
NOT_AN_OPERATOR = "{email} is no operator of this site. An operator answers for what was decided on the earlier one."


@dataclass(frozen=True)
class Order:
    """What the operator asked for."""

    dsn: str
    batch: int = BATCH
    is_dry: bool = False
    by: str = ""


def bring_over(order: Order, tell: Tell = lambda progress: None, report: TextIO | None = None) -> Tally:
    """Goes on where the last one stopped, however it did. Nobody is told of anything."""
    tally = Tally(report)
    with told_of_ours(), alone(*THE_MOVE), _patiently():
        closing.must_be_open()
        answers = _operator(order.by) if order.by else None
        with opened(order.dsn) as source:
            for line in source.drift:
                tally.differs(line)
            progress = Progress(_rows(source), begun=time.monotonic(), things="rows", counted="rows")
            _bring(Errand(source, tally, progress, tell, order.batch, order.is_dry, answers))
            progress.done = progress.total
            tell(progress)
        if not order.is_dry:
            take_stock()
    return tally


def _bring(errand: Errand) -> None:
    # Restrictions before anything the restricted could be found by.
    people.bring(errand)
    restrictions.bring(errand)
    settings.bring(errand)
    requests.bring(errand)
    conversations.bring(errand)
    reports.bring(errand)
    leaving.end_what_is_open(errand)


@contextmanager
def _patiently() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(AS_BEFORE)


def _rows(source: Source) -> int:
    """People stand in two tables there, a later conversation in one for what is three here."""
    once = (shape.USERS, shape.RESTRICTIONS, shape.SETTINGS, shape.REQUESTS, shape.REPORTS, shape.CONVERSATIONS)
    later = 4 * source.count(shape.LATER_CONVERSATIONS) + source.count(shape.LATER_MESSAGES)
    return later + sum(source.count(table) for table in (*once, shape.PARTICIPANTS, shape.MESSAGES))


def _operator(email: str) -> Member:
    found = Member.objects.filter(email=fold_address(email)).first()
    if found is None:
        raise NotFound(f"Nobody has joined with {email}.")
    if not found.has_role(roles.OPERATOR, roles.MODERATOR):
        raise NotPermitted(NOT_AN_OPERATOR.format(email=email))
    return found

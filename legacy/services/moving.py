"""Moving the earlier system's conversations into V2, batch by batch: each with its checkpoint, or not at all."""

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models.functions import Now

from carecollective.errors import NotPermitted
from legacy.models import EarlierConversation, Move, Outcome, Run, RunState
from legacy.services.alone import alone
from legacy.services.hands import Counted, side_by_side

BATCH = 500
NEXT = """
SELECT id, created_at FROM conversations AS thread
WHERE (%(at)s::timestamptz IS NULL OR (created_at, id) > (%(at)s, %(id)s::uuid))
  AND NOT EXISTS (SELECT FROM legacy_moves WHERE id = thread.id)
ORDER BY created_at, id LIMIT %(batch)s
"""
ANOTHER_RUN = "Another backfill or import is running. This one has changed nothing."
# What one process may do at a time.
THE_MOVE = ("backfill_v1", ANOTHER_RUN)
NOTHING_PAUSED = "No backfill is paused."
NOTHING_RUNS = "No backfill is running."

log = logging.getLogger("legacy.backfill")

Tell = Callable[["Progress"], object]


@dataclass
class Progress:
    """How far a run has got, since it began."""

    total: int
    done: int = 0
    messages: int = 0
    begun: float = 0.0
    batches: int = 0
    # What is counted, and what its rate is told in.
    things: str = "conversations"
    counted: str = "messages"

    def add(self, conversations: int, messages: int) -> None:
        self.done += conversations
        self.messages += messages
        self.batches += 1

    @property
    def has_doubled(self) -> bool:
        """After one batch, two, four, and so on."""
        return self.batches & (self.batches - 1) == 0

    @property
    def rate(self) -> float:
        """Messages, or whatever is counted, in a second."""
        return self.messages / max(time.monotonic() - self.begun, 0.001)

    @property
    def seconds_left(self) -> float:
        spent = time.monotonic() - self.begun
        return spent / self.done * max(self.total - self.done, 0) if self.done else 0.0


def run(batch: int = BATCH, *, jobs: int = 1, is_dry: bool = False, tell: Tell = lambda progress: None) -> Run:
    """Goes on where the last one stopped, however it did, until nothing is left that could be moved."""
    with alone(*THE_MOVE):
        # A dry one leaves nothing, not even itself: each of its batches is taken back.
        found = Run(pk=0) if is_dry else _begin()
        if not is_dry:
            take_stock(is_under_way=True)
        progress = Progress(waiting(), begun=time.monotonic())
        # Closed, so that whoever moves a batch this moment is waited for.
        with closing(_everything(found, batch, jobs, is_dry)) as batches:
            for moved in batches:
                progress.add(*moved)
                tell(progress)
                if not is_dry and not goes_on(found):
                    break
                if not is_dry and progress.has_doubled:
                    take_stock(is_under_way=True)
            else:
                Run.objects.filter(pk=found.pk).update(state=RunState.DONE, ended_at=Now())
        if progress.done and not is_dry:
            take_stock()
        return found if is_dry else Run.objects.get(pk=found.pk)


def pause() -> Run:
    """The run ends after its batch; what it has moved stays moved."""
    return _turn(RunState.RUNNING, RunState.PAUSED, NOTHING_RUNS)


def resume() -> Run:
    return _turn(RunState.PAUSED, RunState.RUNNING, NOTHING_PAUSED)


def last() -> Run | None:
    return Run.objects.order_by("-pk").first()


def _begin() -> Run:
    standing = Run.objects.exclude(state__in=[RunState.DONE, RunState.REVERSED]).order_by("-pk").first()
    if standing is None:
        return Run.objects.create()
    Run.objects.filter(pk=standing.pk).update(state=RunState.RUNNING)
    return standing


def _turn(before: RunState, after: RunState, nothing: str) -> Run:
    found = Run.objects.filter(state=before).order_by("-pk").first()
    if found is None:
        raise NotPermitted(nothing)
    Run.objects.filter(pk=found.pk, state=before).update(state=after)
    return Run.objects.get(pk=found.pk)


def waiting() -> int:
    return EarlierConversation.objects.exclude(pk__in=Move.objects.values("pk")).count()


def _everything(found: Run, batch: int, jobs: int, is_dry: bool) -> Generator[Counted]:
    """How many conversations and messages, batch by batch; and once more, for what came in meanwhile."""
    is_more = True
    while is_more:
        is_more = False
        for moved in side_by_side(partial(_try_batch if is_dry else _move_all, found), _batches(batch), jobs):
            # What is only tried stays to be moved.
            is_more = not is_dry
            yield moved


def _batches(batch: int) -> Iterator[list[UUID]]:
    place: tuple[datetime | None, UUID | None] = (None, None)
    while rows := _next(batch, *place):
        yield [row[0] for row in rows]
        place = (rows[-1][1], rows[-1][0])


def _next(batch: int, at: datetime | None, after: UUID | None) -> list[tuple[UUID, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(NEXT, {"at": at, "id": after, "batch": batch})
        rows: list[tuple[UUID, datetime]] = cursor.fetchall()
    return rows


def _move_all(found: Run, ids: list[UUID]) -> Counted:
    return len(ids), _move(found, ids)


def goes_on(found: Run) -> bool:
    """Nobody has paused it."""
    return Run.objects.filter(pk=found.pk, state=RunState.RUNNING).exists()


def _move(found: Run, ids: list[UUID]) -> int:
    """What the database refuses is found by halves, and left where it is."""
    try:
        with transaction.atomic():
            return move_batch(found, ids)
    except IntegrityError as problem:
        if len(ids) == 1:
            log.error("backfill.refused", extra={"conversation_id": str(ids[0]), "problem": problem})
            Move.objects.create(pk=ids[0], run=found, outcome=Outcome.QUARANTINED, reason="refused")
            return 0
        half = len(ids) // 2
        return _move(found, ids[:half]) + _move(found, ids[half:])


def _try_batch(found: Run, ids: list[UUID]) -> Counted:
    with transaction.atomic():
        tried = Run.objects.create()
        messages = _move(tried, ids)
        transaction.set_rollback(True)
    return len(ids), messages


def take_stock(*, is_under_way: bool = False) -> None:
    """What the database knows of its tables is of before much was brought over, or moved: it plans for empty ones."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT legacy_take_stock(%s)", [is_under_way])


def move_batch(found: Run, ids: list[UUID]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT moved, said FROM legacy_move(%s, %s)", [found.pk, ids])
        row = cursor.fetchone()
    if row is None:
        raise DatabaseError("The run this batch belongs to is gone.")
    return int(row[1])

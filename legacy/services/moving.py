"""Moving the earlier system's conversations into V2, batch by batch: each with its checkpoint, or not at all."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models.functions import Now

from carecollective.errors import NotPermitted
from legacy.models import EarlierConversation, Move, Outcome, Run, RunState

BATCH = 500
PATIENCE_SECONDS = 3.0
ONE_AT_A_TIME = "SELECT pg_try_advisory_lock(hashtext('backfill_v1'))"
LET_GO = "SELECT pg_advisory_unlock(hashtext('backfill_v1'))"
NEXT = """
SELECT id, created_at FROM conversations AS thread
WHERE (%(at)s::timestamptz IS NULL OR (created_at, id) > (%(at)s, %(id)s::uuid))
  AND NOT EXISTS (SELECT FROM legacy_moves WHERE id = thread.id)
ORDER BY created_at, id LIMIT %(batch)s
"""
ANOTHER_RUN = "Another backfill or import is running. This one has changed nothing."
NOTHING_PAUSED = "No backfill is paused."
NOTHING_RUNS = "No backfill is running."

log = logging.getLogger("legacy.backfill")

Tell = Callable[["Progress"], object]
Place = tuple[datetime, UUID] | None


@dataclass
class Progress:
    """How far a run has got, since it began."""

    total: int
    done: int = 0
    messages: int = 0
    begun: float = 0.0
    # What is counted, and what its rate is told in.
    things: str = "conversations"
    counted: str = "messages"

    @property
    def rate(self) -> float:
        """Messages, or whatever is counted, in a second."""
        return self.messages / max(time.monotonic() - self.begun, 0.001)

    @property
    def seconds_left(self) -> float:
        spent = time.monotonic() - self.begun
        return spent / self.done * max(self.total - self.done, 0) if self.done else 0.0


def run(batch: int = BATCH, *, is_dry: bool = False, tell: Tell = lambda progress: None) -> Run:
    """Goes on where the last one stopped, however it did, until nothing is left that could be moved."""
    with alone():
        # A dry one leaves nothing, not even itself: each of its batches is taken back.
        found = Run(pk=0) if is_dry else _begin()
        progress = Progress(_waiting(), begun=time.monotonic())
        for ids in _batches(batch, is_dry):
            if not is_dry and not Run.objects.filter(pk=found.pk, state=RunState.RUNNING).exists():
                break
            progress.messages += _try_batch(found, ids) if is_dry else _move(found, ids)
            progress.done += len(ids)
            tell(progress)
        else:
            Run.objects.filter(pk=found.pk).update(state=RunState.DONE, ended_at=Now())
        return found if is_dry else Run.objects.get(pk=found.pk)


def pause() -> Run:
    """The run ends after its batch; what it has moved stays moved."""
    return _turn(RunState.RUNNING, RunState.PAUSED, NOTHING_RUNS)


def resume() -> Run:
    return _turn(RunState.PAUSED, RunState.RUNNING, NOTHING_PAUSED)


@contextmanager
def alone() -> Iterator[None]:
    """One backfill or import at a time."""
    # A run that was killed holds it until the database has noticed.
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _is_ours():
        if time.monotonic() > deadline:
            raise NotPermitted(ANOTHER_RUN)
        time.sleep(0.1)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(LET_GO)


def last() -> Run | None:
    return Run.objects.order_by("-pk").first()


def _is_ours() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
        return bool(cursor.fetchone()[0])


def _begin() -> Run:
    standing = Run.objects.exclude(state=RunState.DONE).order_by("-pk").first()
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


def _waiting() -> int:
    return EarlierConversation.objects.exclude(pk__in=Move.objects.values("pk")).count()


def _batches(batch: int, is_dry: bool) -> Iterator[list[UUID]]:
    """In order; and once more from the beginning, for what came in meanwhile. What is only tried stays to be moved."""
    place: Place = None
    while True:
        with connection.cursor() as cursor:
            at, after = place or (None, None)
            cursor.execute(NEXT, {"at": at, "id": after, "batch": batch})
            rows = cursor.fetchall()
        if rows:
            yield [row[0] for row in rows]
        elif place is None or is_dry:
            return
        place = (rows[-1][1], rows[-1][0]) if rows else None


def _move(found: Run, ids: list[UUID]) -> int:
    """What the database refuses is found by halves, and left where it is."""
    try:
        with transaction.atomic():
            return _moved(found, ids)
    except IntegrityError as problem:
        if len(ids) == 1:
            log.error("backfill.refused", extra={"conversation_id": str(ids[0]), "problem": problem})
            Move.objects.create(pk=ids[0], run=found, outcome=Outcome.QUARANTINED, reason="refused")
            return 0
        half = len(ids) // 2
        return _move(found, ids[:half]) + _move(found, ids[half:])


def _try_batch(found: Run, ids: list[UUID]) -> int:
    with transaction.atomic():
        tried = Run.objects.create()
        messages = _move(tried, ids)
        transaction.set_rollback(True)
    return messages


def _moved(found: Run, ids: list[UUID]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT moved, said FROM legacy_move(%s, %s)", [found.pk, ids])
        row = cursor.fetchone()
    if row is None:
        raise DatabaseError("The run this batch belongs to is gone.")
    return int(row[1])

"""Trying again those that stayed where they are: moved now, or left with the reason that holds now."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from features.services.switching import By
from legacy.models import Move, Outcome, Run, RunState
from legacy.services.alone import alone
from legacy.services.moving import BATCH, THE_MOVE, Progress, Tell, goes_on, last, move_batch, waiting
from legacy.services.settling import in_batches, left, on_record

OPEN_AGAIN = "SELECT legacy_open_again(%s)"

log = logging.getLogger("legacy.backfill")


@dataclass
class Replayed:
    tried: int = 0
    stayed: int = 0
    messages: int = 0

    @property
    def moved(self) -> int:
        return self.tried - self.stayed


def replay(
    by: By, *, ids: Sequence[UUID] = (), reason: str = "", batch: int = BATCH, tell: Tell = lambda progress: None
) -> Replayed:
    """Those that are named, settled or not; or all of a reason, or all, that nobody has settled."""
    with alone(*THE_MOVE):
        rows = left(ids, reason) if ids else left(ids, reason).filter(settled_at__isnull=True)
        progress, found = Progress(rows.count(), begun=time.monotonic()), last()
        if not progress.total or found is None:
            return Replayed()
        Run.objects.filter(pk=found.pk).update(state=RunState.RUNNING)
        done = Replayed()
        for some in in_batches(rows, batch):
            if not goes_on(found):
                break
            done.messages += _again(found, some, by)
            done.tried += len(some)
            done.stayed += Move.objects.filter(pk__in=some, outcome=Outcome.QUARANTINED).count()
            progress.done, progress.messages = done.tried, done.messages
            tell(progress)
        _end(found)
        return done


def _again(found: Run, ids: list[UUID], by: By) -> int:
    """What the database refuses is found by halves, and stays where it is."""
    try:
        return _open_and_move(found, ids, by)
    except IntegrityError as problem:
        if len(ids) == 1:
            log.error("backfill.refused", extra={"conversation_id": str(ids[0]), "problem": problem})
            Move.objects.filter(pk=ids[0]).update(run=found, at=Now(), reason="refused")
            return 0
        half = len(ids) // 2
        return _again(found, ids[:half], by) + _again(found, ids[half:], by)


@transaction.atomic
def _open_and_move(found: Run, ids: list[UUID], by: By) -> int:
    settled = list(Move.objects.filter(pk__in=ids, settled_at__isnull=False).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(OPEN_AGAIN, [ids])
    messages = move_batch(found, ids)
    if messages:
        # What was compared is not all there is any more.
        Run.objects.filter(pk=found.pk).update(verified_at=None, differences=None)
    if settled:
        on_record("v1_settled_no_more", settled, by)
    return messages


def _end(found: Run) -> None:
    """As it was before; one that had not come to its end goes on with the next `run`."""
    if found.state == RunState.DONE or not waiting():
        after = {"state": RunState.DONE, "ended_at": Now()}
    else:
        after = {"state": RunState.PAUSED}
    Run.objects.filter(pk=found.pk, state=RunState.RUNNING).update(**after)

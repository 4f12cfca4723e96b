"""Taking a run back: its conversations go where they came from, batch by batch, by what the run has kept."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from carecollective.errors import NotPermitted
from legacy.models import Move, Outcome, Run, RunState
from legacy.services import closing
from legacy.services.alone import alone
from legacy.services.moving import BATCH, THE_MOVE, Progress, Tell, take_stock

NOTHING_THERE = "No backfill was run that could be taken back."
PROTECTS = "protect_old_messages is running. Nothing was changed."
STAYS = "SELECT id, why FROM legacy_stays(%s)"
REVERSE = "SELECT went_back, said FROM legacy_reverse(%s, %s)"
FORGET = "SELECT legacy_forget(%s)"


@dataclass
class Reversed:
    """What went back, and what stays in V2 with the reason: words were said there since, or were sealed there."""

    run: Run
    conversations: int = 0
    messages: int = 0
    stays: list[tuple[UUID, str]] = field(default_factory=list)


def reverse(
    *, is_carried: bool = False, is_dry: bool = False, batch: int = BATCH, tell: Tell = lambda progress: None
) -> Reversed:
    """The newest run that has moved anything. Stopped halfway, it goes on where it was."""
    with alone(*THE_MOVE), alone("protect_old_messages", PROTECTS):
        closing.must_be_open()
        done = Reversed(_newest())
        if is_dry:
            _through(done, partial(_try_to_take_back, done, is_carried), batch, tell)
            return done
        Run.objects.filter(pk=done.run.pk).update(state=RunState.PAUSED, verified_at=None, differences=None)
        take_stock(is_under_way=True)
        _through(done, partial(_take_back, done, is_carried), batch, tell)
        _end(done)
        take_stock()
        return done


def _through(done: Reversed, take: Callable[[list[UUID]], None], batch: int, tell: Tell) -> None:
    progress = Progress(_moved(done.run).count(), begun=time.monotonic())
    for ids in _batches(done.run, batch):
        take(ids)
        progress.add(len(ids), done.messages - progress.messages)
        tell(progress)
        if progress.has_doubled:
            take_stock(is_under_way=True)


@transaction.atomic
def _take_back(done: Reversed, is_carried: bool, ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(REVERSE, [ids, is_carried])
        conversations, messages = cursor.fetchone()
        # Asked under its locks, so that words which came just before them are told, too.
        cursor.execute(STAYS, [ids])
        done.stays += cursor.fetchall()
    done.conversations += conversations
    done.messages += messages


@transaction.atomic
def _try_to_take_back(done: Reversed, is_carried: bool, ids: list[UUID]) -> None:
    _take_back(done, is_carried, ids)
    transaction.set_rollback(True)


def _newest() -> Run:
    found = Run.objects.filter(moves__outcome=Outcome.CONVERTED).order_by("-pk").first()
    if found is None:
        raise NotPermitted(NOTHING_THERE)
    return found


def _moved(run: Run) -> QuerySet[Move]:
    return Move.objects.filter(run=run, outcome=Outcome.CONVERTED)


def _batches(run: Run, batch: int) -> Iterator[list[UUID]]:
    """By their ids, for what stays in V2 stays among them."""
    after = UUID(int=0)
    while ids := list(_moved(run).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:batch]):
        yield ids
        after = ids[-1]


def _end(done: Reversed) -> None:
    if _moved(done.run).exists():
        Run.objects.filter(pk=done.run.pk).update(state=RunState.DONE)
    else:
        with connection.cursor() as cursor:
            cursor.execute(FORGET, [done.run.pk])
        Run.objects.filter(pk=done.run.pk).update(state=RunState.REVERSED, reversed_at=Now())
    done.run.refresh_from_db()

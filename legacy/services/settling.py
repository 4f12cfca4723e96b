"""Settling what stayed where it is: somebody decides that it stays behind, and says why."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from audit.services import record
from carecollective.errors import NotFound, NotValid
from features.services.switching import By
from legacy.models import EarlierMessage, Move, Outcome, SettledAs
from legacy.models.backfill import BY_MOST, WHY_MOST
from legacy.services.alone import alone
from legacy.services.moving import BATCH, THE_MOVE

NAMED_MOST = 20
# Who writes in one of these holds its row, too; ours stands before theirs.
HELD = (
    "SELECT FROM legacy_conversations WHERE id = ANY (%s) ORDER BY id FOR UPDATE",
    "SELECT FROM conversations WHERE id = ANY (%s) ORDER BY id FOR UPDATE",
)


@dataclass(frozen=True)
class Decision:
    """What becomes of it when V1 goes, why, and who says so."""

    why: str
    by: By
    settled_as: str = SettledAs.ARCHIVED

    def must_be_whole(self) -> None:
        if not self.why.strip() or len(self.why) > WHY_MOST:
            raise NotValid(f"Please say --why, in at most {WHY_MOST} letters.")
        if self.settled_as not in SettledAs.values:
            raise NotValid(f"--as is one of: {', '.join(SettledAs.values)}.")


@dataclass(frozen=True)
class Settled:
    conversations: int = 0
    # Of them; their people go on reading these until V1 is dropped.
    with_words: int = 0
    # Somebody has said something in these since they were left for being empty: they are to be tried again.
    passed_over: int = 0

    def __add__(self, other: "Settled") -> "Settled":
        return Settled(
            self.conversations + other.conversations,
            self.with_words + other.with_words,
            self.passed_over + other.passed_over,
        )


def settle(decision: Decision, *, ids: Sequence[UUID] = (), reason: str = "") -> Settled:
    """Those that are named, all or none; or all that were left for one reason. What is settled already stays so."""
    decision.must_be_whole()
    if bool(ids) == bool(reason):
        raise NotValid("Please name conversations by their ids, or all of one --reason, and not both.")
    with alone(*THE_MOVE):
        open_ones = left(ids, reason).filter(settled_at__isnull=True)
        return sum((_settle(found, decision) for found in in_batches(open_ones, max(BATCH, len(ids)))), Settled())


def left(ids: Sequence[UUID], reason: str) -> QuerySet[Move]:
    """Those that are named, which must all have been left; or all of a reason; or all."""
    rows = Move.objects.filter(outcome=Outcome.QUARANTINED)
    if reason:
        rows = rows.filter(reason=reason)
    if ids:
        rows = rows.filter(pk__in=ids)
        missing = sorted(set(ids) - set(rows.values_list("pk", flat=True)))
        if missing:
            named = ", ".join(map(str, missing[:NAMED_MOST]))
            more = f" and {len(missing) - NAMED_MOST} more" if len(missing) > NAMED_MOST else ""
            raise NotFound(f"Not among those that stayed: {named}{more}. Nothing was changed.")
    return rows


def in_batches(rows: QuerySet[Move], size: int = BATCH) -> Iterator[list[UUID]]:
    """Each once, whatever becomes of those before it."""
    found = list(rows.order_by("pk").values_list("pk", flat=True)[:size])
    while found:
        yield found
        found = list(rows.filter(pk__gt=found[-1]).order_by("pk").values_list("pk", flat=True)[:size])


@transaction.atomic
def _settle(ids: list[UUID], decision: Decision) -> Settled:
    with connection.cursor() as cursor:
        for statement in HELD:
            cursor.execute(statement, [ids])
    rows = Move.objects.filter(pk__in=ids, outcome=Outcome.QUARANTINED, settled_at__isnull=True).annotate(
        has_words=Exists(EarlierMessage.objects.filter(conversation=OuterRef("pk"), content__regex=r"\S"))
    )
    found = {move.pk: move.has_words for move in rows if not (move.reason == "empty" and move.has_words)}
    if found:
        why = " ".join(decision.why.split())
        as_said = {"settled_as": decision.settled_as, "settled_by": decision.by.words[:BY_MOST], "settled_why": why}
        Move.objects.filter(pk__in=found).update(settled_at=Now(), **as_said)
        on_record("v1_settled", list(found), decision.by, why, settled_as=decision.settled_as)
    return Settled(len(found), sum(found.values()), len(ids) - len(found))


def on_record(act: str, ids: Sequence[UUID], by: By, why: str = "", **details: str) -> None:
    """Which ones: by name where they are few, and by a digest of their ids, so that no others can take their place."""
    digest = hashlib.sha256(" ".join(map(str, sorted(ids))).encode()).hexdigest()
    named = {"ids": list(ids)} if len(ids) <= NAMED_MOST else {}
    record(act, actor=by.actor, subject=("v1_conversations", digest), reason=why, number=len(ids), **named, **details)

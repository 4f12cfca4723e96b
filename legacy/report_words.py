"""The report of a backfill, line by line: what was there, what became of it, what is next. It names ids only."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.timezone import now

from legacy.backfill_words import REASONS, before_it_goes
from legacy.models import Ending, Move, Outcome, Run
from legacy.services import counting
from legacy.services.counting import Comparison, Standing


def lines() -> Iterator[str]:
    """A few are in memory at a time, however many conversations there are."""
    stands = counting.standing()
    yield from ("# V1 into V2: the report of the backfill", "")
    yield f"Of {settings.SITE_URL}, written {now():%Y-%m-%d %H:%M} UTC. It names ids, and no words of members."
    if stands.is_at_work:
        yield "A run was at work meanwhile: these figures are of one moment of it."
    yield from _in_short(stands)
    yield from _what_was_there()
    yield from _merged()
    yield from _left()
    yield from _runs()
    compared = counting.comparison(stands)
    yield from _comparison(compared)
    yield from _next(stands, compared)


def _in_short(stands: Standing) -> Iterator[str]:
    messages = counting.messages()
    rows = (
        ("moved", stands.converted, Outcome.CONVERTED),
        ("merged into the oldest of their pair", stands.merged, Outcome.MERGED),
        ("left where they are", stands.left, Outcome.QUARANTINED),
        ("waiting", stands.waiting, ""),
    )
    total, with_words = (sum(found[place] for found in messages.values()) for place in (1, 0))
    yield from ("", "## In short", "", "| | conversations | messages |", "|---|---:|---:|")
    yield f"| in V1 | {stands.total:,} | {total:,} |"
    for what, number, outcome in rows:
        yield f"| {what} | {number:,} | {messages.get(outcome, (0, 0))[0]:,} |"
    yield f"| without a word in them | | {total - with_words:,} |"


def _what_was_there() -> Iterator[str]:
    yield from ("", "## What was there", "", "One conversation can be several of these.", "")
    yield from ("| kind | conversations |", "|---|---:|")
    for kind, number in counting.census().items():
        yield f"| {kind} | {number:,} |"


def _merged() -> Iterator[str]:
    rows = (
        Move.objects.filter(outcome=Outcome.MERGED).order_by("into_id", "pk").values_list("pk", "into_id", "messages")
    )
    yield from ("", "## Merged", "")
    is_any = False
    for one, into, messages in rows.iterator():
        if not is_any:
            yield from ("| conversation | into | messages |", "|---|---|---:|")
        is_any = True
        yield f"| {one} | {into} | {messages:,} |"
    if not is_any:
        yield "None: nobody had several about one request."


def _left() -> Iterator[str]:
    found = counting.left_behind()
    yield from ("", "## Left where they are")
    if not found:
        yield from ("", "None.")
    for one in found:
        yield from ("", f"### {one.reason}: {REASONS[one.reason]}", "")
        yield f"{one.number:,} in all, {one.settled:,} settled."
        rows = Move.objects.filter(outcome=Outcome.QUARANTINED, reason=one.reason).order_by("settled_at", "pk")
        said = ""
        yield ""
        for move in rows.only("settled_at", "settled_as", "settled_by", "settled_why").iterator():
            if (how := _how(move)) != said:
                yield from ("", how, "")
                said = how
            yield f"- {move.pk}"


def _how(move: Move) -> str:
    if move.settled_at is None:
        return "Not settled:"
    return (
        f"Settled as {move.settled_as} by {move.settled_by}, {move.settled_at:%Y-%m-%d %H:%M} UTC: {move.settled_why}"
    )


def _runs() -> Iterator[str]:
    yield from ("", "## Runs", "")
    yield "| run | state | begun (UTC) | last batch | conversations | messages | messages/s | digest |"
    yield "|---:|---|---|---|---:|---:|---:|---|"
    at_work = counting.seconds_at_work()
    for run in Run.objects.order_by("pk").iterator():
        told = f"| {run.pk} | {run.state} | {run.started_at:%Y-%m-%d %H:%M:%S} | "
        last = f"{run.moved_at:%Y-%m-%d %H:%M:%S}" if run.moved_at else "–"
        seconds = at_work.get(run.pk, 0.0)
        rate = f"{run.messages / seconds:,.0f}" if seconds else "–"
        yield told + last + f" | {run.conversations:,} | {run.messages:,} | {rate} | {run.digest or '–'} |"
    yield from ("", "The rate leaves out pauses of more than a minute.")


def _comparison(compared: Comparison | None) -> Iterator[str]:
    yield from ("", "## The comparison", "")
    if compared is None:
        yield "Nothing was compared yet."
        return
    told = f"{compared.differences:,} differences" if compared.differences else "every row of both sides the same"
    yield f"{compared.at:%Y-%m-%d %H:%M} UTC: {told}."
    if not compared.has_seen_all:
        yield "Something was moved since, which it has not seen."


def _next(stands: Standing, compared: Comparison | None) -> Iterator[str]:
    yield from ("", "## Before V1 can go", "")
    for is_so, what in before_it_goes(stands, compared, Ending.now()):
        yield f"- [{'x' if is_so else ' '}] {what}"
    yield from (
        "",
        "`manage.py drop_v1 --dry-run` tells all that is in the way; `docs/cutover.md` says how it goes on.",
    )

"""What an operator reads of a backfill."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from legacy.models import Ending, Move, Run, RunState
from legacy.services import counting
from legacy.services.counting import Comparison, Left, Standing
from legacy.services.moving import Progress
from legacy.services.replaying import Replayed
from legacy.services.reversing import Reversed
from legacy.services.settling import Settled

EVERY_SECONDS = 1.0
REASONS = {
    "empty": "nobody said anything in it",
    "people_missing": "one of its people is missing",
    "not_of_two": "it has more or fewer than two people",
    "too_long": "something in it is longer than 1,000 characters",
    "has_v2": "its two people have a V2 conversation about the same",
    "sealed": "it is one of several of a pair, and has sealed words, which open in their own conversation only",
    "left": "it is one of several of a pair, and one of the two has left some of them, and not others",
    "refused": "the database refused it; the log says why",
}

STAYS = {
    "later": "something was said in them since. With --carry it goes along, into V1.",
    "sealed": "several became one, and words of theirs were sealed since, which open only where they stand now.",
}


def of_plan(counted: dict[str, int]) -> list[str]:
    width = max(map(len, counted))
    return [f"{kind:{width}}  {number:>9,}" for kind, number in counted.items()]


def of_run(run: Run | None) -> list[str]:
    if run is None:
        return ["No backfill was run yet."]
    told = f"Backfill {run.pk} is {RunState(run.state).label.lower()}: {run.conversations:,} conversations with"
    what = "moved, and taken back" if run.state == RunState.REVERSED else "moved"
    lines = [f"{told} {run.messages:,} messages {what}. Digest {run.digest or '-'}."]
    if run.verified_at:
        came_out = "every row the same" if not run.differences else f"{run.differences:,} differences"
        lines.append(f"Verified {_moment(run.verified_at)}: {came_out}.")
    return lines


def of_standing(stands: Standing, run: Run | None) -> list[str]:
    counted = f"{stands.moved:,} of {stands.total:,} conversations are moved, {stands.waiting:,} wait"
    lines = [f"{counted}, {stands.left:,} stayed, {stands.settled:,} of these settled."]
    if stands.is_at_work and stands.seconds_left is not None:
        lines.append(f"At work: {stands.rate:,.0f} messages/s, {in_time(stands.seconds_left)} left.")
    elif run and run.state == RunState.RUNNING and not stands.is_at_work:
        lines.append("No run is at work, and the last one was cut off. `backfill_v1 run` goes on.")
    return lines


def before_it_goes(stands: Standing, compared: Comparison | None, ending: Ending | None) -> list[tuple[bool, str]]:
    """What has to be so before V1 can go, in the order it is done, and whether it is; `drop_v1` asks more."""
    is_compared = compared is not None and compared.is_good
    unscreened = counting.unscreened()
    return [
        (not stands.waiting, f"Each conversation is moved, or left with its reason ({stands.waiting:,} wait)."),
        (is_compared, "All that was moved was compared since, and nothing differed."),
        (not unscreened, f"The words of each that was moved are protected ({unscreened:,} are not)."),
        (ending is not None and ending.closed_at is not None, "V1 is closed for writing."),
        (not stands.unsettled, f"Each that was left is settled ({stands.unsettled:,} are not)."),
    ]


def in_time(seconds: float) -> str:
    """As somebody would say it who waits for it."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def of_quarantine(found: Sequence[Left]) -> list[str]:
    lines = [f"{one.number:>9,}  {one.reason}: {REASONS[one.reason]}{_settled(one)}" for one in found]
    return lines or ["Nothing stayed where it is."]


def of_each(rows: Iterable[Move]) -> list[str]:
    """Those of one reason, or those that were named; ids and what staff decided, no words of members."""
    lines = [f"{move.pk}  {move.reason}{_decision(move)}" for move in rows]
    return lines or ["Nothing stayed where it is for this reason."]


def of_replay(done: Replayed) -> str:
    if not done.tried:
        return "There was nothing to try again."
    return f"{done.tried:,} tried again: {done.moved:,} moved with {done.messages:,} messages, {done.stayed:,} stayed."


def of_settling(done: Settled) -> list[str]:
    lines = [f"{done.conversations:,} settled." if done.conversations else "Nothing was left to settle."]
    if done.with_words:
        lines.append(
            f"{done.with_words:,} of them with words: their people read these until V1 is dropped; "
            "then they are written to the archive."
        )
    if done.passed_over:
        lines.append(
            f"{done.passed_over:,} not settled: something was said in them since. "
            "`quarantine replay --reason empty` tries to move them."
        )
    return lines


def of_reversed(done: Reversed) -> list[str]:
    told = f"Backfill {done.run.pk}: {done.conversations:,} conversations with {done.messages:,} messages"
    lines = [f"{told} stand in V1's tables again."]
    for reason, why in STAYS.items():
        ids = [str(one) for one, found in done.stays if found == reason]
        if ids:
            lines += [f"{len(ids):,} stay in V2: {why}", *ids]
    return lines


def _settled(one: Left) -> str:
    if not one.settled:
        return ""
    return "; settled" if one.settled == one.number else f"; {one.settled:,} of them settled"


def _decision(move: Move) -> str:
    if move.settled_at is None:
        return ""
    return f"  {move.settled_as} by {move.settled_by}, {_moment(move.settled_at)}: {move.settled_why}"


def _moment(moment: datetime) -> str:
    return f"{localtime(moment):%Y-%m-%d %H:%M}"


def bar(out: Any) -> Callable[[Progress], None]:
    """Once in a second, and at the end."""
    told_at = 0.0

    def tell(progress: Progress) -> None:
        nonlocal told_at
        is_over = progress.done >= progress.total
        if is_over or time.monotonic() - told_at > EVERY_SECONDS:
            told_at = time.monotonic()
            share = 100 * progress.done // max(progress.total, 1)
            filled = "#" * (share // 5)
            left = f"{progress.seconds_left:.0f} s left" if not is_over else "done"
            out.write(
                f"[{filled:20}] {progress.done:,} of {progress.total:,} {progress.things}, "
                f"{progress.rate:,.0f} {progress.counted}/s, {left}"
            )

    return tell

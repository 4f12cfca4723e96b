"""What an operator reads of a backfill."""

import time
from collections.abc import Callable
from typing import Any

from django.utils.timezone import localtime

from legacy.models import Run, RunState
from legacy.services.moving import Progress

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


def of_plan(counted: dict[str, int]) -> list[str]:
    width = max(map(len, counted))
    return [f"{kind:{width}}  {number:>9,}" for kind, number in counted.items()]


def of_run(run: Run | None) -> list[str]:
    if run is None:
        return ["No backfill was run yet."]
    told = f"Backfill {run.pk} is {RunState(run.state).label.lower()}: {run.conversations:,} conversations with"
    lines = [f"{told} {run.messages:,} messages moved. Digest {run.digest or '-'}."]
    if run.verified_at:
        came_out = "every row the same" if not run.differences else f"{run.differences:,} differences"
        lines.append(f"Verified {localtime(run.verified_at):%Y-%m-%d %H:%M}: {came_out}.")
    return lines


def of_quarantine(found: dict[str, int]) -> list[str]:
    lines = [f"{number:>9,}  {reason}: {REASONS[reason]}" for reason, number in found.items()]
    return lines or ["Nothing stayed where it is."]


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

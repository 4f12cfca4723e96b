"""The page of a backfill: how far it is, what stayed, and what is missing before V1 can go. It only shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localtime

from carecollective.desk import StaffAdmin, desk
from carecollective.http import wants_part
from carecollective.pages import by_parts, takes
from legacy import backfill_words as words
from legacy.models import Ending, Run, RunState
from legacy.models.ending import DELETE_IT
from legacy.services import counting
from legacy.services.counting import Comparison, Left, Standing

PAGE, PART, GONE = (f"admin/legacy/run/{name}.html" for name in ("page", "_state", "gone"))
RUNS = 10
EVERY_SECONDS = 3


@dataclass(frozen=True)
class Banner:
    """What an operator has to know first, and what the command does about it."""

    tone: str
    heading: str
    words: str
    act: str
    does: str


@admin.register(Run, site=desk)
class Backfill(StaffAdmin):
    """A page of our own: what is done about it, is done at the command line."""

    def get_urls(self) -> list[Any]:
        return [path("", by_parts(desk.admin_view(show)), name="legacy_run_changelist")]


@takes("GET")
def show(request: HttpRequest) -> HttpResponse:
    """The whole page; or, for a page that looks again while a run goes, what has changed on it."""
    ending, head = Ending.now(), {"title": "V1 into V2"}
    if ending is None:
        # Its tables are gone, and with them the record of how they went (legacy/services/dropping.py).
        return render(request, GONE, {**desk.each_context(request), **head, "next": DELETE_IT})
    stands, runs = counting.standing(), list(Run.objects.order_by("-pk")[:RUNS])
    state = _state(stands, runs, ending)
    if wants_part(request):
        return render(request, PART, state)
    lines = [_line(run, stands) for run in runs]
    return render(request, PAGE, {**desk.each_context(request), **head, **state, "runs": lines})


def _state(stands: Standing, runs: list[Run], ending: Ending) -> dict[str, Any]:
    compared = counting.comparison(stands)
    done = stands.moved + stands.left
    return {
        "now": localtime(),
        "every": EVERY_SECONDS if stands.is_at_work else 0,
        "sentence": _sentence(stands, runs),
        "banners": _banners(stands, runs, compared),
        "stands": stands,
        "done": done,
        "share": f"{100 * done // max(stands.total, 1)}\u00a0%",
        "facts": list(_facts(stands)),
        "last_batch": runs[0].moved_at if runs else None,
        "compared": compared,
        "differences": _several(compared.differences, "difference") if compared else "",
        "gates": words.before_it_goes(stands, compared, ending),
        "stayed": [_stayed(one) for one in counting.left_behind()],
    }


def _facts(stands: Standing) -> Iterator[tuple[str, str]]:
    yield "Moved", f"{_several(stands.moved, 'conversation')} with {_several(stands.messages, 'message')}"
    if stands.merged:
        yield "Merged", f"{stands.merged:,} of these, into the oldest of their pair"
    yield "Stayed", f"{stands.left:,}"
    yield "Wait", f"{stands.waiting:,}"
    if stands.is_at_work:
        yield "Rate", f"{stands.rate:,.0f} messages a second" if stands.rate else "not known yet"
        yield "Time left", words.in_time(stands.seconds_left) if stands.seconds_left is not None else "not known yet"


def _line(run: Run, stands: Standing) -> tuple[Run, str, str, str]:
    how = "Cut off" if _is_cut_off(run, stands) else RunState(run.state).label
    return run, how, f"{run.conversations:,}", f"{run.messages:,}"


def _stayed(one: Left) -> tuple[str, str, bool]:
    settled = f", {one.settled:,} of them settled" if 0 < one.settled < one.number else ""
    return words.REASONS[one.reason], f"{_several(one.number, 'conversation')}{settled}", one.settled == one.number


def _sentence(stands: Standing, runs: list[Run]) -> str:
    if not stands.total:
        return "There are no conversations of V1."
    if not runs:
        return f"Nothing was moved yet. {_several(stands.waiting, 'conversation')} of V1 wait."
    done = f"{stands.moved:,} of {_several(stands.total, 'conversation')} are moved"
    if stands.is_at_work:
        return f"A run is at work: {done}."
    if stands.waiting:
        return f"{done}, and {stands.waiting:,} wait."
    if stands.unsettled:
        return f"{done}. {stands.unsettled:,} that stayed wait until somebody decides about them."
    return f"{done}." if not stands.left else f"{done}. The {stands.left:,} that stayed are settled."


def _banners(stands: Standing, runs: list[Run], compared: Comparison | None) -> list[Banner]:
    found = []
    if runs and _is_cut_off(runs[0], stands):
        found.append(
            Banner("warn", "The last run was cut off", "What was moved stays moved.", "run", "goes on from there")
        )
    if runs and runs[0].state == RunState.PAUSED:
        found.append(Banner("info", "The run is paused", "What was moved stays moved.", "run", "goes on from there"))
    if compared and compared.differences:
        told = f"{_several(compared.differences, 'difference')} found."
        found.append(Banner("danger", "V1 and V2 differ", told, "verify", "names each"))
    return found


def _is_cut_off(run: Run, stands: Standing) -> bool:
    return run.state == RunState.RUNNING and not stands.is_at_work


def _several(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"

"""Attempts as they come in, and what the guard must find in them, reckoned without a database."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from features import guard, outcomes
from features.models import Kind

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
START, SEND = Kind.START.value, Kind.SEND.value


@dataclass(frozen=True)
class Tried:
    """`at` in seconds since the stream began."""

    at: float
    kind: str = SEND
    code: str = "success"
    version: int | None = 2


@dataclass
class _Seen:
    times: list[float] = field(default_factory=list)
    failures: list[int] = field(default_factory=lambda: [0])


class Stream:
    """What the guard sees of the attempts, view by view; `since` is when anybody was let in."""

    def __init__(self, tries: Iterable[Tried], since: float = -DAY) -> None:
        counted = sorted((t for t in tries if t.at > since and _counts(t)), key=lambda t: t.at)
        self.views = [_seen(t for t in counted if t.kind in view.kinds) for view in guard.VIEWS]

    def is_broken(self, now: float) -> bool:
        return any(self._look(seen, now).is_broken for seen in self.views)

    def off_at(self, until: float, begin: float = 0.0) -> float | None:
        """When a guard that looks each minute turns it off, if it does."""
        minutes = range(int(begin // MINUTE) + 1, int(until // MINUTE) + 1)
        return next((number * MINUTE for number in minutes if self.is_broken(number * MINUTE)), None)

    def _look(self, seen: _Seen, now: float) -> guard.Seen:
        last = bisect_right(seen.times, now)
        first = bisect_right(seen.times, now - guard.WINDOW.total_seconds())
        if last - first < guard.FEWEST:
            oldest = bisect_right(seen.times, now - guard.LONGEST.total_seconds())
            first = max(oldest, last - guard.FEWEST)
        return guard.Seen(last - first, seen.failures[last] - seen.failures[first])


def arrivals(random: Random, an_hour: float, until: float, begin: float = 0.0) -> Iterator[float]:
    """As people come: without a rhythm."""
    at = begin + random.expovariate(an_hour / HOUR)
    while at < until:
        yield at
        at += random.expovariate(an_hour / HOUR)


def attempts(
    random: Random, an_hour: float, failing: float, until: float, begin: float = 0.0, starts: float = 0.5
) -> list[Tried]:
    return [
        Tried(
            at,
            START if random.random() < starts else SEND,
            random.choice(outcomes.FAULTS) if random.random() < failing else "success",
        )
        for at in arrivals(random, an_hour, until, begin)
    ]


def _counts(tried: Tried) -> bool:
    return tried.version == 2 and tried.code in (*outcomes.FAULTS, *outcomes.WORKED)


def _seen(tries: Iterable[Tried]) -> _Seen:
    seen = _Seen()
    for tried in tries:
        seen.times.append(tried.at)
        seen.failures.append(seen.failures[-1] + (tried.code in outcomes.FAULTS))
    return seen

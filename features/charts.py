"""Where the lines and bars of the rollout page stand, in percent of their pictures; the templates draw them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.formats import date_format
from django.utils.timezone import localdate

from features.figures import Arm
from features.models import FlagChange
from features.reads import V1, V2, VERSIONS

# What stands under the line of days, so that four dates fit on a phone.
LABELS = 4
# Below it nothing is drawn; 85 is where the guard acts.
FLOORS = (80, 50, 0)
CODES_MOST = 6
ALL_OTHERS = "all others"
BAR_HEIGHT = 48


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    day: date
    percent: float


@dataclass(frozen=True)
class Line:
    version: int
    # Runs of days that had attempts; a day without any is a gap.
    runs: list[str]
    dots: list[Dot]


@dataclass(frozen=True)
class Mark:
    """The changes of one day, under one number."""

    number: int
    x: float
    day: date
    changes: list[FlagChange]


@dataclass(frozen=True)
class DaysChart:
    lines: list[Line]
    marks: list[Mark]
    grid: list[tuple[float, int]]
    labels: list[tuple[float, str, str]]
    floor: int

    @property
    def is_empty(self) -> bool:
        return not any(line.dots for line in self.lines)


def days_chart(days: Mapping[date, Mapping[int, Arm]], changes: Sequence[FlagChange]) -> DaysChart:
    dates = sorted(days)
    places = {day: _percent(number + 0.5, len(dates)) for number, day in enumerate(dates)}
    lowest = min(
        (arm.percent for arms in days.values() for arm in arms.values() if arm.percent is not None), default=100
    )
    floor = next(floor for floor in FLOORS if floor <= lowest)
    lines = [_line(version, dates, days, places, floor) for version in VERSIONS]
    steps = (80, 85, 90, 95, 100) if floor == FLOORS[0] else (floor, floor + (100 - floor) // 2, 100)
    grid = [(_height(step, floor), step) for step in steps]
    return DaysChart(lines, _marks(changes, places), grid, _labels(dates, places), floor)


def _line(
    version: int, dates: list[date], days: Mapping[date, Mapping[int, Arm]], places: dict[date, float], floor: int
) -> Line:
    runs, dots = [], []
    for has_any, run in groupby(dates, key=lambda day: days[day][version].percent is not None):
        if has_any:
            drawn = [_dot(day, days[day][version].percent or 0.0, places[day], floor) for day in run]
            dots += drawn
            runs.append(" ".join(f"{dot.x:g},{dot.y:g}" for dot in drawn))
    return Line(version, runs, dots)


def _dot(day: date, percent: float, x: float, floor: int) -> Dot:
    return Dot(x, _height(percent, floor), day, percent)


def _height(percent: float, floor: int) -> float:
    return round(100 - (percent - floor) * 100 / (100 - floor), 2)


def _percent(part: float, whole: float) -> float:
    return round(part * 100 / whole, 2)


def _marks(changes: Sequence[FlagChange], places: dict[date, float]) -> list[Mark]:
    """From the oldest to the newest."""
    known = [(localdate(change.at), change) for change in sorted(changes, key=lambda each: (each.at, each.pk))]
    by_day = groupby([each for each in known if each[0] in places], key=lambda each: each[0])
    grouped = [(day, [change for _, change in some]) for day, some in by_day]
    return [Mark(number, places[day], day, some) for number, (day, some) in enumerate(grouped, 1)]


def _labels(dates: list[date], places: dict[date, float]) -> list[tuple[float, str, str]]:
    """The first, the last and some between, each anchored so that it stays inside."""
    step = (len(dates) - 1) / (LABELS - 1)
    shown = [dates[round(number * step)] for number in range(LABELS)]
    anchors = ["start", *["middle"] * (LABELS - 2), "end"]
    return [(places[day], date_format(day, "M j"), anchor) for day, anchor in zip(shown, anchors, strict=True)]


@dataclass(frozen=True)
class Part:
    """One code in a bar; `number` is what it is called in the list beneath, and its pattern."""

    number: int
    code: str
    count: int
    x: float
    width: float


@dataclass(frozen=True)
class Bar:
    words: str
    is_fault: bool
    # Every code, and those that are drawn.
    codes: dict[str, int]
    parts: list[Part]
    # How far down it stands.
    top: int

    @property
    def total(self) -> int:
        return sum(self.codes.values())


def bars(arms: Mapping[int, Arm]) -> list[Bar]:
    """Refusals that are expected apart from faults, for both ways, all to one scale."""
    kinds = [(version, is_fault) for version in (V1, V2) for is_fault in (False, True)]
    found = {kind: arms[kind[0]].faults if kind[1] else arms[kind[0]].expected for kind in kinds}
    widest = max(sum(codes.values()) for codes in found.values())
    drawn = {is_fault: _numbered(found[V1, is_fault], found[V2, is_fault]) for is_fault in (False, True)}
    return [
        Bar(f"V{version}, {'faults' if is_fault else 'expected'}", is_fault, codes, parts, number * BAR_HEIGHT)
        for number, ((version, is_fault), codes) in enumerate(found.items())
        for parts in [_parts(codes, drawn[is_fault], widest)]
    ]


def _numbered(*both: dict[str, int]) -> dict[str, int]:
    """A code has the same number, and so the same pattern, in both ways; the rarest share the last one."""
    total = sum((Counter(codes) for codes in both), Counter[str]())
    return {code: min(number, CODES_MOST) for number, (code, _) in enumerate(total.most_common(), 1)}


def _parts(codes: dict[str, int], numbers: dict[str, int], widest: int) -> list[Part]:
    shares_last = len(numbers) > CODES_MOST
    counts: Counter[tuple[int, str]] = Counter()
    for code, count in codes.items():
        number = numbers[code]
        counts[number, ALL_OTHERS if shares_last and number == CODES_MOST else code] += count
    parts: list[Part] = []
    x = 0.0
    for (number, code), count in sorted(counts.items()):
        parts.append(Part(number, code, count, round(x, 2), _percent(count, widest)))
        x += parts[-1].width
    return parts

"""What was promised and what was measured, side by side: computed from the figures, whatever comes out."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.measure import Figures
from benchmarks.tables import table
from benchmarks.talk_scenarios import CREATE, INBOX, PAGE, SEND

Value = float | None
Measured = dict[tuple[str, int], Figures]

HEAD = ("goal", "wanted", "reached", "held")
EVERY = (CREATE, SEND, PAGE, INBOX)
FEW, MANY = 8, 32


@dataclass(frozen=True)
class Goal:
    what: str
    bound: float
    shown: str
    value: Callable[[Figures], Value]
    clients: int = FEW
    is_least: bool = False


SHARE_OF_FLOOR = {CREATE: 0.30, SEND: 0.20}
TIMES_FLOOR = {CREATE: 5, SEND: 5, PAGE: 8, INBOX: 17}
P95 = {FEW: 25, MANY: 100}
# With a thousand times the rows.
GROWTH_OF_P95, GROWTH_OF_DATABASE = 1.2, 1.5


def table_of(found: list[Figures], small: list[Figures] | None = None) -> str:
    """`small` is the same with few rows, measured before in the same run."""
    rows = [_row(name, goal, _by_name(found)) for name in EVERY for goal in _goals(name)]
    if small:
        rows += [_grown(name, goal, _by_name(found), _by_name(small)) for name in EVERY for goal in GROWTH]
    return table(HEAD, rows)


def _goals(name: str) -> list[Goal]:
    goals = [Goal("processor time", TIMES_FLOOR[name], "{:.1f} × floor", lambda figures: figures.times_floor)]
    if name in SHARE_OF_FLOOR:
        share = SHARE_OF_FLOOR[name]
        goals.insert(0, Goal("speed", share, "{:.0%} of floor", lambda figures: figures.share_of_floor, is_least=True))
    return goals + [
        Goal("p95", most, "{:.1f} ms", lambda figures: figures.p95, clients) for clients, most in P95.items()
    ]


GROWTH = (
    Goal("p95, large data", GROWTH_OF_P95, "{:.2f} × small", lambda figures: figures.p95),
    Goal("database time, large data", GROWTH_OF_DATABASE, "{:.2f} × small", lambda figures: figures.ours.database_ms),
)


def _by_name(found: list[Figures]) -> Measured:
    return {(figures.scenario.name, figures.clients): figures for figures in found}


def _row(name: str, goal: Goal, found: Measured) -> tuple[str, ...]:
    figures = found.get((name, goal.clients))
    return _judged(name, goal, goal.value(figures) if figures else None)


def _grown(name: str, goal: Goal, large: Measured, small: Measured) -> tuple[str, ...]:
    figures, before = large.get((name, goal.clients)), small.get((name, goal.clients))
    now, then = (goal.value(one) if one else None for one in (figures, before))
    return _judged(name, goal, now / then if now is not None and then else None)


def _judged(name: str, goal: Goal, value: Value) -> tuple[str, ...]:
    what = f"{name}: {goal.what}, {goal.clients} clients"
    wanted = ("≥ " if goal.is_least else "≤ ") + goal.shown.format(goal.bound)
    if value is None:
        return what, wanted, "–", "–"
    is_held = value >= goal.bound if goal.is_least else value <= goal.bound
    return what, wanted, goal.shown.format(value), "yes" if is_held else "no"

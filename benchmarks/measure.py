"""One scenario, measured: ours and the floor in turn, some rounds of each, so that both meet the same machine."""

from dataclasses import dataclass, field
from statistics import median, quantiles

from benchmarks import cpu, data, floor
from benchmarks.driver import Answers, Load, drive, request_text
from benchmarks.place import Place
from benchmarks.sources import Named, Source


@dataclass(frozen=True)
class Effort:
    clients: tuple[int, ...] = (8, 32)
    rounds: int = 3
    count: int = 1_000
    warm_up: int = 100
    floor_seconds: int = 2
    # Of what may happen only so often.
    floor_count: int = 1_000
    # Of what only reads: so many instead of those seconds.
    floor_reads: int = 0


# Processor time is counted in hundredths of a second, and so many reads take several of them.
READS_SHORTLY = 2_000
SHORT = Effort(clients=(2,), rounds=1, count=6, warm_up=2, floor_count=6, floor_reads=READS_SHORTLY)


@dataclass
class Cost:
    """Operations, their speed in each round, and the processor seconds of the site and of the database."""

    count: float = 0
    per_second: list[float] = field(default_factory=list)
    site: float | None = 0.0
    database: float | None = 0.0

    @property
    def site_ms(self) -> float | None:
        return None if self.site is None or not self.count else self.site / self.count * 1000

    @property
    def database_ms(self) -> float | None:
        return None if self.database is None or not self.count else self.database / self.count * 1000


@dataclass
class Figures:
    scenario: Named
    clients: int
    ours: Cost = field(default_factory=Cost)
    floor: Cost = field(default_factory=Cost)
    milliseconds: list[float] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)

    @property
    def p50(self) -> float:
        return median(self.milliseconds or [0.0])

    @property
    def p95(self) -> float:
        return quantiles(self.milliseconds, n=20)[18] if len(self.milliseconds) > 1 else self.p50

    @property
    def share_of_floor(self) -> float | None:
        """How much of the floor's throughput we reach."""
        return median(self.ours.per_second) / median(self.floor.per_second) if self.floor.per_second else None

    @property
    def times_floor(self) -> float | None:
        """How often our processor time contains the floor's."""
        ours, least = self.ours.database_ms, self.floor.database_ms
        return (ours + (self.ours.site_ms or 0.0)) / least if ours is not None and least else None


def measure(place: Place, source: Source, effort: Effort) -> list[Figures]:
    found = []
    for clients in effort.clients:
        figures = Figures(source.scenario, clients)
        for _ in range(effort.rounds):
            _measure_ours(place, source, figures, effort)
            if source.has_floor:
                _measure_floor(place, source, figures, effort)
        found.append(figures)
    return found


def _measure_ours(place: Place, source: Source, figures: Figures, effort: Effort) -> None:
    data.forget_limits(place.owner_url)
    # Each worker learns its statements first: PostgreSQL prepares one when it came five times.
    _keep(figures, drive(_load(place, source, figures.clients, effort.warm_up)), timed=False)
    load = _load(place, source, figures.clients, effort.count)
    before = _spent(place)
    answers = drive(load)
    _add(figures.ours, before, _spent(place))
    figures.ours.count += len(answers.milliseconds)
    figures.ours.per_second.append(len(answers.milliseconds) / answers.seconds)
    _keep(figures, answers, timed=True)


def _load(place: Place, source: Source, clients: int, count: int) -> Load:
    asks = source.asks(count)
    texts = [request_text(place.port, f"{ask.method} {ask.path}", ask.headers, ask.body) for ask in asks]
    return Load(place.port, clients, count, texts)


def _measure_floor(place: Place, source: Source, figures: Figures, effort: Effort) -> None:
    data.forget_limits(place.owner_url)
    count = effort.floor_count if figures.scenario.writes else effort.floor_reads
    pressure = floor.Pressure(figures.clients, effort.floor_seconds, count)
    before = _spent(place)
    done = source.run_floor(pressure)
    _add(figures.floor, before, _spent(place))
    figures.floor.count += done.count
    figures.floor.per_second.append(done.per_second)


def _spent(place: Place) -> tuple[float | None, float | None]:
    return cpu.spent(place.web), cpu.spent(place.database)


def _add(cost: Cost, before: tuple[float | None, float | None], after: tuple[float | None, float | None]) -> None:
    cost.site = _grown(cost.site, before[0], after[0])
    cost.database = _grown(cost.database, before[1], after[1])


def _grown(kept: float | None, before: float | None, after: float | None) -> float | None:
    return None if kept is None or before is None or after is None else kept + after - before


def _keep(figures: Figures, answers: Answers, timed: bool) -> None:
    if timed:
        figures.milliseconds += answers.milliseconds
    for status, count in answers.failed.items():
        figures.failed[status] = figures.failed.get(status, 0) + count

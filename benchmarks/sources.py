"""What one scenario asks of the site and of the floor, round after round."""

from dataclasses import dataclass
from typing import Protocol

from benchmarks import floor, scenarios
from benchmarks.place import Place
from benchmarks.scenarios import Ask, Scenario
from benchmarks.talk_scenarios import Talk


class Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def writes(self) -> bool: ...


class Source(Protocol):
    @property
    def scenario(self) -> Named: ...
    @property
    def has_floor(self) -> bool: ...

    def asks(self, count: int) -> list[Ask]: ...
    def run_floor(self, pressure: floor.Pressure) -> floor.Floor: ...


@dataclass
class Same:
    """The same requests each time."""

    place: Place
    scenario: Scenario
    sessions: list[str]

    @property
    def has_floor(self) -> bool:
        return bool(self.scenario.floor)

    def asks(self, count: int) -> list[Ask]:
        return scenarios.asks(self.scenario, self.place.size, self.sessions)

    def run_floor(self, pressure: floor.Pressure) -> floor.Floor:
        script = floor.prelude(self.place.size) + self.scenario.floor
        return floor.run(self.place.site_url, script, pressure, {"session": self.sessions[0]})


@dataclass
class InTurn:
    """Never a turn twice: an offer can be made once, and a page that was read a moment ago is in memory."""

    place: Place
    scenario: Talk
    number: int = 0
    has_floor: bool = True

    def asks(self, count: int) -> list[Ask]:
        first = self._take(count)
        return [self.scenario.ask(number, self.place.size) for number in range(first, first + count)]

    def run_floor(self, pressure: floor.Pressure) -> floor.Floor:
        script = floor.NUMBERED + self.scenario.script(self.place.size)
        done = floor.run(self.place.site_url, script, pressure, {"start": str(self.number)})
        self._take(int(done.count))
        return done

    def _take(self, count: int) -> int:
        first, self.number = self.number, self.number + count
        return first

"""A conversation of 5,000 messages in Chromium: what is kept on its page, what moves, and what one more costs."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import data, long_talk, tables, trace
from benchmarks.driver import HOST
from benchmarks.place import Place

PHONE = {"width": 360, "height": 640}
SLOWER_CPU = 4
LOOK = Path(__file__).with_suffix(".js").read_text()
PATH = f"/messages/{long_talk.CONVERSATION}/"
SAY = f"/api/messaging/conversations/{long_talk.CONVERSATION}/messages"
WORDS = "That would be lovely, thank you! The door is on the left, please ring twice."
DISTANCE = 6_000
SCROLL = {"x": 180, "y": 250, "yDistance": DISTANCE, "speed": 2_000, "gestureSourceType": "mouse"}
HEAD = ("conversation of 5,000", "wanted", "reached", "held", "each round")


@dataclass(frozen=True)
class Effort:
    rounds: int = 3
    loads: int = 20
    appends: int = 12


SHORT = Effort(rounds=1, loads=8, appends=1)


@dataclass
class Seen:
    """Of one round. Pixels are the farthest that the line being read has moved, in any frame, with any load."""

    lines: int = 0
    older_top: float = 0.0
    older_middle: float = 0.0
    newer: float = 0.0
    heap: list[float] = field(default_factory=list)
    frames: float = 0.0
    works: list[trace.Work] = field(default_factory=list)

    def work(self, part: Callable[[trace.Work], float]) -> float:
        if not self.works:
            raise OSError("No trace of a message that came was whole.")
        return median(map(part, self.works))


@dataclass(frozen=True)
class Row:
    name: str
    value: Callable[[Seen], float]
    shown: str
    bound: float | None = None
    is_least: bool = False


ROWS = (
    Row("lines in the page, at most", lambda seen: seen.lines, "{:.0f}", 320),
    Row("older lines come, at the top: it moves", lambda seen: seen.older_top, "{:.1f} px", 1),
    Row("older lines come, in the middle: it moves", lambda seen: seen.older_middle, "{:.1f} px", 1),
    Row("newer lines come: it moves", lambda seen: seen.newer, "{:.1f} px", 1),
    Row("memory, as many loads again", lambda seen: seen.heap[-1] / seen.heap[0], "{:.2f} × before", 1.05),
    Row("frames a second while scrolling", lambda seen: seen.frames, "{:.0f}", 54, is_least=True),
    Row("a message comes: put in its place", lambda seen: seen.work(lambda it: it.taken), "{:.1f} ms", 16),
    Row("a message comes: style of that", lambda seen: seen.work(lambda it: it.style), "{:.1f} ms"),
    Row("a message comes: layout of that", lambda seen: seen.work(lambda it: it.layout), "{:.1f} ms"),
    Row("a message comes: and drawn", lambda seen: seen.work(lambda it: it.drawn), "{:.1f} ms"),
)


def measure(place: Place, browser: Any, session: str, effort: Effort) -> str:
    """The table of it."""
    rounds = [_Round(place, browser, session, effort).run() for _ in range(effort.rounds)]
    return tables.table(HEAD, [_judged(row, rounds) for row in ROWS])


class _Round:
    """One person, one page, nothing kept from before."""

    def __init__(self, place: Place, browser: Any, session: str, effort: Effort):
        self.place, self.browser, self.effort = place, browser, effort
        self.token = data.token_of(long_talk.other(place.owner_url))
        self.context = browser.new_context(viewport=PHONE)
        self.context.add_cookies([{"name": "sessionid", "value": session, "domain": HOST, "path": "/"}])
        self.page = self.context.new_page()
        self.tools = self.context.new_cdp_session(self.page)
        self.seen = Seen()

    def run(self) -> Seen:
        self.page.goto(self.place.address + PATH, wait_until="networkidle")
        self.page.evaluate(LOOK)
        self._go_back()
        self._come_forward()
        self.tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})
        self._scroll()
        for number in range(self.effort.appends + 1):
            # The first one also loads the scripts that speak and tell what was read.
            self._hear_one(is_counted=bool(number))
        self.context.close()
        return self.seen

    def _go_back(self) -> None:
        for number in range(1, self.effort.loads + 1):
            if number % 2:
                self.seen.older_top = max(self.seen.older_top, self._load("before", "top"))
            else:
                self.seen.older_middle = max(self.seen.older_middle, self._load("before", "middle"))
            if number in (self.effort.loads // 2, self.effort.loads):
                self.seen.heap.append(self._heap())

    def _come_forward(self) -> None:
        number = 0
        while not self.page.evaluate("bench.isAll('after')"):
            number += 1
            self.seen.newer = max(self.seen.newer, self._load("after", "middle" if number % 2 else "end"))

    def _load(self, way: str, place: str) -> float:
        found = self.page.evaluate("([way, place]) => bench.load(way, place)", [way, place])
        self.seen.lines = max(self.seen.lines, found["lines"])
        return float(found["moved"])

    def _heap(self) -> float:
        """What is left after everything that can go has gone."""
        for _ in range(2):
            self.tools.send("HeapProfiler.collectGarbage")
        self.tools.send("Performance.enable")
        figures = {one["name"]: one["value"] for one in self.tools.send("Performance.getMetrics")["metrics"]}
        return float(figures["JSHeapUsedSize"])

    def _scroll(self) -> None:
        self.page.evaluate("bench.stand('end')")
        self.page.evaluate("bench.watchFrames()")
        self.tools.send("Input.synthesizeScrollGesture", SCROLL)
        moved, self.seen.frames = self.page.evaluate("bench.frames()")
        if moved < DISTANCE / 2:
            raise OSError(f"The conversation was to be scrolled, and moved by {moved:.0f} px.")

    def _hear_one(self, is_counted: bool) -> None:
        self.page.evaluate("bench.stand('end')")
        before = self.page.evaluate("bench.newest()")
        self._say()
        self.browser.start_tracing(page=self.page, categories=trace.CATEGORIES)
        # As when the signal comes back: it asks at once, not after its three seconds.
        self.page.evaluate("dispatchEvent(new Event('online'))")
        self.page.wait_for_function("before => bench.newest() !== before", arg=before, polling=50)
        self.page.wait_for_timeout(1000 * trace.SECONDS)
        work = trace.after_answer(self.browser.stop_tracing(), f"{PATH}?after=")
        if work and is_counted:
            self.seen.works.append(work)

    def _say(self) -> None:
        """The other one, from another device."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection = HTTPConnection(HOST, self.place.port, timeout=20)
        connection.request(
            "POST", SAY, json.dumps({"content": WORDS}), headers | {"Idempotency-Key": secrets.token_hex(8)}
        )
        answer = connection.getresponse()
        connection.close()
        if answer.status != HTTPStatus.CREATED:
            raise OSError(f"A message was to be sent, and the site answers {answer.status}.")


def _judged(row: Row, rounds: list[Seen]) -> tuple[str, ...]:
    values = [row.value(seen) for seen in rounds]
    reached, each = median(values), ", ".join(row.shown.format(value).split()[0] for value in values)
    if row.bound is None:
        return row.name, "–", row.shown.format(reached), "–", each
    is_held = reached >= row.bound if row.is_least else reached <= row.bound
    wanted = ("≥ " if row.is_least else "≤ ") + row.shown.format(row.bound)
    return row.name, wanted, row.shown.format(reached), "yes" if is_held else "no", each

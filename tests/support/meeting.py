"""Two verbs that meet at a chosen statement: one stands still before it until the other waits for it, or is done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import psycopg
from django.db import Error as DatabaseFault
from django.db import connection, connections

from carecollective.errors import Refusal
from carecollective.http import refusal_from
from tests.support.statements import watched

PATIENCE_SECONDS = 60
IS_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %s"

Act = Callable[[], object]


@dataclass(frozen=True)
class Meeting:
    """How both ended: done, or the code of the refusal. Two who wait for each other end as service_unavailable."""

    first: str
    second: str
    has_paused: bool


class _Second:
    """The verb that comes later, in a session others can look at."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.may_begin, self.has_begun, self.is_done = Event(), Event(), Event()
        self.pid = 0

    def run(self) -> str:
        self.may_begin.wait(PATIENCE_SECONDS)
        try:
            return _outcome(self.act, self._begun)
        finally:
            self.has_begun.set()
            self.is_done.set()

    def _begun(self) -> None:
        self.pid = connection.connection.info.backend_pid
        self.has_begun.set()

    def go_until_it_waits_or_ends(self, watcher: "psycopg.Connection[tuple[int]]") -> None:
        self.may_begin.set()
        self.has_begun.wait(PATIENCE_SECONDS)
        while not self.is_done.wait(0.005):
            row = watcher.execute(IS_WAITING, [self.pid]).fetchone()
            if row and row[0]:
                return


def meet(first: Act, is_the_moment: Callable[[int, str], bool], second: Act) -> Meeting:
    """Runs `first` up to the statement for which `is_the_moment` says so, then `second`, then the rest of `first`."""
    coming, paused = _Second(second), Event()

    def before(number: int, words: str) -> None:
        if not paused.is_set() and is_the_moment(number, words):
            paused.set()
            with psycopg.connect(_address(), autocommit=True) as watcher:
                coming.go_until_it_waits_or_ends(watcher)

    def run_first() -> str:
        try:
            return _outcome(lambda: _watched(first, before))
        finally:
            coming.may_begin.set()

    with ThreadPoolExecutor(2) as pool:
        ends = pool.submit(run_first), pool.submit(coming.run)
        return Meeting(ends[0].result(), ends[1].result(), paused.is_set())


def _watched(act: Act, before: Callable[[int, str], None]) -> None:
    with watched(before):
        act()


def _outcome(act: Act, begun: Act = lambda: None) -> str:
    """As over HTTP: a fault of the database becomes the refusal people would read."""
    try:
        _be_patient()
        begun()
        act()
        return "done"
    except (Refusal, DatabaseFault) as problem:
        return refusal_from(problem).code
    finally:
        connections.close_all()


def _be_patient() -> None:
    # A busy machine would turn waiting for each other into “service_unavailable”, which must mean a deadlock here.
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '60s'; SET statement_timeout = '60s'")


def _address() -> str:
    settings = connection.settings_dict
    host = {"host": settings["HOST"], "port": settings["PORT"]} | {
        name: value for name, value in settings["OPTIONS"].items() if name == "host"
    }
    return psycopg.conninfo.make_conninfo(
        dbname=settings["NAME"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        **{name: value for name, value in host.items() if value},
    )

"""bin/bench backfill: how fast an original comes over, into V2 and back, and what memory that takes."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from _steps import ROOT, Stopped, step

from benchmarks import running, tables
from benchmarks.original import SAID, original

# Few first: what memory it takes with them.
FEW = 1_000
SIZES = {"tiny": 50, "small": 5_000, "large": 50_000}
# Reading each text by the rules of today takes as long for each, however many there are.
PROTECTED_MOST = 5_000
HEAD = ("what", "conversations", "messages", "seconds", "messages/s", "memory MiB")


@dataclass(frozen=True)
class Took:
    what: str
    conversations: int
    seconds: float
    memory: float

    @property
    def row(self) -> tuple[str, ...]:
        messages = self.conversations * SAID
        figures = (f"{self.conversations:,}", f"{messages:,}", f"{self.seconds:.1f}", f"{messages / self.seconds:,.0f}")
        return (self.what, *figures, f"{self.memory:.0f}")


def measure(name: str) -> str:
    """Few first, then all, each in a database of its own."""
    rows: list[tuple[str, ...]] = []
    machine = ""
    for conversations in sorted({min(FEW, SIZES[name]), SIZES[name]}):
        with running.empty_database() as environment:
            owner_url = environment.get("DATABASE_OWNER_URL", environment["DATABASE_URL"])
            machine = machine or tables.circumstances(owner_url)
            rows += [took.row for took in _all(environment, owner_url, conversations)]
    return f"{machine}\n\n{tables.table(HEAD, rows)}"


def _all(environment: dict[str, str], owner_url: str, conversations: int) -> list[Took]:
    print(f"{conversations:,} conversations:")
    with original(owner_url, conversations) as address:
        return [_one(what, command, environment, conversations) for what, command in _commands(address, conversations)]


def _commands(address: str, conversations: int) -> list[tuple[str, list[str]]]:
    jobs = str(os.cpu_count() or 1)
    found = [
        ("import_v1", ["import_v1", "--from", address]),
        ("run --dry-run", ["backfill_v1", "run", "--dry-run"]),
        ("run", ["backfill_v1", "run"]),
        ("verify", ["backfill_v1", "verify"]),
        ("reverse", ["backfill_v1", "reverse"]),
        (f"run --jobs {jobs}", ["backfill_v1", "run", "--jobs", jobs]),
    ]
    if conversations <= PROTECTED_MOST:
        found.append(("protect_old_messages", ["protect_old_messages"]))
    return found


def _one(what: str, command: list[str], environment: dict[str, str], conversations: int) -> Took:
    """A process of its own, from its start to its end, and the most memory it had."""
    with step(what), tempfile.TemporaryFile() as told:
        begun = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, stdout=told, stderr=told
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begun
        if process.returncode:
            told.seek(0)
            raise Stopped(f"{what} ended with {process.returncode}: {told.read()[-500:].decode()}")
    return Took(what, conversations, seconds, used.ru_maxrss / 1024)

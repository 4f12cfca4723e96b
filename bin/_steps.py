"""How the scripts speak: each step named as it runs, and every failure one plain sentence."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / ".data"
INTERRUPTED = 130
# Every script imports this file first; what it imports next may be the site's own.
sys.path.insert(0, str(ROOT))


class Stopped(Exception):
    """The script cannot go on; the text is one plain sentence."""


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say what is being done, and how long it took. What it prints itself comes on lines of its own."""
    started = time.monotonic()
    print(f"{name} …", end=" ", flush=True)
    try:
        yield
    except BaseException as problem:
        print("stopped" if isinstance(problem, KeyboardInterrupt) else "failed", flush=True)
        raise
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def run_plainly(script: Callable[[], int]) -> None:
    """Run a script to its exit code. SIGTERM and a closed terminal end it as Ctrl-C does."""
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    try:
        code = script()
    except Stopped as reason:
        print(reason, file=sys.stderr)
        code = 1
    except OSError as problem:
        print(_in_words(problem), file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Wait until no other script of this checkout does the same."""
    DATA.mkdir(exist_ok=True)
    with open(DATA / f"{name}.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _in_words(problem: OSError) -> str:
    place = problem.filename or ROOT
    if isinstance(problem, PermissionError) or problem.strerror == "Read-only file system":
        return f"{place} cannot be written to by this account (number {os.getuid()}): {problem.strerror}."
    return f"{place} cannot be used: {problem.strerror or problem}."

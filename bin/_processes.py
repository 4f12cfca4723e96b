"""The processes of the site on this machine: all of them run, or none."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from _steps import DATA, ROOT, Stopped

from carecollective.embedded_postgres_guard import die_with_parent

DRAIN_SECONDS = 30
LOGS = DATA / "logs"


class Processes:
    def __init__(self) -> None:
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        with open(LOGS / f"{name}.log", "wb") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A group of its own: Ctrl-C reaches only us, and we ask each of them once.
                process_group=0,
                preexec_fn=_die_with_us,
            )

    def must_all_run(self) -> None:
        # Not started again: that is the work of a service manager, and here it would hide what went wrong.
        for name, process in self.running.items():
            if process.poll() is not None:
                raise Stopped(f"The {name} process ended, so the site stops. {last_words(name)}")

    def stop(self) -> None:
        """Let each finish what it is doing; whoever does not in time, or after a second Ctrl-C, is killed."""
        for process in self.running.values():
            process.terminate()
        try:
            deadline = time.monotonic() + DRAIN_SECONDS
            for process in self.running.values():
                process.wait(max(0.1, deadline - time.monotonic()))
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            pass
        for process in self.running.values():
            _kill_group(process)


@contextmanager
def processes() -> Iterator[Processes]:
    started = Processes()
    try:
        yield started
    finally:
        started.stop()


def last_words(name: str) -> str:
    log = LOGS / f"{name}.log"
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return f"Its log {log.relative_to(ROOT)} ends with: {lines[-1][:300]}" if lines else "It left no word."


def run_to_end(command: list[str], environment: dict[str, str]) -> str:
    """Run one command and return what it says. When it fails, its last sentence on stderr says why."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        process_group=0,
        preexec_fn=_die_with_us,
    )
    if done.returncode:
        raise Stopped((done.stderr.strip().splitlines() or [f"{command[0]} failed without a word."])[-1])
    return done.stdout


def _die_with_us() -> None:
    die_with_parent(signal.SIGTERM)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    # The whole group, because a killed parent may leave children that hold the port.
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()

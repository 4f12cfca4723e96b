"""The detached process that runs the embedded PostgreSQL for as long as somebody holds it."""

# Started as a file, with the standard library only: it must start at once and may outlive the project's packages.

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

LOOK_SECONDS = 0.2
STOP_SECONDS = 10
PR_SET_PDEATHSIG = 1


def guard(lock: int, home: Path, account: list[int], command: list[str]) -> None:
    """Run the server until nobody holds it any more."""
    users = os.open(home / "users.lock", os.O_RDWR)
    cluster = Path(command[command.index("-D") + 1])
    log = open(home / "server.log", "ab")  # noqa: SIM115 (it serves every restart)
    log.truncate(0)
    server = None
    while not _is_mine_alone(users):
        if server is None or server.poll() is not None:
            _clear_leftover(cluster)
            server = _start(command, account, log)
        time.sleep(LOOK_SECONDS)
    if server is not None:
        _stop(server)
    # First this lock, then (by ending) the users': whoever waits for that one must find no guard and start one.
    os.close(lock)


def _start(command: list[str], account: list[int], log: BinaryIO) -> subprocess.Popen[bytes]:
    # When the guard itself is killed the server stops with it: nobody would be left to stop it later.
    how: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": log,
        "stderr": log,
        "preexec_fn": die_with_parent,
    }
    if account:
        how |= {"user": account[0], "group": account[1], "extra_groups": []}
    return subprocess.Popen(command, cwd="/", env={"PATH": os.defpath, "LC_ALL": "C"}, **how)


def die_with_parent(last_signal: int = signal.SIGINT) -> None:
    """Ask the kernel to signal this process when the one that started it dies, even by kill -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(last_signal))


def _is_mine_alone(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _clear_leftover(cluster: Path) -> None:
    """End a server that an earlier guard left, and forget a process number that now belongs to another program."""
    note = cluster / "postmaster.pid"
    try:
        number = int(note.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return
    deadline = time.monotonic() + STOP_SECONDS
    while _serves(number, cluster):
        os.kill(number, signal.SIGINT if time.monotonic() < deadline else signal.SIGKILL)
        time.sleep(0.05)
    note.unlink(missing_ok=True)


def _serves(number: int, cluster: Path) -> bool:
    # The command line, not the working folder: in a container even root may not read another account's folder.
    with contextlib.suppress(OSError):
        return os.fsencode(cluster) in Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
    return False


def _stop(server: subprocess.Popen[bytes]) -> None:
    for last_signal in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        server.send_signal(last_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(STOP_SECONDS)
            return


if __name__ == "__main__":
    given_lock, given_home, given_account, *given_command = sys.argv[1:]
    guard(
        int(given_lock),
        Path(given_home),
        [int(part) for part in given_account.split(",") if part],
        given_command,
    )

"""The floor, driven by pgbench with prepared statements: what PostgreSQL itself can do on this machine now."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import CURRENT_SHARE, Size
from carecollective.embedded_postgres_places import environment, programs

SECONDS = 2


@dataclass(frozen=True)
class Floor:
    count: int
    per_second: float


def run(url: str, statement: str, how: dict[str, int | str], size: Size) -> Floor:
    """`how` says the clients and the session, and the count of what may happen only so often."""
    clients = int(how["clients"])
    # Of every client in turn, so that no member posts more often than a day allows.
    most = ["-t", str(int(how["count"]) // clients)] if "count" in how else ["-T", str(how.get("seconds", SECONDS))]
    names = {"turn": 0, "session": how.get("session", ""), "clients": clients}
    given = [option for name, value in names.items() for option in ("-D", f"{name}={value}")]
    cores = str(min(clients, os.cpu_count() or 1))
    command = [_pgbench(), "-n", "-M", "prepared", "-c", str(clients), "-j", cores, *most, "-f", "-", *given, url]
    script = _variables(size) + statement
    done = subprocess.run(command, input=script, capture_output=True, text=True, env=environment())
    if done.returncode:
        raise OSError(f"pgbench failed: {(done.stderr.strip().splitlines() or ['it gives no reason'])[-1]}")
    return Floor(_number(r"actually processed: (\d+)", done.stdout), _number(r"tps = ([\d.]+)", done.stdout))


def _variables(size: Size) -> str:
    first = size.requests - int(size.requests * CURRENT_SHARE) + 1
    return f"""
\\set client :client_id
\\set member 1 + (:turn * :clients + :client_id) % {size.members}
\\set request random({first}, {size.requests})
\\set turn :turn + 1
"""


def _pgbench() -> Path:
    return programs(Path(), None) / "pgbench"


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    return float(found[1]) if found else 0.0

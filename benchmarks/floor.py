"""The floor, driven by pgbench with prepared statements: what PostgreSQL itself can do on this machine now."""

import os
import re
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import Size, newest
from carecollective.embedded_postgres_places import environment, programs


@dataclass(frozen=True)
class Pressure:
    """How many clients; for so many seconds or, where a thing may happen only so often, so many times in all."""

    clients: int
    seconds: int = 2
    count: int = 0

    def options(self) -> list[str]:
        threads = ["-c", str(self.clients), "-j", str(min(self.clients, os.cpu_count() or 1))]
        return threads + (["-t", str(self.count // self.clients)] if self.count else ["-T", str(self.seconds)])


@dataclass(frozen=True)
class Floor:
    count: float
    per_second: float


def run(url: str, script: str, pressure: Pressure, given: dict[str, str]) -> Floor:
    variables = {"turn": "0", "clients": str(pressure.clients), "key": secrets.token_hex(4)} | given
    options = [option for name, value in variables.items() for option in ("-D", f"{name}={value}")]
    program = programs(Path(), None) / "pgbench"
    command = [str(program), "-n", "-M", "prepared", *pressure.options(), *options, "-f", "-", url]
    done = subprocess.run(command, input=script, capture_output=True, text=True, env=environment())
    count = _number(r"actually processed: (\d+)", done.stdout)
    if done.returncode or not count:
        reasons = [line for line in done.stderr.splitlines() if "ERROR" in line] or done.stderr.strip().splitlines()
        raise OSError(f"pgbench failed: {(reasons or ['it gives no reason'])[-1]}")
    return Floor(count, _number(r"tps = ([\d.]+)", done.stdout))


def prelude(size: Size) -> str:
    # The members in turn, so that none posts more often than a day allows.
    current = newest(size)
    return f"""
\\set client :client_id
\\set member 1 + (:turn * :clients + :client_id) % {size.members}
\\set request random({current.start}, {current.stop - 1})
\\set turn :turn + 1
"""


# Each turn of each client has its number.
NUMBERED = r"""
\set number :start + :turn * :clients + :client_id
\set turn :turn + 1
"""


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    return float(found[1]) if found else 0.0

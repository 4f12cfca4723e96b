"""The real web process, as production runs it, on the database of this test process."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO

import pytest

from tests.support.database import ROOT

START_SECONDS = 30


@contextmanager
def running_site(**variables: str) -> Iterator[str]:
    """Two workers, so that requests really meet each other."""
    port = free_port()
    with tempfile.TemporaryFile() as log:
        process = start(port, log, **variables)
        try:
            yield _ready(port, process, log)
        finally:
            process.terminate()
            process.wait(timeout=30)


class MortalSite:
    """A site whose process can be killed. Another one takes its place, behind another port, as after a deploy."""

    def __init__(self) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (every process of this site writes into it)
        # A process of the site ends with the thread that started it, whoever asked for it.
        self._thread = ThreadPoolExecutor(1)
        self._thread.submit(self._begin).result()

    def _begin(self) -> None:
        self.port = free_port()
        self._process = start(self.port, self._log)

    def _kill(self) -> None:
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=30)
        self._begin()

    def kill(self) -> None:
        """At once and without a word, as when the machine loses its power; the next one is already on its way."""
        self._thread.submit(self._kill).result(timeout=30)

    def wait(self) -> None:
        _ready(self.port, self._process, self._log)

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
        self._thread.shutdown()
        self._log.close()


def start(port: int, log: IO[bytes], **variables: str) -> "subprocess.Popen[bytes]":
    web = [sys.executable, "bin/_web.py", "--port", str(port), "--workers", "2"]
    # New conversations go the V2 way, as in this process (tests/conftest.py), unless the switch says otherwise.
    environment = os.environ | {"SITE_URL": _address(port), "MESSAGING_V2_ENABLED": "true"} | variables
    return subprocess.Popen(web, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _ready(port: int, process: "subprocess.Popen[bytes]", log: IO[bytes]) -> str:
    try:
        _wait_for(_address(port), process)
    except TimeoutError as problem:
        log.seek(0)
        pytest.fail(f"{problem}\n{log.read().decode(errors='replace')[-4000:]}", pytrace=False)
    return _address(port)


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/api/health/live", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("The site of the tests did not start.")

"""The real web process, as production runs it, on the database of this test process."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.database import ROOT

START_SECONDS = 30


@contextmanager
def running_site() -> Iterator[str]:
    """Two workers, so that requests really meet each other."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    web = [sys.executable, "bin/_web.py", "--port", str(port), "--workers", "2"]
    with tempfile.TemporaryFile() as log:
        environment = os.environ | {"SITE_URL": address}
        process = subprocess.Popen(web, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _wait_for(address, process)
            yield address
        except TimeoutError as problem:
            log.seek(0)
            pytest.fail(f"{problem}\n{log.read().decode(errors='replace')[-4000:]}", pytrace=False)
        finally:
            process.terminate()
            process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/api/health/live", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("The site of the tests did not start.")

"""Runs the whole site on this machine until Ctrl-C."""

import argparse
import fcntl
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from _processes import Processes, last_words, processes, run_to_end
from _settings import local_database, local_settings
from _steps import DATA, Stopped, run_plainly, step

from carecollective.embedded_postgres import EmbeddedPostgres

# One line starts one more process; its log is .data/logs/<name>.log.
PROCESSES = {
    "web": ["bin/_web.py", "--port", "{port}", "--workers", str(os.cpu_count())],
    "worker": ["manage.py", "worker"],
}
HOST = "127.0.0.1"
READY_SECONDS = 60
# A killed site gives its port back within this time.
LEAVING_SECONDS = 5


def main() -> int:
    options = _options()
    DATA.mkdir(exist_ok=True)
    address = f"http://{HOST}:{options.port}"
    with _only_one(address) as others_may_be_leaving:
        _must_be_free(options.port, LEAVING_SECONDS if others_may_be_leaving else 0)
        environment = os.environ | local_settings(address)
        if options.production_like:
            environment |= {"PRODUCTION_LIKE": "true", "DEBUG": "false"}
        with local_database() as (database, guard):
            environment |= database
            with step("Preparing the database, the static files and the demo data"):
                news = run_to_end(["bin/_prepare.py"], environment)
            print(news, end="", flush=True)
            _serve(options.port, address, environment, guard)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/serve", description="The whole site on this machine, until Ctrl-C.")
    parser.add_argument("--port", type=int, default=8000, choices=range(1, 65536), metavar="N", help="default: 8000")
    parser.add_argument("--production-like", action="store_true", help="as in production, whatever .env says of DEBUG")
    return parser.parse_args()


def _serve(port: int, address: str, environment: dict[str, str], guard: EmbeddedPostgres | None) -> None:
    with processes() as site:
        with step("Starting " + ", ".join(PROCESSES)):
            for name, command in PROCESSES.items():
                site.start(name, [part.format(port=port) for part in command], environment)
            _wait_until_ready(site, address)
        _watch(site, guard, address)


def _watch(site: Processes, guard: EmbeddedPostgres | None, address: str) -> None:
    try:
        print(f"CARE Collective is at {address} (Ctrl-C stops it; mails and logs are in .data/)", flush=True)
        while True:
            time.sleep(1)
            site.must_all_run()
            if guard:
                guard.ensure_guard()
    except KeyboardInterrupt:
        print("\nStopping …", flush=True)


@contextmanager
def _only_one(address: str) -> Iterator[bool]:
    """Yields whether the site before us ended without saying so."""
    with open(DATA / "serve.lock", "a+") as note:
        note.seek(0)
        before = note.read().strip()
        try:
            fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stopped(f"This site is running already, at {before or address}.") from None
        note.truncate(0)
        note.write(address)
        note.flush()
        try:
            yield bool(before)
        finally:
            note.truncate(0)


def _must_be_free(port: int, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((HOST, port))
            return
        except PermissionError:
            raise Stopped(f"Port {port} is only for root; choose one above 1023: bin/serve --port 8000.") from None
        except OSError:
            if time.monotonic() > deadline:
                raise Stopped(f"Port {port} is in use; choose another: bin/serve --port {port + 1}.") from None
            time.sleep(0.1)


def _wait_until_ready(site: Processes, address: str) -> None:
    deadline, answer = time.monotonic() + READY_SECONDS, "nothing"
    while time.monotonic() < deadline:
        site.must_all_run()
        try:
            with urllib.request.urlopen(f"{address}/api/health/live", timeout=2):
                return
        except urllib.error.HTTPError as problem:
            answer = str(problem.code)
        except OSError:
            pass
        time.sleep(0.05)
    raise Stopped(f"The site does not get ready: its health address answers {answer}. {last_words('web')}")


if __name__ == "__main__":
    run_plainly(main)

"""Brings up what is measured: a database made for this run and dropped after it, and the real web process on it."""

import os
import secrets
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from _processes import Processes, processes, run_to_end
from _settings import given_settings, local_settings
from _steps import DATA, Stopped, step
from psycopg import sql

from benchmarks import cpu, data, talk_data
from benchmarks import own_database as own
from benchmarks.driver import HOST
from benchmarks.place import Place
from carecollective.embedded_postgres import OWNER, SITE, DatabaseUnavailable, EmbeddedPostgres

WEB = "bench-web"
READY_SECONDS = 60


@contextmanager
def running_site(size: data.Size) -> Iterator[Place]:
    DATA.mkdir(exist_ok=True)
    with _environment(), _database() as urls, processes() as started:
        port = _free_port()
        environment = _as_in_production(port) | urls | {"DATABASE_ROLE": "site"}
        with step("Preparing the database and the static files"):
            _prepare(environment)
        owner_url = urls.get("DATABASE_OWNER_URL", urls["DATABASE_URL"])
        with step(f"Filling in {size.in_words}"):
            (talk_data if size.conversations else data).fill(owner_url, size)
            _write_out(owner_url)
        with step("Starting the web process"):
            started.start(WEB, ["bin/_web.py", "--port", str(port), "--workers", str(os.cpu_count())], environment)
            _wait_until_ready(started, port)
        # This process asks Django too, for sessions and to count statements; its own log would spoil the tables.
        os.environ |= environment | {"LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "carecollective.settings"}
        web = started.running[WEB].pid
        yield Place(port, urls["DATABASE_URL"], owner_url, size, web, _server_process(owner_url))


@contextmanager
def empty_database() -> Iterator[dict[str, str]]:
    """What a command of the site needs, on a database of its own with nothing in it."""
    DATA.mkdir(exist_ok=True)
    with _environment(), _database() as urls:
        environment = _as_in_production(_free_port()) | urls
        with step("Preparing the database"):
            _migrate(environment)
        yield environment | {"DATABASE_ROLE": "site"}


def _prepare(environment: dict[str, str]) -> None:
    """Without the demo data, for what is measured are the rows we say."""
    run_to_end(["bin/_static.py"], environment)
    _migrate(environment)


def _migrate(environment: dict[str, str]) -> None:
    if own.TEMPLATE not in os.environ:
        run_to_end(["manage.py", "migrate", "--verbosity=0"], environment | {"DATABASE_ROLE": "owner"})


@contextmanager
def _environment() -> Iterator[None]:
    """As it was: what this site needs would lead the next one to a database that is gone."""
    kept = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def _as_in_production(port: int) -> dict[str, str]:
    address = f"http://{HOST}:{port}"
    wanted = {"SITE_URL": address, "ALLOWED_HOSTS": HOST, "PRODUCTION_LIKE": "true", "DEBUG": "false"}
    # What is measured is the V2 way; V1's costs what it costs.
    wanted["MESSAGING_V2_ENABLED"] = "true"
    quiet = {"LOG_LEVEL": "INFO", "EMAIL_URL": "memorymail://", "SERVICE_AREA": ""}
    return os.environ | local_settings(address) | wanted | quiet


@contextmanager
def _database() -> Iterator[dict[str, str]]:
    """Its addresses, as settings. On the server of DATABASE_URL, else on an embedded one that nobody else uses."""
    with _server() as given:
        owner_url = given.get("DATABASE_OWNER_URL", given["DATABASE_URL"])
        name = own.PREFIX + secrets.token_hex(4)
        with own.present(owner_url, name) as presence:
            own.drop_leftovers(presence)
            names = sql.Identifier(name), sql.Identifier(os.environ.get(own.TEMPLATE, "template1"))
            presence.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
            try:
                yield {key: urlunsplit(urlsplit(url)._replace(path=f"/{name}")) for key, url in given.items()}
            finally:
                own.drop(presence, name)


@contextmanager
def _server() -> Iterator[dict[str, str]]:
    given = given_settings()
    if given.is_set("DATABASE_URL"):
        names = ("DATABASE_URL", "DATABASE_OWNER_URL")
        yield {name: given.text(name) for name in names if given.is_set(name)}
        return
    with step("Starting the embedded PostgreSQL"):
        try:
            embedded = EmbeddedPostgres(DATA / "bench-postgres")
            embedded.hold()
        except DatabaseUnavailable as problem:
            raise Stopped(str(problem)) from problem
    yield {"DATABASE_URL": embedded.url(SITE), "DATABASE_OWNER_URL": embedded.url(OWNER)}
    embedded.release()


def _write_out(owner_url: str) -> None:
    """Dropping a database makes PostgreSQL write out all it holds, now instead of while we measure."""
    name = own.PREFIX + secrets.token_hex(4)
    with own.present(owner_url, name) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        own.drop(connection, name)


def _server_process(owner_url: str) -> int | None:
    """PostgreSQL's first process: the parent of the one that answers us, if that is one of this machine."""
    with psycopg.connect(owner_url) as connection:
        number = connection.info.backend_pid
        return cpu.parent_of(number) if cpu.is_called(number, "postgres") else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(started: Processes, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        started.must_all_run()
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/api/health/live", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise Stopped("The site does not get ready to be measured.")

"""Each test process has a database of its own, copied from one template per state of the migrations."""

import hashlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from carecollective.embedded_postgres import OWNER, SITE, DatabaseUnavailable, EmbeddedPostgres
from carecollective.env import Reader
from carecollective.known_settings import KNOWN
from tests.support.as_new import FirstState

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "care_test_"
RUN = "care_run_"
NO_RIGHT = (
    "The role of the given database may not make databases for the tests; "
    "run ALTER ROLE … CREATEDB on that server, or leave DATABASE_URL out."
)
# Tells the processes of a parallel run which server the first one found; DATABASE_URL names its database by then.
SERVER = "CARE_TEST_SERVER"
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
ENDING = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user AND pid <> %s
"""
PATIENCE_SECONDS = 5
# The models say what the site's role may do with their tables; the packages bring migrations too.
SCHEMA_FILES = (
    "*/migrations/*.py",
    "*/models.py",
    "*/models/*.py",
    "screening/seeds.py",
    "screening/first_rules/*.txt",
    "carecollective/grants.py",
    "carecollective/management/commands/migrate.py",
    "requirements.txt",
)


class TestDatabase:
    """The database of this process. `reset` makes it as new, whatever was committed and whoever is connected."""

    __test__ = False

    def __init__(self) -> None:
        self.site_url, self.owner_url = _server()
        self.name = RUN + secrets.token_hex(6)
        self.template = TEMPLATE + _schema_digest()
        self._presence: Connection[TupleRow] | None = None
        # One of each role, outside our database: to come in costs more than all they do there.
        self._enders: dict[str, Connection[TupleRow]] = {}
        # The owner's own session in our database, and what it found there when it was new.
        self._owner: Connection[TupleRow] | None = None
        self._first: FirstState | None = None

    def environment(self) -> dict[str, str]:
        return {SERVER: f"{self.site_url} {self.owner_url}", **self._addresses(self.name)}

    def create(self) -> None:
        # Held while this process lives, so that another run's cleaning passes our database and template by.
        self._presence = self._connect()
        _lock(self._presence, self.name)
        with self._alone(self.template + " is being built"):
            _lock(self._presence, self.template, shared=True)
            self._build_template()
            self._clean()
        self._copy()
        self._first = FirstState(self._owner_here())

    def reset(self) -> None:
        """Writing back what a test has changed takes a thirtieth of a copy; only where it cannot be, it is copied."""
        self._disconnect_everybody()
        if not self._is_as_new():
            self._leave()
            self._drop(self.name)
            self._copy()

    def drop(self) -> None:
        self._leave()
        self._disconnect_everybody()
        self._drop(self.name)
        for session in (self._presence, *self._enders.values()):
            if session:
                session.close()

    def _is_as_new(self) -> bool:
        if self._first is None:
            return False
        with suppress(psycopg.Error):
            owner = self._owner_here()
            # Who came in meanwhile may have written again.
            return self._are_gone(owner) and self._first.restore(owner) and not _others(owner)
        return False

    def _are_gone(self, owner: Connection[TupleRow]) -> bool:
        """A session that was ended is there for a moment longer."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while _others(owner):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.001)
        return True

    def _owner_here(self) -> Connection[TupleRow]:
        if self._owner is None or self._owner.closed:
            self._owner = psycopg.connect(_at(self.owner_url, self.name), autocommit=True)
        return self._owner

    def _leave(self) -> None:
        if self._owner:
            self._owner.close()

    def _build_template(self) -> None:
        if self.template in self._databases(self.template):
            return
        unfinished = self.template + "_unfinished"
        self._drop(unfinished)
        self._say(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        as_owner = self._addresses(unfinished) | {"DATABASE_ROLE": "owner"}
        done = subprocess.run(migrate, cwd=ROOT, env=os.environ | as_owner, text=True, capture_output=True)
        if done.returncode:
            raise DatabaseUnavailable(f"The test database could not be migrated:\n{done.stdout}{done.stderr}")
        names = sql.Identifier(unfinished), sql.Identifier(self.template)
        self._say(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))

    def _clean(self) -> None:
        """Drop what killed runs and earlier states of the migrations left behind."""
        for name in (*self._databases(RUN), *self._databases(TEMPLATE)):
            if name not in (self.name, self.template):
                with self._connect() as connection:
                    if _lock(connection, name, wait=False):
                        self._drop(name)

    def _copy(self) -> None:
        names = sql.Identifier(self.name), sql.Identifier(self.template)
        self._say(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))

    def _drop(self, name: str) -> None:
        self._say(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _disconnect_everybody(self) -> None:
        # Each role ends its own sessions: the owner of a given server may not be allowed to end the site's.
        ours = self._owner.info.backend_pid if self._owner and not self._owner.closed else 0
        for url in {self.site_url, self.owner_url}:
            self._end(url, ours)

    def _end(self, url: str, ours: int) -> None:
        with suppress(psycopg.OperationalError, KeyError):
            self._enders[url].execute(ENDING, [self.name, ours])
            return
        # None yet, or the one we had was ended itself.
        self._enders[url] = psycopg.connect(url, autocommit=True)
        self._enders[url].execute(ENDING, [self.name, ours])

    def _databases(self, prefix: str) -> list[str]:
        with self._connect() as connection:
            found = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
            ).fetchall()
        return [str(row[0]) for row in found]

    def _say(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)

    @contextmanager
    def _alone(self, what: str) -> Iterator[None]:
        with self._connect() as connection:
            _lock(connection, what)
            yield

    def _connect(self) -> Connection[TupleRow]:
        return psycopg.connect(self.owner_url, autocommit=True)

    def _addresses(self, name: str) -> dict[str, str]:
        site, owner = _at(self.site_url, name), _at(self.owner_url, name)
        return {"DATABASE_URL": site} if site == owner else {"DATABASE_URL": site, "DATABASE_OWNER_URL": owner}


def _at(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _others(session: Connection[TupleRow]) -> int:
    row = session.execute(OTHERS).fetchone()
    return int(row[0]) if row else 0


def _server() -> tuple[str, str]:
    """Where the test databases are made: as our parent says, on the given server, or on an embedded one."""
    if SERVER in os.environ:
        site, owner = os.environ[SERVER].split()
        return site, owner
    given = Reader(KNOWN, ROOT / ".env")
    if given.is_set("DATABASE_URL"):
        site = given.text("DATABASE_URL")
        owner = given.text("DATABASE_OWNER_URL", default=site)
        _must_make_databases(owner)
        return site, owner
    embedded = EmbeddedPostgres(ROOT / ".data" / "test-postgres", durable=False)
    embedded.hold()
    return embedded.url(SITE), embedded.url(OWNER)


def _must_make_databases(owner: str) -> None:
    try:
        with psycopg.connect(owner, connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.OperationalError as problem:
        reason = (str(problem).splitlines() or ["it gives no reason"])[0]
        raise DatabaseUnavailable(f"The database of DATABASE_URL cannot be reached: {reason}") from problem
    if row != (True,):
        raise DatabaseUnavailable(NO_RIGHT)


def _schema_digest() -> str:
    """Changes with whatever can change the tables, what stands in them from the first, or who may touch them."""
    files = sorted(file for pattern in SCHEMA_FILES for file in ROOT.glob(pattern))
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _lock(connection: Connection[TupleRow], name: str, shared: bool = False, wait: bool = True) -> bool:
    kind = ("" if wait else "try_") + "advisory_lock" + ("_shared" if shared else "")
    # S608: the name of the function is one of four written above.
    row = connection.execute(f"SELECT pg_{kind}(hashtextextended(%s, 0))", [name]).fetchone()
    return bool(row and (wait or row[0]))

"""Each test process has a database of its own, copied from one template per state of the migrations."""

import hashlib
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import Connection, sql

from carecollective.embedded_postgres import OWNER, SITE, DatabaseUnavailable, EmbeddedPostgres
from carecollective.env import Reader
from carecollective.known_settings import KNOWN

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "care_test_"
RUN = "care_run_"
NO_RIGHT = (
    "The role of the given database may not make databases for the tests; "
    "run ALTER ROLE … CREATEDB on that server, or leave DATABASE_URL out."
)
# Tells the processes of a parallel run which server the first one found; DATABASE_URL names its database by then.
SERVER = "CARE_TEST_SERVER"
# The models say what the site's role may do with their tables; the packages bring migrations too.
SCHEMA_FILES = (
    "*/migrations/*.py",
    "*/models.py",
    "*/models/*.py",
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
        self._presence: Connection[tuple[object, ...]] | None = None

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

    def reset(self) -> None:
        self._disconnect_everybody()
        self._drop(self.name)
        self._copy()

    def drop(self) -> None:
        self._disconnect_everybody()
        self._drop(self.name)
        if self._presence:
            self._presence.close()

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
        question = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user"
        )
        for url in {self.site_url, self.owner_url}:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(question, [self.name])

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

    def _connect(self) -> Connection[tuple[object, ...]]:
        return psycopg.connect(self.owner_url, autocommit=True)

    def _addresses(self, name: str) -> dict[str, str]:
        site, owner = (urlunsplit(urlsplit(url)._replace(path=f"/{name}")) for url in (self.site_url, self.owner_url))
        return {"DATABASE_URL": site} if site == owner else {"DATABASE_URL": site, "DATABASE_OWNER_URL": owner}


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
    """Changes with whatever can change the tables or who may touch them."""
    files = sorted(file for pattern in SCHEMA_FILES for file in ROOT.glob(pattern))
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _lock(connection: Connection[tuple[object, ...]], name: str, shared: bool = False, wait: bool = True) -> bool:
    kind = ("" if wait else "try_") + "advisory_lock" + ("_shared" if shared else "")
    # S608: the name of the function is one of four written above.
    row = connection.execute(f"SELECT pg_{kind}(hashtextextended(%s, 0))", [name]).fetchone()
    return bool(row and (wait or row[0]))

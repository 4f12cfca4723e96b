"""The original's database: one picture of it, read and never written, whatever its columns are called."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from carecollective.errors import NotPermitted
from legacy.importing import shape
from legacy.importing.drift import Found, look, must_be_an_original
from legacy.importing.faults import told_of_the_original
from legacy.importing.reading import value_of

OLDEST = 150000
TOO_OLD = "The original's database is PostgreSQL {found}. This needs version {least} or newer."
PATIENCE = {"connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 6}
# Without row_security=off a role that sees only some rows would bring only those, and nobody would know.
PIECE = 1 << 17
PICTURE = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL row_security = off;
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL search_path = pg_catalog;
SET LOCAL TimeZone = 'UTC';
"""


class Source:
    def __init__(self, dsn: str, session: "psycopg.Connection[Any]") -> None:
        self._dsn, self._session = dsn, session
        self.tables: dict[str, dict[str, tuple[str, str]]] = {}
        self.drift: list[str] = []
        self.picture = ""

    def look(self) -> None:
        """What is there; refuses what is no original, or may not be read."""
        with told_of_the_original():
            self._must_be_new_enough()
            found: Found = look(self._session)
            must_be_an_original(found)
            self.tables, self.drift = found.tables, found.drift
            self.picture = str(self._one("SELECT pg_export_snapshot()"))

    def has(self, table: str) -> bool:
        return table in self.tables

    def join(self, kind: str, table: str, alias: str, on: str) -> str:
        """Nothing, where there is no such table."""
        return f" {kind} JOIN {table} AS {alias} ON {on}" if self.has(table) else ""

    def columns(self, table: str, alias: str) -> str:
        """Each known column under its own name after the alias (`u_email`); empty where it is missing."""
        return ", ".join(f"{self.column(table, alias, it.name)} AS {alias}_{it.name}" for it in shape.TABLES[table])

    def column(self, table: str, alias: str, name: str) -> str:
        wanted = next(it for it in shape.TABLES[table] if it.name == name)
        known = self.tables.get(table, {}).get(name)
        if known is None:
            return f"NULL::{wanted.type}"
        return value_of(sql.Identifier(alias, known[0]).as_string(self._session), known[1], wanted.type)

    def count(self, table: str) -> int:
        return int(self._one(f"SELECT count(*) FROM {table}")) if self.has(table) else 0  # noqa: S608 (our own names)

    def rows(self, query: str, batch: int) -> Iterator[list[dict[str, Any]]]:
        """So many at a time; the others wait there."""
        with told_of_the_original(), self._session.cursor("rows", row_factory=dict_row) as cursor:
            cursor.execute(query.encode())
            while rows := cursor.fetchmany(batch):
                yield rows

    def stream(self, query: str) -> Iterator[bytes]:
        """As COPY gives it, many rows at a time."""
        held = bytearray()
        with told_of_the_original(), self._session.cursor().copy(f"COPY ({query}) TO STDOUT".encode()) as rows:
            for piece in rows:
                held += piece
                if len(held) > PIECE:
                    yield bytes(held)
                    held.clear()
        yield bytes(held)

    @contextmanager
    def once_more(self) -> Iterator["Source"]:
        """A second session that sees the same picture."""
        with _session(self._dsn) as session:
            with told_of_the_original():
                session.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(self.picture)))
            other = Source(self._dsn, session)
            other.tables, other.picture = self.tables, self.picture
            yield other

    def _must_be_new_enough(self) -> None:
        if self._session.info.server_version < OLDEST:
            found = self._session.info.parameter_status("server_version")
            raise NotPermitted(TOO_OLD.format(found=found, least=OLDEST // 10000))

    def _one(self, query: str) -> Any:
        with told_of_the_original():
            row = self._session.execute(query.encode()).fetchone()
        return row[0] if row else None


@contextmanager
def opened(dsn: str) -> Iterator[Source]:
    with _session(dsn) as session:
        source = Source(dsn, session)
        source.look()
        yield source


@contextmanager
def _session(dsn: str) -> Iterator["psycopg.Connection[Any]"]:
    with told_of_the_original():
        session: psycopg.Connection[Any] = psycopg.connect(dsn, **PATIENCE)  # type: ignore[arg-type]
    try:
        with told_of_the_original():
            session.execute(PICTURE)
        yield session
    finally:
        session.close()

"""How an original differs from what we know of it: said by name, and no reason to stop."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from carecollective.errors import NotPermitted
from legacy.importing import shape
from legacy.importing.reading import can_be_read

# From the catalogs: information_schema does not show what may not be read.
CATALOG = """
SELECT space.nspname || '.' || it.relname AS name, part.attname AS part, part.atttypid::regtype::text AS type,
       has_schema_privilege(space.oid, 'USAGE') AND has_column_privilege(it.oid, part.attnum, 'SELECT') AS is_open
FROM pg_class AS it JOIN pg_namespace AS space ON space.oid = it.relnamespace
JOIN pg_attribute AS part ON part.attrelid = it.oid AND part.attnum > 0 AND NOT part.attisdropped
WHERE space.nspname IN ('auth', 'public') AND it.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY 1, part.attnum
"""
NOT_AN_ORIGINAL = "There is no auth.users with ids and email addresses there, so this is no original installation."
MAY_NOT_READ = "The given role may not read {what} there. Grant it SELECT on all tables of the original."

Types = dict[str, str]


@dataclass
class Found:
    # Of each table each known column: what it is called there, and its type.
    tables: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    drift: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


def look(session: "psycopg.Connection[Any]") -> Found:
    there: dict[str, Types] = {}
    closed: set[str] = set()
    for name, part, type_, is_open in session.execute(CATALOG):
        there.setdefault(name, {})[part] = type_
        if not is_open:
            closed.add(f"{name}.{part}")
    found = Found()
    for table in shape.TABLES:
        _compare(found, table, there.get(table), closed)
    strange = [
        name.removeprefix("public.") for name in there if name.startswith("public.") and name not in shape.TABLES
    ]
    if strange:
        found.drift.append(f"Tables that are not read: {', '.join(strange)}.")
    return found


def must_be_an_original(found: Found) -> None:
    if found.closed:
        raise NotPermitted(MAY_NOT_READ.format(what=", ".join(found.closed)))
    if shape.USERS not in found.tables:
        raise NotPermitted(NOT_AN_ORIGINAL)


def _compare(found: Found, table: str, there: Types | None, closed: set[str]) -> None:
    if there is None:
        if table not in shape.WHERE_PRESENT:
            found.drift.append(f"{table} is not there.")
        return
    columns = dict(_known(table, there))
    if any(f"{table}.{called}" in closed for called, _ in columns.values()):
        found.closed.append(table)
    lacks = [name for name in shape.NEEDED[table] if name not in columns]
    if lacks:
        found.drift.append(f"{table} has no {', no '.join(lacks)}, so nothing of it is read.")
        return
    found.tables[table] = columns
    found.drift += _told(table, there, columns)


def _known(table: str, there: Types) -> Iterator[tuple[str, tuple[str, str]]]:
    for column in shape.TABLES[table]:
        called = next((name for name in (column.name, *column.also) if name in there), None)
        if called and can_be_read(there[called], column.type):
            yield column.name, (called, there[called])


def _told(table: str, there: Types, columns: dict[str, tuple[str, str]]) -> Iterator[str]:
    for column in shape.TABLES[table]:
        if column.name not in columns and column.without:
            yield f"{table} has no {column.name}: taken as {column.without}."
        if column.name in columns and columns[column.name][0] != column.name:
            yield f"{table}.{columns[column.name][0]} is read as {column.name}."
    read = {called for called, _ in columns.values()} | shape.LEFT_THERE.get(table, set())
    extra = [name for name in there if name not in read]
    # What the sign-in service keeps for itself is nobody's drift.
    if extra and table != shape.USERS:
        yield f"{table} has columns that are not read: {', '.join(extra)}."

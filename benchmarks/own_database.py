"""The database of one run: made for it, dropped after it, and left alone by every other run."""

import psycopg
from psycopg import sql

PREFIX = "care_bench_"
# Names a database of the same server that is migrated already: it is copied, and not migrated once more.
TEMPLATE = "BENCH_TEMPLATE"
LEFTOVERS = """
SELECT datname FROM pg_database WHERE starts_with(datname, %s)
AND NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = pg_database.datname)
"""

Rows = psycopg.Connection[tuple[object, ...]]


def present(owner_url: str, name: str) -> Rows:
    """A session that bears the name of its database, so that nobody takes that for one a killed run left behind.

    Not an advisory lock: those are seen inside one database only, and two runs may come from different ones.
    """
    return psycopg.connect(owner_url, autocommit=True, application_name=name)


def drop_leftovers(presence: Rows) -> None:
    left = presence.execute(LEFTOVERS, [PREFIX]).fetchall()
    for (name,) in left:
        drop(presence, str(name))


def drop(presence: Rows, name: str) -> None:
    presence.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

"""What must always be true: each app's queries, none of which may return a row."""

from django.db import connection, transaction

from carecollective import encryption, ports

SHOWN = 20


def broken() -> dict[str, list[str]]:
    """The invariants that do not hold, each with its first rows."""
    return {name: rows for name, query in ports.invariants().items() if (rows := _rows(query))}


def _rows(query: str) -> list[str]:
    with transaction.atomic(), connection.cursor() as cursor:
        # These read whole tables, which no page may do.
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        # What the keys of this process are called, for `ports.live_keys`.
        cursor.execute("SELECT set_config('carecollective.keys', %s, true)", [",".join(encryption.ring())])
        cursor.execute(query)
        return [" ".join(map(str, row)) for row in cursor.fetchmany(SHOWN)]

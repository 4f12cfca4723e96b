"""What only one process may do at a time, held by its database session, which ends however the process does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from carecollective.errors import NotPermitted

PATIENCE_SECONDS = 3.0
TAKE = "SELECT pg_try_advisory_lock(hashtext(%s))"
LET_GO = "SELECT pg_advisory_unlock(hashtext(%s))"


@contextmanager
def alone(name: str, another: str) -> Iterator[None]:
    """Whoever comes second says so and leaves; one that was killed is waited for until the database has noticed."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _asked(TAKE, name):
        if time.monotonic() > deadline:
            raise NotPermitted(another)
        time.sleep(0.1)
    try:
        yield
    finally:
        _asked(LET_GO, name)


def _asked(statement: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [name])
        return bool(cursor.fetchone()[0])

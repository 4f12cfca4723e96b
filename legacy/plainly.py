"""What stops a command, in one sentence for whoever runs it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError
from psycopg.errors import DeadlockDetected, InsufficientPrivilege, LockNotAvailable, QueryCanceled

from carecollective.errors import Refusal

BUSY = "Somebody else was writing there for too long. What was done until then stays; please run it again."
NO_RIGHT = "The role of this command may not do that in the database: run manage.py migrate, which grants it."


@contextmanager
def in_one_sentence() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise CommandError(refusal.words) from refusal
    except (DatabaseError, InterfaceError) as problem:
        raise CommandError(_of_database(problem)) from problem


def _of_database(problem: Exception) -> str:
    cause = problem.__cause__
    if isinstance(cause, LockNotAvailable | DeadlockDetected | QueryCanceled):
        return BUSY
    if isinstance(cause, InsufficientPrivilege):
        return NO_RIGHT
    return f"The database could not do it: {(str(problem).strip().splitlines() or ['it gives no reason'])[0]}"

"""What goes wrong while a command of the way over works, in one sentence an operator can act on."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from django.core.management import CommandError
from django.db import Error, connection

from carecollective.errors import Refusal

GO_ON = "Whole batches stay as they are; the same command goes on where it stopped."
STOPPED = f"Stopped. {GO_ON}"
# As a shell tells it where Ctrl-C ended something.
INTERRUPTED = 130
SENTENCES: tuple[tuple[type[psycopg.Error], str], ...] = (
    (psycopg.errors.DiskFull, f"The disk of the database is full. Make room on it first. {GO_ON}"),
    (psycopg.errors.InsufficientPrivilege, "The role of DATABASE_URL may not do this. Run manage.py migrate first."),
    (psycopg.errors.UndefinedTable, "A table is missing. Run manage.py migrate first."),
    (psycopg.errors.UndefinedColumn, "A column is missing. Run manage.py migrate first."),
    (psycopg.errors.UndefinedFunction, "A function is missing. Run manage.py migrate first."),
    (psycopg.errors.LockNotAvailable, f"Somebody else held a row or a table for too long. {GO_ON}"),
    (psycopg.errors.DeadlockDetected, f"Somebody else waited for us, and we for them. {GO_ON}"),
    (psycopg.errors.QueryCanceled, f"The database took too long, or was told to stop this. {GO_ON}"),
    (psycopg.errors.ReadOnlySqlTransaction, "The database only reads now: it is a copy, or closed for writing."),
    (psycopg.errors.TooManyConnections, "The database takes no more connections now. Try again in a minute."),
    (psycopg.errors.OutOfMemory, f"The database has no memory left. A smaller --batch needs less. {GO_ON}"),
)
AWAY = f"The database cannot be reached, or has gone away. {GO_ON}"


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Ends the command with 1 and no traceback; a fault of our own stays one."""
    try:
        yield
    except Refusal as refusal:
        raise CommandError(refusal.words) from refusal
    except Error as problem:
        raise CommandError(of_database(problem)) from problem
    except KeyboardInterrupt as pressed:
        raise CommandError(STOPPED, returncode=INTERRUPTED) from pressed


@contextmanager
def as_long_as_it_takes() -> Iterator[None]:
    """No page waits for these, so the site's limit for one statement is not theirs."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    try:
        yield
    finally:
        # Where the connection is gone, or its transaction broken, the setting goes with it.
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")


def of_database(problem: Error) -> str:
    """Never the text of the problem itself, which can repeat what a member wrote."""
    cause = problem.__cause__
    for kind, sentence in SENTENCES:
        if isinstance(cause, kind):
            return sentence
    state = getattr(cause, "sqlstate", None)
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError) or state is None:
        return AWAY
    return f"The database refused it (SQLSTATE {state}). {GO_ON}"

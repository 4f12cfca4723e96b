"""What goes wrong with either database, in one sentence each, and never with the address that was given."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django import db
from psycopg import errors

from carecollective.errors import NotPermitted

NOT_AN_ADDRESS = "--from is not an address of a PostgreSQL database, like postgresql://reader@host/name."
NO_ENTRY = "The original's database refuses this role or its password."
NO_SUCH_DATABASE = "There is no database of that name on the original's server."
NOT_REACHED = "The original's database cannot be reached: {why}."
LOST = "The connection to the original's database was lost. Run it again; it goes on where it stopped."
HIDES_ROWS = "The original hides some of its rows from the given role. Give a role with BYPASSRLS, or the owner's."
REFUSED_THERE = "The original's database refused to be read (state {state}). The log says why."
NO_ROOM = "The disk of this site's database is full. Make room and run it again; it goes on where it stopped."
OURS_LOST = "This site's own database cannot be reached. Run it again; it goes on where it stopped."
OURS_BUSY = "This site's own database was too busy. Run it again; it goes on where it stopped."
OURS_CLOSED = "This site's role may not write all of this. Run manage.py migrate, which grants it."
OURS_REFUSED = "This site's own database refused it (state {state}). The log says why; nothing of that batch was kept."
NO_REPORT = "The report cannot be written: {why}."

# What libpq says may repeat the address, so only what we know of it is passed on.
WHYS = {
    "could not translate host name": "no machine has that name",
    "resolve": "no machine has that name",
    "name or service not known": "no machine has that name",
    "connection refused": "nothing answers at that host and port",
    "timeout": "it does not answer in time",
    "timed out": "it does not answer in time",
    "no such file": "there is no server at that socket",
    "no pg_hba.conf entry": "it does not let this machine in",
    "ssl": "the two do not agree about SSL",
    "too many": "it has no connection left",
}
ENTRY = ("authentication failed", "no password supplied", 'role "')

log = logging.getLogger("legacy.import")


@contextmanager
def told_of_the_original() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as problem:
        raise NotPermitted(_of_the_original(problem)) from None


@contextmanager
def told_of_ours() -> Iterator[None]:
    try:
        yield
    except (db.Error, psycopg.Error) as problem:
        raise NotPermitted(_of_ours(problem)) from None
    except OSError as problem:
        raise NotPermitted(NO_REPORT.format(why=problem.strerror)) from problem


def _of_the_original(problem: psycopg.Error) -> str:
    if isinstance(problem, errors.InsufficientPrivilege):
        return HIDES_ROWS
    if problem.sqlstate and not isinstance(problem, psycopg.OperationalError):
        log.error("import.original_refused", extra={"problem": problem})
        return REFUSED_THERE.format(state=problem.sqlstate)
    if isinstance(problem, psycopg.ProgrammingError):
        return NOT_AN_ADDRESS
    return _of_the_way_there(problem)


def _of_the_way_there(problem: psycopg.Error) -> str:
    said = str(problem).lower()
    if "connection" in said and ("closed" in said or "terminat" in said or "lost" in said):
        return LOST
    if 'database "' in said and "does not exist" in said:
        return NO_SUCH_DATABASE
    if any(sign in said for sign in ENTRY):
        return NO_ENTRY
    whys = (why for sign, why in WHYS.items() if sign in said)
    return NOT_REACHED.format(why=next(whys, "its server does not say why"))


def _of_ours(problem: Exception) -> str:
    cause = problem if isinstance(problem, psycopg.Error) else problem.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    if isinstance(cause, errors.DiskFull):
        return NO_ROOM
    if isinstance(cause, errors.InsufficientPrivilege):
        return OURS_CLOSED
    if isinstance(cause, (errors.LockNotAvailable, errors.DeadlockDetected, errors.QueryCanceled)):
        return OURS_BUSY
    if not state or isinstance(cause, psycopg.OperationalError):
        return OURS_LOST
    log.error("import.refused", extra={"problem": problem})
    return OURS_REFUSED.format(state=state)

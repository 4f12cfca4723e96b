"""What throw-away members leave behind, and its removal: after every run, and after one that was killed."""

# Everything goes but the logs that only grow: the audit log (that tokens were made, that all this was removed) and the
# log of messages, which hold ids and no words. Attempts go, too: the refusals were asked for, a success whose
# conversation is gone is a broken promise, and figures of the rollout and the guard are about people. What failed is
# said by the command.

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg
from django.db import Error as DatabaseFault
from django.db import OperationalError, connection, transaction

import audit.services as audit
import notifications.services as notifications
from carecollective.management.smoke.findings import in_one_line
from carecollective.management.smoke.removing import People, delete
from members.models import ApiToken, Member
from messaging.services.leaving import end_what_is_open

# A run holds this lock of its session, which ends with the process however that ends.
KEY = "hashtextextended('carecollective.smoke.' || %s, 0)"
RUNS = r"""
SELECT DISTINCT substring(email FROM '^smoke-([0-9a-f]{16})-[a-z]+@smoke\.invalid$') FROM members
WHERE email LIKE 'smoke-%%@smoke.invalid'
"""
MAILS_UNDER_WAY = """
SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'
AND args ->> 'notice' IN (SELECT id::text FROM notices WHERE member_id = ANY (%s))
"""
TRIES = 3
WORKER_SECONDS = 5
NO_RIGHT = "this role may not delete them. Set DATABASE_OWNER_URL and run manage.py smoke --clean"
CLOSED = "The throw-away members are still there, closed and signed out, because {}."


@dataclass
class Removed:
    runs: int = 0
    running: int = 0
    surprises: list[str] = field(default_factory=list)


@contextmanager
def running(run: str) -> Iterator[None]:
    """Until its end, no other run takes this one for one that was killed."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_lock({KEY})", [run])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_unlock({KEY})", [run])


def remove() -> Removed:
    """Of this run and of every one that is over."""
    removed = Removed()
    with connection.cursor() as cursor:
        cursor.execute(RUNS)
        runs = [run for (run,) in cursor.fetchall() if run]
    for run in runs:
        _remove(run, removed)
    return removed


def _remove(run: str, removed: Removed) -> None:
    _wait_for_worker(People.of(run))
    try:
        _delete_unhurried(run, removed)
    except DatabaseFault as problem:
        has_no_right = isinstance(problem.__cause__, psycopg.errors.InsufficientPrivilege)
        _close(People.of(run))
        removed.surprises.append(CLOSED.format(NO_RIGHT if has_no_right else in_one_line(problem).rstrip(".")))


def _delete_unhurried(run: str, removed: Removed) -> None:
    """Whatever they began over HTTP and nobody waited for may hold their rows for a moment longer."""
    for _ in range(TRIES - 1):
        with suppress(OperationalError):
            return _delete(run, removed)
        time.sleep(1)
    return _delete(run, removed)


@transaction.atomic
def _delete(run: str, removed: Removed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({KEY})", [run])
        if cursor.fetchone() != (True,):
            removed.running += 1
            return
    people = People.of(run)
    # It may have removed itself a moment ago.
    if people.ids:
        threads = delete(people)
        # Its entries in the log of messages are about conversations that nobody will find.
        audit.record("smoke_removed", members=people.ids, conversations=threads)
        removed.runs += 1


@transaction.atomic
def _close(people: People) -> None:
    """What can be done without deleting; should anybody else have met them, they are told as when somebody leaves."""
    members = list(Member.objects.filter(pk__in=people.ids).order_by("pk"))
    notifications.record_each(news for member in members for news in end_what_is_open(member))
    ApiToken.objects.filter(member__in=members).delete()
    Member.objects.filter(pk__in=people.ids).update(is_active=False)


def _wait_for_worker(people: People) -> None:
    """A job that is taken from under a worker fails there; each of these lasts a moment, and sends nothing."""
    deadline = time.monotonic() + WORKER_SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(MAILS_UNDER_WAY, [people.ids])
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.1)

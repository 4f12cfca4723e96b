"""What must be done again and again: by the worker on a schedule, or by hand with manage.py housekeeping."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from carecollective import ports
from carecollective.ports import Job

log = logging.getLogger("carecollective.housekeeping")

SILENT_SECONDS = 30
LONGEST_HOURS = 1
MOST_ATTEMPTS = 20
KEPT_DAYS = 2
KEPT_FAILED_DAYS = 60

# Jobs whose worker is gone, is silent, or lost its hold on them: no job takes longer than an hour.
LOST = """
SELECT job.id, job.attempts, job.queueing_lock FROM procrastinate_jobs AS job
LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
WHERE job.status = 'doing' AND (
    worker.id IS NULL
    OR worker.last_heartbeat < now() - make_interval(secs => %(silent)s)
    OR NOT EXISTS (
        SELECT 1 FROM procrastinate_events AS event WHERE event.job_id = job.id
        AND event.type = 'started' AND event.at > now() - make_interval(hours => %(longest)s)
    )
)
ORDER BY job.id FOR UPDATE OF job SKIP LOCKED
"""

IS_WAITING_AGAIN = "SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = %s"

OLD = """
DELETE FROM procrastinate_jobs WHERE id IN (
    SELECT job.id FROM procrastinate_jobs AS job
    JOIN procrastinate_events AS event ON event.job_id = job.id
    WHERE job.status NOT IN ('todo', 'doing') GROUP BY job.id, job.status
    HAVING max(event.at) < now() - make_interval(days => CASE WHEN job.status = 'failed' THEN %s ELSE %s END)
    LIMIT 5000
)
"""


def put_back_lost_jobs() -> int:
    """Jobs of workers that died go back into the queue; one that keeps killing its worker is parked."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOST, {"silent": SILENT_SECONDS, "longest": LONGEST_HOURS})
        lost = cursor.fetchall()
        for job_id, attempts, queueing_lock in lost:
            _put_back(job_id, attempts, queueing_lock)
    return len(lost)


def retry_parked_jobs() -> int:
    """By hand, when what made them fail is mended."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL)"
            " FROM procrastinate_jobs WHERE status = 'failed'"
        )
        return int(cursor.rowcount)


def forget_old_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute(OLD, [KEPT_FAILED_DAYS, KEPT_DAYS])
        cursor.execute("DELETE FROM procrastinate_workers WHERE last_heartbeat < now() - interval '1 day'")


def forget_old_sessions() -> None:
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def run(job: Job) -> bool:
    """Runs a job now, unless it is running anywhere at this moment."""
    with _alone(job.name) as is_free:
        if is_free:
            job.function()
        return is_free


def run_all() -> dict[str, str]:
    """Every job once; one that fails does not keep the others from running."""
    outcome = {}
    for job in ports.jobs():
        try:
            outcome[job.name] = "done" if run(job) else "already running"
        except Exception as problem:
            log.error("housekeeping.failed", extra={"job": job.name, "problem": problem})
            outcome[job.name] = f"failed ({type(problem).__name__})"
    return outcome


JOBS = [
    Job("put_back_lost_jobs", "* * * * *", put_back_lost_jobs),
    Job("forget_old_jobs", "17 * * * *", forget_old_jobs),
    Job("forget_old_sessions", "42 3 * * *", forget_old_sessions),
]


def _put_back(job_id: int, attempts: int, queueing_lock: str | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(IS_WAITING_AGAIN, [queueing_lock])
        if cursor.fetchone():
            # Its next run waits already, and two with one queueing lock may not.
            cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'aborted', false)", [job_id])
        elif attempts >= MOST_ATTEMPTS:
            cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [job_id])
        else:
            cursor.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [job_id])


@contextmanager
def _alone(name: str) -> Iterator[bool]:
    """Holds a lock of the database session, which ends with the session however this process ends."""
    key = f"carecollective.housekeeping.{name}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        (is_free,) = cursor.fetchone() or (False,)
    try:
        yield is_free
    finally:
        if is_free:
            _let_go(key)


def _let_go(key: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
    except DatabaseError:
        # The session is lost, and the lock with it.
        connection.close()

"""How the site is doing, for load balancers and operators: no sign-in, no secrets, a fixed number of statements."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.http import HttpRequest, HttpResponse

from carecollective import migrated, ports, startup, strict_json, structure
from carecollective.errors import MethodNotAllowed
from carecollective.ports import Signal

View = Callable[[HttpRequest], HttpResponse]
Checks = dict[str, Callable[[], Signal]]

LATE_SECONDS = 60

# A job that nobody scheduled for later is due from its deferral. Housekeeping comes round again by itself, so one
# run that failed is not a job that is lost; it is counted for a day.
JOBS = """
SELECT
    coalesce(extract(epoch FROM now() - min(due) FILTER (WHERE status = 'todo' AND due <= now())), 0)::int AS oldest,
    coalesce(extract(epoch FROM now() - min(last) FILTER (WHERE status = 'doing')), 0)::int AS longest,
    count(*) FILTER (WHERE status = 'failed' AND queue_name <> 'housekeeping')::int AS parked,
    count(*) FILTER (WHERE status = 'failed' AND queue_name = 'mail')::int AS parked_mails,
    count(*) FILTER (WHERE status = 'failed' AND queue_name = 'housekeeping' AND last > now() - interval '1 day')::int,
    (SELECT count(*)::int FROM procrastinate_workers WHERE last_heartbeat > now() - interval '60 seconds')
FROM (
    SELECT job.status, job.queue_name, coalesce(job.scheduled_at, min(event.at)) AS due, max(event.at) AS last
    FROM procrastinate_jobs AS job LEFT JOIN procrastinate_events AS event ON event.job_id = job.id
    WHERE job.status IN ('todo', 'doing', 'failed') GROUP BY job.id
) AS jobs
"""

ROLES = """
SELECT pg_has_role(current_user, relowner, 'MEMBER') OR rolsuper
FROM pg_class, pg_roles WHERE pg_class.oid = 'public.audit_log'::regclass AND rolname = current_user
"""


def _answers(make: Callable[[], tuple[bool, dict[str, Any]]]) -> View:
    @wraps(make)
    def view(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed()
        is_well, found = make()
        body = strict_json.write({"status": "ok" if is_well else "unavailable", **found})
        response = HttpResponse(body, content_type="application/json", status=200 if is_well else 503)
        response["Cache-Control"] = "no-store"
        if not is_well:
            response["Retry-After"] = "5"
        return response

    return view


@_answers
def live() -> tuple[bool, dict[str, Any]]:
    """The process answers. No database is asked, so a database that is away does not get it restarted."""
    return True, {}


@_answers
def ready() -> tuple[bool, dict[str, Any]]:
    """May people be sent here? Not while the database, a migration or a key is missing."""
    return _examine({"database": database, "migrations": migrations, "keys": keys})


@_answers
def health() -> tuple[bool, dict[str, Any]]:
    """The same, and how background work and the apps are doing."""
    return _examine(_everything())


@_answers
def deep() -> tuple[bool, dict[str, Any]]:
    """The same, and whether the database still takes writes."""
    return _examine(_everything() | {"writing": writing})


def _everything() -> Checks:
    own: Checks = {"database": database, "migrations": migrations, "keys": keys, "jobs": jobs, "roles": roles}
    return own | {"schema": structure.health} | ports.health()


def database() -> Signal:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Signal({"reachable": True})


def migrations() -> Signal:
    """New code on an old schema is not ready; old code on a new schema is, because migrations only add."""
    pending = migrated.pending()
    return Signal({"pending": pending}, "Run manage.py migrate." if pending else "", is_well=not pending)


def keys() -> Signal:
    problem = startup.key_problem()
    return Signal({"proved": not problem}, problem, is_well=not problem)


def jobs() -> Signal:
    with connection.cursor() as cursor:
        cursor.execute(JOBS)
        late, longest, parked, parked_mails, failures, workers = cursor.fetchone() or (0,) * 6
    warnings = {
        "No worker is running, so no mail leaves. Start manage.py worker.": not workers,
        f"A job has been due for {late} seconds.": workers and late > LATE_SECONDS,
        f"Jobs that failed for good: {parked}, mails among them: {parked_mails}.": parked,
        f"Housekeeping that failed since yesterday: {failures}.": failures,
    }
    facts = {"workers": workers, "oldest_due_seconds": late, "longest_running_seconds": longest}
    facts |= {"parked": parked, "parked_mails": parked_mails, "failed_housekeeping": failures}
    return Signal(facts, " ".join(sentence for sentence, is_so in warnings.items() if is_so))


def roles() -> Signal:
    with connection.cursor() as cursor:
        cursor.execute(ROLES)
        (is_owner,) = cursor.fetchone() or (True,)
    warning = "The site runs as the owner of its tables, so triggers alone protect the audit log." if is_owner else ""
    return Signal({"site_owns_tables": is_owner, "owner_is_set": settings.HAS_OWNER}, warning)


def writing() -> Signal:
    """A row is written and rolled back."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO key_canaries (key_id, text) VALUES ('health-probe', '') ON CONFLICT DO NOTHING")
        transaction.set_rollback(True)
    return Signal({"possible": True})


def _examine(checks: Checks) -> tuple[bool, dict[str, Any]]:
    found: dict[str, Any] = {}
    warnings, is_well = [], True
    for name, check in checks.items():
        signal = _ask(check)
        found[name] = {"ok": signal.is_well, **signal.facts}
        is_well = is_well and signal.is_well
        warnings += [signal.warning] if signal.warning else []
        # The rest would each wait for the same database again.
        if name == "database" and not signal.is_well:
            break
    return is_well, found | {"warnings": warnings}


def _ask(check: Callable[[], Signal]) -> Signal:
    try:
        with transaction.atomic():
            return check()
    except (DatabaseError, InterfaceError):
        return Signal(warning=f"The database does not answer ({check.__name__}).", is_well=False)

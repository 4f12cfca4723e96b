"""The life of messages, sealed into the audit log: one digest for each batch, so nobody can rewrite either."""

from django.db import connection, transaction

import audit.services as audit
from audit.models import AuditEntry

SEALED = "message_log_sealed"
BATCH = 10_000


def seal_log() -> int:
    """A job: how many entries were sealed. Two at once do the same work twice and seal it once."""
    end = _end()
    done = 0
    while (many := _seal_next(end)) > 0:
        done += many
    return done


def _end() -> int:
    """Every entry up to here is there: the database waits for those who are writing, for a moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT public.message_audit_log_end()")
        return int(cursor.fetchone()[0])


@transaction.atomic
def _seal_next(end: int) -> int:
    # One at a time; held until the entry is written.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('message_log_sealed'))")
        last = _last_sealed()
        cursor.execute(
            "SELECT min(id), max(id), count(*) FROM (SELECT id FROM message_audit_log"
            " WHERE id > %s AND id <= %s ORDER BY id LIMIT %s) AS batch",
            [last, end, BATCH],
        )
        first, until, many = cursor.fetchone()
        if not many:
            return 0
        cursor.execute("SELECT public.message_audit_log_digest(%s, %s)", [first, until])
        digest = cursor.fetchone()[0]
    audit.record(SEALED, first=first, last=until, entries=many, digest=digest)
    return int(many)


def _last_sealed() -> int:
    entry = AuditEntry.objects.filter(action=SEALED).order_by("-sequence").first()
    return int(entry.details["last"]) if entry else 0

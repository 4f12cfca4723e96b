"""Writing an entry into the audit log, and proving that nobody changed it."""

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from audit.models import REASON_MOST, AuditEntry
from carecollective.errors import NotValid
from carecollective.facts import named, plain

# An entry must follow the one before it, and its digest must be that of its own words.
BROKEN = """
SELECT sequence, what FROM (
    SELECT sequence, CASE
        WHEN sequence <> coalesce(lag(sequence) OVER chain, 0) + 1 THEN 'entries before it are missing'
        WHEN previous_digest <> coalesce(lag(digest) OVER chain, '') THEN 'it does not follow the entry before it'
        WHEN digest <> public.audit_digest(entry) THEN 'it was changed'
    END AS what
    FROM public.audit_log AS entry WINDOW chain AS (ORDER BY sequence)
) AS entries WHERE what IS NOT NULL
UNION ALL
SELECT head.sequence, 'the end of the log is not the one that was written'
FROM public.audit_last() AS head
LEFT JOIN LATERAL (SELECT sequence, digest FROM public.audit_log ORDER BY sequence DESC LIMIT 1) AS last ON true
WHERE (head.sequence, head.digest) IS DISTINCT FROM (coalesce(last.sequence, 0), coalesce(last.digest, ''))
ORDER BY sequence LIMIT 20
"""


@dataclass(frozen=True)
class Verdict:
    entries: int
    last_digest: str
    broken_at: int | None = None
    why: str = ""


def record(action: str, *, actor: Any = None, subject: Any = None, reason: str = "", **details: Any) -> AuditEntry:
    """Adds one entry. Call it last in a verb: its lock orders every writer of the log and is taken last.

    `actor` is a member, a short role word, or nobody for the system; `details` hold ids and known words only,
    and `case_id` among them stands in its own column.
    """
    if len(reason) > REASON_MOST:
        raise NotValid(fields={"reason": [f"Please use {REASON_MOST} letters or fewer."]})
    kind, identifier = named(subject)
    return AuditEntry.objects.create(
        action=action,
        actor=getattr(actor, "pk", None),
        actor_label=_label(actor),
        subject_kind=kind,
        subject_id=identifier,
        case_id=details.pop("case_id", None),
        reason=reason,
        details=plain(details),
    )


def verify() -> Verdict:
    """Walks the whole chain inside the database and names the first entry that breaks it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(BROKEN)
        broken = cursor.fetchone()
        cursor.execute("SELECT sequence, digest FROM public.audit_last()")
        entries, last_digest = cursor.fetchone() or (0, "")
    return Verdict(entries, last_digest, *(broken or (None, "")))


def _label(actor: Any) -> str:
    if actor is None:
        return "system"
    if isinstance(actor, str):
        return actor
    return "staff" if getattr(actor, "is_staff", False) else "member"

"""Whether what was moved is what stood there: both ways, over all of it, each difference by its name."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from legacy.models import Run

# What was changed in V2 since it was moved is not a difference: an edit, a deletion and a hidden message are told by
# their own moments, and what came later has no row in the earlier tables.
DIFFERENCES = """
WITH source AS (
    SELECT said.id, move.into_id AS thread, said.sender_id, said.message_type, said.created_at, said.content,
           said.deleted_at IS NOT NULL AS is_deleted, said.moderation_status IN ('hidden', 'removed') AS is_hidden
    FROM messages AS said JOIN legacy_moves AS move ON move.id = said.conversation_id
    WHERE move.outcome <> 'quarantined' AND (said.content ~ '\\S' OR said.deleted_at IS NOT NULL)
), moved AS (
    SELECT into_id, max(at) AS at FROM legacy_moves WHERE outcome <> 'quarantined' GROUP BY into_id
), target AS (
    SELECT said.id, said.conversation_id AS thread, said.sender_id, said.type, said.created_at, said.content,
           said.key_id, said.digest, said.digest_key_id, said.deleted_at IS NOT NULL AS is_deleted,
           said.moderation = 'hidden' AS is_hidden, coalesce(said.edited_at > moved.at, false) AS is_edited, moved.at
    FROM messages_v2 AS said JOIN moved ON moved.into_id = said.conversation_id
    UNION ALL
    SELECT thread.opening_v1_id, thread.id, thread.opening_sender_id, 'standard', thread.created_at,
           thread.initial_message, thread.key_id, thread.opening_digest, thread.opening_digest_key_id,
           thread.opening_deleted_at IS NOT NULL, thread.opening_moderation = 'hidden',
           coalesce(thread.opening_edited_at > moved.at, false), moved.at
    FROM conversations_v2 AS thread JOIN moved ON moved.into_id = thread.id
)
SELECT coalesce(source.id, target.id), CASE
    WHEN target.id IS NULL THEN 'is missing in V2'
    WHEN source.id IS NULL THEN 'was never said in V1'
    WHEN source.thread <> target.thread THEN 'stands in another conversation'
    WHEN target.type <> 'system' AND source.sender_id IS DISTINCT FROM target.sender_id THEN 'has another writer'
    WHEN source.created_at <> target.created_at THEN 'has another time'
    WHEN source.is_deleted AND NOT target.is_deleted THEN 'was deleted in V1, and is not in V2'
    ELSE 'has other words' END
FROM source FULL JOIN target ON target.id = source.id
WHERE source.id IS NULL AND target.created_at <= target.at
   OR target.id IS NULL
   OR source.thread <> target.thread
   OR source.id IS NOT NULL AND target.type <> 'system' AND source.sender_id IS DISTINCT FROM target.sender_id
   OR source.created_at <> target.created_at
   OR source.is_deleted AND NOT target.is_deleted
   OR NOT (target.is_deleted OR target.is_hidden OR target.is_edited OR target.key_id <> '')
      AND source.content <> target.content
ORDER BY 1
LIMIT %s
"""
MOST = 1000


@dataclass(frozen=True)
class Difference:
    id: UUID
    what: str

    def __str__(self) -> str:
        return f"Message {self.id} {self.what}."


@transaction.atomic
def verify() -> list[Difference]:
    """Every row of both sides; when it was done, and how it came out, is kept with the last run."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES, [MOST])
        found = [Difference(*row) for row in cursor.fetchall()]
    newest = Run.objects.order_by("-pk").values("pk")[:1]
    Run.objects.filter(pk__in=newest).update(verified_at=Now(), differences=len(found))
    return found

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
   OR NOT (target.is_deleted OR target.is_hidden OR target.is_edited) AND CASE
      WHEN target.key_id = '' THEN source.content <> target.content
      -- Sealed since it was moved: the digest of what was said stayed.
      WHEN target.digest_key_id = '' AND source.content <> '[protected]'
          THEN encode(sha256(convert_to(source.content, 'UTF8')), 'hex') <> target.digest
      ELSE false END
ORDER BY 1
LIMIT %s
"""
# Sealed before it was moved: V1 has no words to compare it with, and the digest is one made with its key.
NOT_COMPARED = """
SELECT count(*) FROM (
    SELECT said.key_id, said.digest_key_id FROM ONLY messages_v2 AS said WHERE said.origin = 'v1'
    UNION ALL SELECT key_id, opening_digest_key_id FROM ONLY conversations_v2 WHERE origin = 'v1'
) AS moved WHERE key_id <> '' AND digest_key_id <> ''
"""
MOST = 1000


@dataclass(frozen=True)
class Difference:
    id: UUID
    what: str

    def __str__(self) -> str:
        return f"Message {self.id} {self.what}."


def not_compared() -> int:
    """Sealed words, whose writer, place and time were compared all the same."""
    with connection.cursor() as cursor:
        cursor.execute(NOT_COMPARED)
        return int(cursor.fetchone()[0])


def v1_digest() -> str:
    """Of all that stands in V1's tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT legacy_v1_digest()")
        return str(cursor.fetchone()[0])


@transaction.atomic
def verify() -> list[Difference]:
    """Every row of both sides; when it was done, how it came out, and of what, is kept with the last run."""
    with connection.cursor() as cursor:
        # It reads whole tables, which no page may do. What is written there meanwhile makes another digest.
        cursor.execute("SET LOCAL statement_timeout = 0")
        digest = v1_digest()
        cursor.execute(DIFFERENCES, [MOST])
        found = [Difference(*row) for row in cursor.fetchall()]
    newest = Run.objects.order_by("-pk").values("pk")[:1]
    Run.objects.filter(pk__in=newest).update(verified_at=Now(), differences=len(found), v1_digest=digest)
    return found

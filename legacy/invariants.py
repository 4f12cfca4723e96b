"""What must always be true of the two versions beside each other; numbers as in the list of promises."""

from legacy.models.ending import v1_stands

ALWAYS = {
    # What was brought over may have had several.
    "1 nobody has two conversations about one thing, whichever versions they are": """
        SELECT min(id::text) FROM conversations_v2 GROUP BY help_request_id, helper_id
        HAVING help_request_id IS NOT NULL AND count(*) > 1 AND bool_or(origin = 'v2')
        UNION ALL
        SELECT min(id::text) FROM conversations_v2 WHERE kind = 'direct'
        GROUP BY least(requester_id, helper_id), greatest(requester_id, helper_id)
        HAVING count(*) > 1 AND bool_or(origin = 'v2')
    """,
    "nobody has left a conversation that goes on": """
        SELECT id FROM conversations_v2
        WHERE status = 'active' AND (requester_left_at IS NOT NULL OR helper_left_at IS NOT NULL)
    """,
}

WHILE_V1_STANDS = {
    # But for lines of the site in a chat that ended with V1.
    "what is said the V1 way stands alike in both its tables": """
        SELECT said.id FROM (
            SELECT coalesce(opening_v1_id, id) AS id, initial_message AS words, key_id,
                   opening_deleted_at IS NOT NULL OR opening_moderation = 'hidden' AS is_gone
            FROM legacy_conversations
            UNION ALL
            SELECT id, content, key_id, deleted_at IS NOT NULL OR moderation = 'hidden' FROM legacy_messages
            WHERE type <> 'system' OR created_at < (SELECT coalesce(began_at, 'infinity') FROM legacy_ending)
        ) AS said LEFT JOIN messages AS earlier ON earlier.id = said.id
        WHERE earlier.id IS NULL OR NOT is_gone AND earlier.content <> CASE WHEN key_id = '' THEN words
            ELSE '[protected]' END
    """,
    # What broke a rule of ours before anybody saw it is told there as removed, and is nobody's but its writer's here.
    "what was deleted or hidden in the earlier system is so here": """
        SELECT said.id FROM (
            SELECT coalesce(opening_v1_id, id) AS id, opening_moderation AS moderation, opening_deleted_at AS deleted_at
            FROM legacy_conversations
            UNION ALL SELECT id, moderation, deleted_at FROM legacy_messages
        ) AS said JOIN messages AS earlier ON earlier.id = said.id
        WHERE earlier.deleted_at IS NOT NULL AND said.deleted_at IS NULL
           OR earlier.moderation_status IN ('hidden', 'removed') AND said.moderation NOT IN ('hidden', 'refused')
              AND said.deleted_at IS NULL
    """,
    "every word of an earlier conversation is in it": """
        SELECT earlier.id FROM messages AS earlier JOIN legacy_conversations AS thread
            ON thread.id = earlier.conversation_id AND coalesce(thread.opening_v1_id, thread.id) <> earlier.id
        WHERE earlier.content ~ '\\S' AND NOT EXISTS (SELECT FROM legacy_messages WHERE id = earlier.id)
    """,
    # Of two people who were both in it, where one of them wrote.
    "every earlier conversation with words in it is found": """
        SELECT thread.id FROM conversations AS thread
        LEFT JOIN help_requests AS request ON request.id = thread.help_request_id
        JOIN conversation_participants AS helper
            ON helper.conversation_id = thread.id AND helper.user_id = thread.created_by
        JOIN conversation_participants AS asker
            ON asker.conversation_id = thread.id AND asker.user_id = request.requester_id
        WHERE asker.user_id <> helper.user_id AND EXISTS (SELECT FROM members WHERE id = helper.user_id)
          AND EXISTS (
              SELECT FROM messages WHERE conversation_id = thread.id AND message_type = 'text'
              AND sender_id IN (asker.user_id, helper.user_id) AND content ~ '\\S'
          )
          AND NOT EXISTS (SELECT FROM conversations_v2 WHERE id = thread.id)
          AND NOT EXISTS (SELECT FROM legacy_moves WHERE id = thread.id AND outcome = 'merged')
    """,
    # Digests are of what was first sent; what was changed in V2 since it was moved is told by its own moments.
    "15 every message that was moved stands in V2 once, with the words it had": """
        SELECT said.id FROM messages AS said
        JOIN legacy_moves AS move ON move.id = said.conversation_id AND move.outcome <> 'quarantined'
        LEFT JOIN (
            SELECT id, conversation_id AS thread, content, key_id, digest, digest_key_id, edited_at, deleted_at,
                   moderation
            FROM messages_v2
            UNION ALL
            SELECT coalesce(opening_v1_id, id), id, initial_message, key_id, opening_digest, opening_digest_key_id,
                   opening_edited_at, opening_deleted_at, opening_moderation
            FROM conversations_v2
        ) AS ours ON ours.id = said.id
        WHERE said.content ~ '\\S' OR said.deleted_at IS NOT NULL
        GROUP BY said.id, move.into_id
        HAVING count(ours.thread) <> 1 OR bool_or(ours.thread <> move.into_id) OR bool_or(
            said.content <> '[protected]' AND said.deleted_at IS NULL AND ours.deleted_at IS NULL
            AND ours.edited_at IS NULL AND ours.moderation = '' AND CASE
                WHEN ours.key_id = '' THEN ours.content <> said.content
                ELSE ours.digest_key_id = '' AND ours.digest <> encode(sha256(convert_to(said.content, 'UTF8')), 'hex')
            END)
    """,
    # What came alone keeps its numbers, which a guard holds; several of a pair are in the order of time.
    "15 what was merged is in the order it was said in": """
        SELECT id FROM (
            SELECT ours.id, coalesce(ours.released_at, ours.created_at) AS at,
                   max(coalesce(ours.released_at, ours.created_at)) OVER (
                       PARTITION BY said.conversation_id ORDER BY ours.sequence
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM messages_v2 AS ours JOIN messages AS said ON said.id = ours.id
            JOIN legacy_moves AS move ON move.id = said.conversation_id AND move.outcome <> 'quarantined'
            WHERE ours.sequence IS NOT NULL
              AND EXISTS (SELECT FROM legacy_moves WHERE into_id = move.into_id AND outcome = 'merged')
        ) AS line WHERE at < before
    """,
    # One that waits is no fault: a run has not come to it yet.
    "15 every earlier conversation stands where it is said to be": """
        SELECT thread.id FROM conversations AS thread LEFT JOIN legacy_moves AS move ON move.id = thread.id
        LEFT JOIN legacy_moves AS leader ON leader.id = move.into_id
        CROSS JOIN LATERAL (
            SELECT EXISTS (SELECT FROM ONLY conversations_v2 WHERE id = thread.id) AS is_moved,
                   EXISTS (SELECT FROM legacy_conversations WHERE id = thread.id) AS is_beside,
                   EXISTS (SELECT FROM ONLY conversations_v2 WHERE id = move.into_id) AS is_there
        ) AS stands
        WHERE CASE move.outcome
            WHEN 'converted' THEN NOT is_moved OR is_beside OR move.into_id <> thread.id
            WHEN 'merged' THEN is_moved OR is_beside OR NOT is_there OR leader.outcome IS DISTINCT FROM 'converted'
            ELSE is_moved END
    """,
}


def invariants() -> dict[str, str]:
    return ALWAYS | WHILE_V1_STANDS if v1_stands() else ALWAYS

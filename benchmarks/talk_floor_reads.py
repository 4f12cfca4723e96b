"""The floor of the two hot reads: the same facts in the same JSON, by the leanest SQL we know of."""

# PostgreSQL writes a row as JSON in half the time it takes for the same names and values given one by one.
# Sealed words would be opened by the site, so the floor leaves them as they are.

from benchmarks.talk_floor_writes import BANNED, WHO

TYPES = """
CREATE TYPE bench_person AS (id uuid, called text);
CREATE TYPE bench_request AS (id uuid, title text, category text, status text);
"""

# Blocks and wishes once for the whole answer, not for each row.
KEPT = """
    SELECT coalesce((SELECT read_receipts FROM messaging_preferences WHERE member_id = me), true) AS shows,
           ARRAY(SELECT blocked_id FROM member_blocks WHERE blocker_id = me
                 UNION ALL SELECT blocker_id FROM member_blocks WHERE blocked_id = me) AS away
"""

SHOWN = f"""
    t.id, 2 AS version, t.kind, t.help_request_id, t.requester_id, t.helper_id, t.initial_message, t.status,
    nullif(t.opening_moderation, '') AS opening_moderation, t.offer_state,
    t.status = 'active' AND coalesce(t.offer_state, '') NOT IN ('declined', 'withdrawn') AND o.is_active
        AND o.id <> ALL (kept.away) AND NOT EXISTS ({BANNED.format(who="o.id")}) AS can_write,
    ROW(o.id, o.called)::bench_person AS other,
    CASE WHEN r.id IS NOT NULL THEN ROW(r.id, r.title, r.category,
        CASE WHEN r.status = 'open' AND r.expires_at <= now() THEN 'closed' ELSE r.status END)::bench_request
    END AS help_request,
    CASE WHEN t.requester_id = me THEN t.requester_unread ELSE t.helper_unread END AS unread_count,
    t.last_sequence, t.last_message_at,
    CASE WHEN t.requester_id = me THEN t.requester_read ELSE t.helper_read END AS my_read_sequence,
    CASE WHEN t.requester_id = me THEN t.helper_delivered ELSE t.requester_delivered END AS their_delivered_sequence,
    CASE WHEN kept.shows AND coalesce(p.read_receipts, true)
         THEN CASE WHEN t.requester_id = me THEN t.helper_read ELSE t.requester_read END END AS their_read_sequence,
    t.offered_at, t.accepted_at, t.declined_at, t.withdrawn_at, t.expired_at, t.closed_at,
    t.closed_by_id IS NOT DISTINCT FROM me AS closed_by_me, t.created_at, t.updated_at
"""

AROUND = """
    CROSS JOIN kept
    JOIN members AS o ON o.id = CASE WHEN t.requester_id = me THEN t.helper_id ELSE t.requester_id END
    LEFT JOIN help_requests AS r ON r.id = t.help_request_id
    LEFT JOIN messaging_preferences AS p ON p.member_id = o.id
"""

SAID = """
    SELECT m.id, m.conversation_id, m.sender_id, m.sequence, false AS is_opening, m.type,
           nullif(m.happening, '') AS happening, m.content, m.key_id <> '' AS encrypted,
           CASE WHEN m.sender_id = me THEN nullif(m.client_id, '') END AS client_id,
           nullif(m.moderation, '') AS moderation, m.edited_at, m.deleted_at, m.released_at, m.caution, m.created_at,
           m.updated_at
    FROM messages_v2 AS m
"""

OPENING = """
    SELECT t.id, t.id, t.opening_sender_id, 1, true, 'standard', NULL, t.initial_message, t.key_id <> '',
           CASE WHEN t.opening_sender_id = me THEN nullif(t.client_id, '') END,
           nullif(t.opening_moderation, ''), t.opening_edited_at, t.opening_deleted_at, t.opening_released_at,
           t.opening_caution, t.created_at, t.created_at
"""

PAGE = f"""
CREATE FUNCTION bench_page(token text, thread_id uuid) RETURNS TABLE (thread json, messages json, newest integer)
LANGUAGE plpgsql AS $$
DECLARE me uuid;
BEGIN
    {WHO}
    RETURN QUERY
    WITH kept AS ({KEPT}), t AS (
        SELECT * FROM conversations_v2 AS t
        WHERE t.id = thread_id AND (t.helper_id = me OR t.requester_id = me AND t.status <> 'held')
    )
    SELECT (SELECT to_json(shown) FROM (SELECT {SHOWN} FROM t {AROUND}) AS shown), (
        SELECT json_agg(said ORDER BY said.sequence) FROM (
            ({SAID} WHERE m.conversation_id = thread_id ORDER BY m.sequence DESC LIMIT 50)
            UNION ALL ({OPENING} FROM t WHERE t.last_sequence <= 50)
            UNION ALL ({SAID} WHERE m.conversation_id = thread_id AND m.sequence IS NULL AND m.sender_id = me)
        ) AS said
    ), t.last_sequence FROM t;
END $$;
"""  # noqa: S608 (only what is written above)

INBOX = f"""
CREATE FUNCTION bench_inbox(token text) RETURNS TABLE (threads json, total bigint)
LANGUAGE plpgsql AS $$
DECLARE me uuid;
BEGIN
    {WHO}
    RETURN QUERY
    WITH kept AS ({KEPT}), mine AS (
        (SELECT * FROM conversations_v2 WHERE requester_id = me AND status <> 'held'
         ORDER BY last_message_at DESC, id DESC LIMIT 21)
        UNION ALL
        (SELECT * FROM conversations_v2 WHERE helper_id = me ORDER BY last_message_at DESC, id DESC LIMIT 21)
        ORDER BY last_message_at DESC, id DESC LIMIT 21
    )
    SELECT json_agg(shown), (SELECT count(*) FROM conversations_v2 WHERE requester_id = me AND status <> 'held')
                            + (SELECT count(*) FROM conversations_v2 WHERE helper_id = me)
    FROM (
        SELECT {SHOWN}, said AS last_message FROM mine AS t {AROUND}
        LEFT JOIN LATERAL (
            ({SAID} WHERE m.conversation_id = t.id AND m.sequence = t.last_sequence)
            UNION ALL ({OPENING} WHERE t.last_sequence = 1)
        ) AS said ON true
        ORDER BY t.last_message_at DESC, t.id DESC
    ) AS shown;
END $$;
"""  # noqa: S608 (only what is written above)

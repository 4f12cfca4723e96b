"""The statements of `reads`: what a conversation and a message are in an answer of the API."""

# Open: the object is closed where it is used, after what that answer adds. Read notes count only where both show
# theirs; a member without a row of preferences does.
CONVERSATION = """json_build_object(
    'id', thread.id, 'version', 2, 'kind', thread.kind,
    'help_request_id', thread.help_request_id, 'requester_id', thread.requester_id, 'helper_id', thread.helper_id,
    'initial_message', thread.initial_message,
    'status', thread.status, 'offer_state', thread.offer_state,
    'can_write', thread.status = 'active' AND coalesce(thread.offer_state, '') NOT IN ('declined', 'withdrawn')
        AND other.is_active AND NOT EXISTS (
            SELECT FROM member_blocks
            WHERE (blocker_id, blocked_id) IN ((thread.requester_id, thread.helper_id),
                                               (thread.helper_id, thread.requester_id))),
    'other', json_build_object('id', other.id, 'called', other.called),
    'help_request', CASE WHEN request.id IS NOT NULL THEN json_build_object(
        'id', request.id, 'title', request.title, 'category', request.category, 'status',
        CASE WHEN request.status = 'open' AND request.expires_at <= now() THEN 'closed' ELSE request.status END) END,
    'unread_count', CASE WHEN side.is_mine THEN thread.requester_unread ELSE thread.helper_unread END,
    'last_sequence', thread.last_sequence, 'last_message_at', thread.last_message_at,
    'my_read_sequence', CASE WHEN side.is_mine THEN thread.requester_read ELSE thread.helper_read END,
    'their_delivered_sequence',
        CASE WHEN side.is_mine THEN thread.helper_delivered ELSE thread.requester_delivered END,
    'their_read_sequence', CASE WHEN NOT EXISTS (
            SELECT FROM messaging_preferences
            WHERE member_id IN (thread.requester_id, thread.helper_id) AND NOT read_receipts)
        THEN CASE WHEN side.is_mine THEN thread.helper_read ELSE thread.requester_read END END,
    'offered_at', thread.offered_at, 'accepted_at', thread.accepted_at, 'declined_at', thread.declined_at,
    'withdrawn_at', thread.withdrawn_at, 'expired_at', thread.expired_at, 'closed_at', thread.closed_at,
    'closed_by_me', thread.closed_by_id IS NOT DISTINCT FROM %(me)s,
    'created_at', thread.created_at, 'updated_at', thread.updated_at
    """

# The two people, the request, and which side asks.
AROUND = """
CROSS JOIN LATERAL (
    SELECT thread.requester_id = %(me)s AS is_mine,
           CASE WHEN thread.requester_id = %(me)s THEN thread.helper_id ELSE thread.requester_id END AS other_id
) AS side
JOIN members AS other ON other.id = side.other_id
LEFT JOIN help_requests AS request ON request.id = thread.help_request_id
"""

IS_MINE = "(thread.helper_id = %(me)s OR (thread.requester_id = %(me)s AND thread.status <> 'held'))"

MESSAGE = """json_build_object(
    'id', said.id, 'conversation_id', said.conversation_id, 'sender_id', said.sender_id, 'sequence', said.sequence,
    'is_opening', said.sequence = 1, 'type', said.type, 'happening', nullif(said.happening, ''),
    'content', said.content, 'encrypted', said.key_id <> '',
    'client_id', CASE WHEN said.sender_id = %(me)s THEN nullif(said.client_id, '') END,
    'edited_at', said.edited_at, 'deleted_at', said.deleted_at,
    'created_at', said.created_at, 'updated_at', said.updated_at)"""

SAID = """
    SELECT id, conversation_id, sender_id, sequence, type, happening, content, key_id, client_id, edited_at,
           deleted_at, created_at, updated_at
    FROM messages_v2
"""

# Message 1 stands in its conversation's row.
OPENING = """
    SELECT thread.id, thread.id, thread.opening_sender_id, 1, 'standard', '', thread.initial_message, thread.key_id,
           thread.client_id, thread.opening_edited_at, thread.opening_deleted_at, thread.created_at,
           coalesce(thread.opening_deleted_at, thread.opening_edited_at, thread.created_at)
"""

# With which key each sealed text of an answer opens, by the id of its message; null for an answer without any.
KEYS_OF_OPENINGS = "json_object_agg(thread.id, thread.key_id) FILTER (WHERE thread.key_id <> '')"
KEYS_OF_MESSAGES = "json_object_agg(said.id, said.key_id) FILTER (WHERE said.key_id <> '')"

ONE = f"""
SELECT {CONVERSATION})::text, CASE WHEN thread.key_id <> '' THEN json_build_object(thread.id, thread.key_id) END
FROM conversations_v2 AS thread {AROUND}
WHERE thread.id = %(conversation)s AND {IS_MINE}
"""  # noqa: S608 (only what is written above)

OFFERS = f"""
SELECT EXISTS (SELECT FROM help_requests WHERE id = %(request)s AND requester_id = %(me)s),
       coalesce(json_agg({CONVERSATION}) ORDER BY thread.created_at, thread.id), '[]')::text, {KEYS_OF_OPENINGS}
FROM conversations_v2 AS thread {AROUND}
WHERE thread.help_request_id = %(request)s AND thread.requester_id = %(me)s AND {IS_MINE}
"""  # noqa: S608 (only what is written above)

# Newest first as they are found by the index, oldest first as they are read; forward they are found that way round.
THREAD = f"""
WITH thread AS MATERIALIZED (
    SELECT * FROM conversations_v2 AS thread WHERE thread.id = %(conversation)s AND {IS_MINE}
), said AS (
    (SELECT * FROM (
        (({SAID} WHERE conversation_id = %(conversation)s AND sequence > %(after)s AND sequence < %(before)s
          AND NOT %(forward)s::boolean ORDER BY sequence DESC LIMIT %(limit)s)
        UNION ALL
        ({SAID} WHERE conversation_id = %(conversation)s AND sequence > %(after)s
          AND %(forward)s::boolean ORDER BY sequence LIMIT %(limit)s)
        UNION ALL
        ({OPENING} FROM thread WHERE %(after)s < 1 AND %(before)s > 1))
    ) AS found (id, conversation_id, sender_id, sequence, type, happening, content, key_id, client_id, edited_at,
                deleted_at, created_at, updated_at)
    ORDER BY CASE WHEN %(forward)s::boolean THEN sequence ELSE -sequence END LIMIT %(limit)s)
)
SELECT (SELECT {CONVERSATION})::text FROM thread {AROUND}),
       coalesce((SELECT json_agg({MESSAGE} ORDER BY said.sequence) FROM said)::text, '[]'),
       (SELECT {KEYS_OF_OPENINGS} FROM thread), (SELECT {KEYS_OF_MESSAGES} FROM said),
       thread.last_sequence,
       coalesce((SELECT min(sequence) FROM said), 0), coalesce((SELECT max(sequence) FROM said), 0)
FROM thread
"""  # noqa: S608 (only what is written above)

# Each side has its own index; both are read only as far as the page needs.
SIDE = """
    (SELECT * FROM conversations_v2 AS thread
     WHERE thread.{side}_id = %(me)s {held}
       AND (%(moment)s::timestamptz IS NULL OR (last_message_at, id) < (%(moment)s::timestamptz, %(last_id)s::uuid))
     ORDER BY last_message_at DESC, id DESC LIMIT %(limit)s + %(offset)s)
"""
ASKED = SIDE.format(side="requester", held="AND thread.status <> 'held'")
HELPED = SIDE.format(side="helper", held="")

INBOX = f"""
WITH mine AS (
    {ASKED} UNION ALL {HELPED}
    ORDER BY last_message_at DESC, id DESC LIMIT %(limit)s OFFSET %(offset)s
)
SELECT coalesce(json_agg({CONVERSATION}, 'last_message', CASE WHEN said.id IS NOT NULL THEN {MESSAGE} END)
                         ORDER BY thread.last_message_at DESC, thread.id DESC), '[]')::text,
       {KEYS_OF_OPENINGS}, {KEYS_OF_MESSAGES},
       (SELECT count(*) FROM conversations_v2 WHERE requester_id = %(me)s AND status <> 'held')
           + (SELECT count(*) FROM conversations_v2 WHERE helper_id = %(me)s)
FROM mine AS thread {AROUND}
LEFT JOIN LATERAL (
    ({SAID} WHERE conversation_id = thread.id AND sequence = thread.last_sequence)
    UNION ALL
    ({OPENING} WHERE thread.last_sequence = 1)
) AS said (id, conversation_id, sender_id, sequence, type, happening, content, key_id, client_id, edited_at,
           deleted_at, created_at, updated_at) ON true
"""  # noqa: S608 (only what is written above)

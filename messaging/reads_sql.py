"""The statements of `reads`: what a conversation and a message are in an answer of the API."""

import re

from help_requests.models.words import WITHHELD
from members.models.bans import is_banned_sql
from messaging.models.words import Show

# Rows with named columns become JSON by themselves, which costs less than objects built name by name.


# Names nobody outside a statement sees.
SHORT = {
    "thread": "t",
    "request": "q",
    "said": "s",
    "shown": "x",
    "is_mine": "m",
    "is_apart": "a",
    "is_away": "w",
}


def short(statement: str) -> str:
    """Without what only people need to read it: a statement longer than 4,096 characters is not kept prepared."""
    brief = " ".join(statement.split())
    for name, initial in SHORT.items():
        brief = re.sub(rf"(?<!')(?<!%\()\b{name}\b(?!')", initial, brief)
    return re.sub(r" ?([,()=<>]+) ?", r"\1", brief)


# A block reads as on the request's own page: closed, for whoever is neither its asker nor its accepted helper. So does
# an account that is gone, or nobody would have to ask which of the two it is.
CONVERSATION = """
    thread.id, thread.version, thread.kind, thread.help_request_id, thread.requester_id, thread.helper_id,
    thread.initial_message, thread.status, nullif(opening_moderation, '') AS opening_moderation, thread.offer_state,
    thread.status = 'active' AND coalesce(thread.offer_state, '') NOT IN ('declined', 'withdrawn') AND NOT is_apart
        AS can_write,
    json_build_object('id', other.id, 'called', other.called) AS other,
    CASE WHEN request.id IS NOT NULL THEN json_build_object('id', request.id,
        'title', CASE WHEN is_away THEN 'WITHHELD' ELSE request.title END, 'category', request.category,
        'status', CASE WHEN request.status = 'open' AND request.expires_at <= now() OR is_away
            OR is_apart AND NOT is_mine AND request.status IN ('open', 'in_progress')
                AND request.helper_id IS DISTINCT FROM %(me)s
            THEN 'closed' ELSE request.status END) END AS help_request,
    CASE WHEN is_mine THEN requester_unread ELSE helper_unread END AS unread_count,
    thread.last_sequence, thread.last_message_at,
    CASE WHEN is_mine THEN requester_read ELSE helper_read END AS my_read_sequence,
    CASE WHEN hides THEN NULL WHEN is_mine THEN helper_delivered ELSE requester_delivered END
        AS their_delivered_sequence,
    CASE WHEN hides THEN NULL WHEN is_mine THEN helper_read ELSE requester_read END AS their_read_sequence,
    offered_at, accepted_at, declined_at, withdrawn_at, expired_at, thread.closed_at,
    closed_by_id IS NOT DISTINCT FROM %(me)s AS closed_by_me, thread.created_at, thread.updated_at
""".replace("WITHHELD", WITHHELD)

# The other of the two, the request, and what the two are to each other. Read notes count only where both show theirs
# (a member without a row of preferences does); what has arrived would give away what was read.
AROUND = f"""
    CROSS JOIN LATERAL (SELECT thread.requester_id = %(me)s AS is_mine) AS side
    JOIN members AS other ON other.id = CASE WHEN is_mine THEN thread.helper_id ELSE thread.requester_id END
    CROSS JOIN LATERAL (SELECT
        EXISTS (SELECT FROM member_blocks WHERE (blocker_id, blocked_id) IN ((%(me)s, other.id), (other.id, %(me)s)))
            OR NOT other.is_active OR other.verification_status <> 'approved' OR {is_banned_sql("other.id")}
            AS is_apart,
        EXISTS (SELECT FROM messaging_preferences WHERE member_id IN (%(me)s, other.id) AND NOT read_receipts) AS hides
    ) AS pair
    LEFT JOIN help_requests AS request ON request.id = thread.help_request_id
    CROSS JOIN LATERAL (SELECT request.moderation <> '' AND NOT is_mine AS is_away) AS away
"""  # noqa: S608 (only words of ours)

# A held one is its writer's alone; whoever left the earlier system's reads it no more.
IS_MINE = """CASE %(me)s WHEN thread.helper_id THEN helper_left_at IS NULL
    WHEN thread.requester_id THEN requester_left_at IS NULL AND thread.status <> 'held' END"""

SAID = """
    said.id, said.conversation_id, said.sender_id, said.sequence, false AS is_opening, said.type,
    nullif(said.happening, '') AS happening, said.content, said.key_id <> '' AS encrypted,
    CASE WHEN said.sender_id = %(me)s THEN nullif(said.client_id, '') END AS client_id,
    nullif(said.moderation, '') AS moderation, said.edited_at, said.deleted_at, said.released_at, said.caution,
    said.created_at, said.updated_at
"""

# Message 1 stands in its conversation's row.
OPENING = """
    thread.id, thread.id AS conversation_id, opening_sender_id AS sender_id, 1 AS sequence, true AS is_opening,
    'standard' AS type, NULL AS happening, initial_message AS content, thread.key_id <> '' AS encrypted,
    CASE WHEN opening_sender_id = %(me)s THEN nullif(thread.client_id, '') END AS client_id,
    nullif(opening_moderation, '') AS moderation, opening_edited_at AS edited_at, opening_deleted_at AS deleted_at,
    opening_released_at AS released_at, opening_caution AS caution, thread.created_at,
    coalesce(opening_deleted_at, opening_edited_at, thread.created_at) AS updated_at
"""

# With which key each sealed text of an answer opens, by the id of its message; null for an answer without any.
KEYS_OF_OPENINGS = "json_object_agg(thread.id, thread.key_id) FILTER (WHERE thread.key_id <> '')"


ONE = short(f"""
SELECT row_to_json(shown)::text, CASE WHEN key_id <> '' THEN json_build_object(thread.id, key_id) END
FROM conversations_v2 AS thread {AROUND} CROSS JOIN LATERAL (SELECT {CONVERSATION}) AS shown
WHERE thread.id = %(of)s AND {IS_MINE}
""")  # noqa: S608 (only what is written above)

OFFERS = short(f"""
SELECT EXISTS (SELECT FROM help_requests WHERE id = %(request)s AND requester_id = %(me)s),
       coalesce(json_agg(shown ORDER BY shown.created_at, shown.id), '[]')::text, {KEYS_OF_OPENINGS}
FROM conversations_v2 AS thread {AROUND} CROSS JOIN LATERAL (SELECT {CONVERSATION}) AS shown
WHERE thread.help_request_id = %(request)s AND thread.requester_id = %(me)s AND {IS_MINE}
""")  # noqa: S608 (only what is written above)

# Backward they are found newest first, as the index has them; either way they are read oldest first. What has no
# place in the thread comes to its writer on top of any page.
THREAD = short(f"""
WITH thread AS (
    SELECT * FROM conversations_v2 AS thread WHERE thread.id = %(of)s AND {IS_MINE}
), waits AS (
    SELECT * FROM messages_v2 WHERE conversation_id = %(of)s AND sequence IS NULL AND sender_id = %(me)s
), said AS (
    SELECT * FROM (
        SELECT {SAID} FROM (
            (SELECT * FROM messages_v2 WHERE conversation_id = %(of)s AND NOT %(forward)s::boolean
                AND sequence > %(after)s AND sequence < %(before)s ORDER BY sequence DESC LIMIT %(limit)s)
            UNION ALL
            (SELECT * FROM messages_v2 WHERE conversation_id = %(of)s AND %(forward)s::boolean
                AND sequence > %(after)s ORDER BY sequence LIMIT %(limit)s)
            UNION ALL TABLE waits
        ) AS said
        UNION ALL
        SELECT {OPENING} FROM thread WHERE %(after)s < 1 AND %(before)s > 1
    ) AS found ORDER BY %(way)s::int * sequence NULLS FIRST
    LIMIT %(limit)s::int + (SELECT count(*) FROM waits)::int
)
SELECT (SELECT row_to_json(shown)::text FROM (SELECT {CONVERSATION} FROM thread {AROUND}) AS shown),
       (SELECT json_agg(said ORDER BY sequence, created_at, id) FROM said)::text,
       CASE WHEN key_id <> '' THEN json_build_object(thread.id, key_id) END,
       (SELECT json_object_agg(id, key_id) FROM messages_v2
        WHERE id = ANY (ARRAY(SELECT id FROM said WHERE encrypted AND NOT is_opening))),
       EXISTS (TABLE waits), last_sequence,
       (SELECT min(sequence) FROM said), (SELECT max(sequence) FROM said)
FROM thread
""")  # noqa: S608 (only what is written above)

# The record has a row for whatever becomes of a message, numbered under the thread's lock: whoever knows how far they
# have seen it misses no change. Only what stands on their page already; what is newer comes with all it has become.
# What has no place in the thread is its writer's alone, and so is whatever becomes of it.
RECORD = """
SELECT coalesce(max(id), 0) FROM message_audit_log AS kept WHERE conversation_id = %(of)s AND (sequence IS NOT NULL
    OR EXISTS (SELECT FROM messages_v2 WHERE id = kept.message_id AND sender_id = %(me)s))
"""
CHANGED = short(f"""
WITH thread AS (
    SELECT * FROM conversations_v2 AS thread WHERE thread.id = %(of)s AND {IS_MINE}
), changed AS (
    SELECT DISTINCT sequence FROM message_audit_log
    WHERE conversation_id = %(of)s AND id > %(record)s AND sequence <= %(upto)s
        AND deed IN ('edited', 'deleted', 'moderated')
), said AS (
    SELECT {SAID} FROM messages_v2 AS said JOIN changed USING (sequence) JOIN thread ON thread.id = said.conversation_id
    UNION ALL
    SELECT {OPENING} FROM thread WHERE 1 IN (SELECT sequence FROM changed)
)
SELECT coalesce(json_agg(said ORDER BY sequence), '[]')::text,
       (SELECT json_object_agg(id, key_id) FROM (
            SELECT id, key_id FROM messages_v2 WHERE id IN (SELECT id FROM said WHERE encrypted)
            UNION ALL SELECT id, key_id FROM thread WHERE key_id <> '') AS sealed)
FROM said
""")  # noqa: S608 (only what is written above)

# Each side has its own index; both are read only as far as the page needs.
SIDE = """
    (SELECT * FROM conversations_v2 WHERE {side}_id = %(me)s AND {side}_left_at IS NULL {also}
       AND (%(moment)s::timestamptz IS NULL OR (last_message_at, id) < (%(moment)s, %(last_id)s::uuid))
     ORDER BY last_message_at DESC, id DESC LIMIT %(limit)s::int + %(offset)s::int)
"""
TOTAL = """
    (SELECT count(*) FROM conversations_v2
        WHERE requester_id = %(me)s AND requester_left_at IS NULL AND status <> 'held')
        + (SELECT count(*) FROM conversations_v2 WHERE helper_id = %(me)s AND helper_left_at IS NULL)
"""

# What a list may show, each in the words of the rows of that side. An offer needs an answer exactly where its page
# has the buttons for one: request still open, nobody blocked, the helper still a member. Asked row by row, because
# an EXISTS would be a join, and read all requests first.
NOT_HELD = "AND status <> 'held'"
IS_OVER = "AND (status = 'closed' OR offer_state IN ('declined', 'withdrawn'))"
IS_TO_BE_ANSWERED = """
    AND status = 'active' AND offer_state = 'offered'
    AND (SELECT status = 'open' AND coalesce(expires_at > now(), true) FROM help_requests WHERE id = help_request_id)
    AND (SELECT is_active AND verification_status = 'approved' FROM members WHERE id = helper_id)
    AND (SELECT count(*) = 0 FROM member_blocks
        WHERE (blocker_id, blocked_id) IN ((%(me)s, helper_id), (helper_id, %(me)s)))
"""


def _asked(also: str = NOT_HELD) -> str:
    return SIDE.format(side="requester", also=also)


def _helped(also: str = "") -> str:
    return SIDE.format(side="helper", also=also)


def _inbox(*sides: str, total: str = "0") -> str:
    return short(f"""
WITH mine AS (
    {" UNION ALL ".join(sides) if len(sides) > 1 else f"SELECT * FROM {sides[0]} AS side"}
    ORDER BY last_message_at DESC, id DESC LIMIT %(limit)s OFFSET %(offset)s
)
SELECT coalesce(json_agg(shown ORDER BY shown.last_message_at DESC, shown.id DESC), '[]')::text,
       {KEYS_OF_OPENINGS}, json_object_agg(said.id, said.key_id) FILTER (WHERE said.key_id <> ''), {total}
FROM mine AS thread {AROUND}
LEFT JOIN messages_v2 AS said ON said.conversation_id = thread.id AND said.sequence = thread.last_sequence
CROSS JOIN LATERAL (
    SELECT {CONVERSATION}, CASE WHEN said.id IS NULL THEN (SELECT row_to_json(one) FROM (SELECT {OPENING}) AS one)
        ELSE (SELECT row_to_json(one) FROM (SELECT {SAID}) AS one) END AS last_message
) AS shown
""")  # noqa: S608 (only what is written above)


# What the API answers; its total is of no use to a page.
INBOX = _inbox(_asked(), _helped(), total=TOTAL)
SHOWN = {
    Show.ALL: _inbox(_asked(), _helped()),
    Show.TO_ANSWER: _inbox(_asked(IS_TO_BE_ANSWERED)),
    Show.SENT: _inbox(_helped("AND kind = 'help'")),
    Show.ENDED: _inbox(_asked(f"{NOT_HELD} {IS_OVER}"), _helped(IS_OVER)),
}

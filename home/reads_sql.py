"""The statements of `reads`: by hand, because each joins conversations, requests, plans and blocks at once."""

from members.models.bans import is_banned_sql
from messaging.reads_sql import AROUND, CONVERSATION, short

MOST_COUNTED = 100


# What may ask for something, or tell it: new words, an offer that waits, help that is under way.
MATTERS = """
    status <> 'held' AND ({side}_unread > 0 OR offer_state = 'offered' AND status = 'active'
    OR offer_state = 'accepted' AND EXISTS (
        SELECT FROM help_requests WHERE id = help_request_id AND help_requests.status = 'in_progress'))
"""
SIDE = f"""
    (SELECT * FROM conversations_v2 WHERE {{side}}_id = %(me)s AND {{side}}_left_at IS NULL AND {MATTERS}
     ORDER BY last_message_at DESC, id DESC LIMIT %(most)s)
"""  # noqa: S608 (only what is written above)

# Behind a block, and from an account that is gone, nothing comes to a home page: no name, no offer, no words.
TALKS = short(f"""
WITH mine AS ({SIDE.format(side="requester")} UNION ALL {SIDE.format(side="helper")})
SELECT coalesce(json_agg(shown ORDER BY shown.last_message_at DESC, shown.id DESC), '[]')::text,
       EXISTS (SELECT FROM conversations_v2 WHERE requester_id = %(me)s)
           OR EXISTS (SELECT FROM conversations_v2 WHERE helper_id = %(me)s)
           OR EXISTS (SELECT FROM help_requests WHERE requester_id = %(me)s)
FROM mine AS thread {AROUND}
LEFT JOIN messages_v2 AS said ON said.conversation_id = thread.id AND said.sequence = thread.last_sequence
    AND said.sender_id IS DISTINCT FROM %(me)s
LEFT JOIN plans AS plan ON plan.conversation_id = thread.id AND plan.cancelled_at IS NULL
CROSS JOIN LATERAL (SELECT {CONVERSATION}, nullif(said.happening, '') AS happened, said.sender_id AS said_by,
    said.type = 'thanks' AS is_thanked, row_to_json(plan) AS plan) AS shown
WHERE NOT is_apart
""")  # noqa: S608 (only what is written above)

UNREAD_SIDE = f"""
    SELECT FROM conversations_v2 AS thread JOIN members AS other ON other.id = thread.{{other}}_id
    WHERE thread.{{side}}_id = %(me)s AND thread.{{side}}_unread > 0 AND thread.{{side}}_left_at IS NULL
    AND thread.status <> 'held'
    AND other.is_active AND other.verification_status = 'approved' AND NOT {is_banned_sql("other.id")} AND NOT EXISTS (
        SELECT FROM member_blocks WHERE (blocker_id, blocked_id) IN ((%(me)s, other.id), (other.id, %(me)s)))
"""  # noqa: S608 (only what is written above)

# For the numbers in the header: no page needs to know how far beyond 99 they go.
UNREAD = short(f"""
SELECT (SELECT count(*) FROM ({UNREAD_SIDE.format(side="requester", other="helper")}
        UNION ALL {UNREAD_SIDE.format(side="helper", other="requester")} LIMIT {MOST_COUNTED}) AS talks),
       (SELECT count(*) FROM (
           SELECT FROM notices WHERE member_id = %(me)s AND read_at IS NULL LIMIT {MOST_COUNTED}) AS told)
""")  # noqa: S608 (only what is written above)

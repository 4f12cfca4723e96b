"""One conversation that is far longer than any other: years of groceries on Tuesdays."""

import psycopg

from benchmarks import data, talk_data
from benchmarks.data import Size

# One that can still be written in, whatever the size; see CONVERSATIONS in `talk_data`.
NUMBER = 40
MESSAGES = 5_000
CONVERSATION = talk_data.conversation_id(NUMBER)


def reader(size: Size) -> str:
    """The id of the one of the two who asked, and who reads here."""
    return data.member_id(talk_data.asker_of(NUMBER, size))


def fill(owner_url: str, messages: int = MESSAGES) -> None:
    """Goes on with what the two have said so far, up to so many messages, all of them read."""
    values = {"thread": CONVERSATION, "messages": messages}
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for statement in (SAID, RECORDS, POSITIONS):
            connection.execute(statement, values)
        connection.execute("VACUUM ANALYZE messages_v2, message_audit_log, conversations_v2")


def other(owner_url: str) -> int:
    """The number of the one who helps."""
    with psycopg.connect(owner_url) as connection:
        found = connection.execute("SELECT helper_id FROM conversations_v2 WHERE id = %s", [CONVERSATION]).fetchone()
    return int(str((found or ("0",))[0])[-12:], 16)


# Three in a row from one of them, minutes apart, then nothing for an hour or so: groups and days as people make them.
SAID = """
INSERT INTO messages_v2 (id, conversation_id, sender_id, sequence, content, digest, client_id, created_at, updated_at)
SELECT ('00000000-0000-7000-f000-' || lpad(to_hex(sequence), 12, '0'))::uuid, id, sender, sequence, words,
       encode(sha256(convert_to(words, 'UTF8')), 'hex'), 'long-' || sequence, at, at
FROM (
    SELECT id, sequence, CASE WHEN sequence / 3 %% 2 = 0 THEN requester_id ELSE helper_id END AS sender,
           left(repeat('That would be lovely, thank you! The door is on the left, please ring twice. ', 4),
                15 + sequence * 31 %% 270) AS words,
           last_message_at + pause * (sequence - last_sequence - sequence %% 3)
               + least(pause, interval '1 minute') * (sequence %% 3) AS at
    FROM (SELECT *, (now() - last_message_at) / (%(messages)s + 2 - last_sequence) AS pause
          FROM conversations_v2 WHERE id = %(thread)s) AS thread
    CROSS JOIN generate_series(last_sequence + 1, %(messages)s) AS sequence
) AS said
"""

RECORDS = """
INSERT INTO message_audit_log (at, conversation_id, message_id, sequence, actor_id, deed)
SELECT created_at, conversation_id, id, sequence, sender_id, 'sent' FROM messages_v2
WHERE conversation_id = %(thread)s AND client_id LIKE 'long-%%' ORDER BY sequence
"""

POSITIONS = """
UPDATE conversations_v2 AS thread SET
    last_sequence = said.sequence, last_message_at = said.created_at, updated_at = said.created_at,
    requester_read = said.sequence, requester_delivered = said.sequence, requester_unread = 0,
    helper_read = said.sequence, helper_delivered = said.sequence, helper_unread = 0
FROM messages_v2 AS said
WHERE thread.id = %(thread)s AND said.conversation_id = thread.id AND said.sequence = %(messages)s
"""

"""A year of conversations, two about each request, made by the database itself: ten messages each, on the average."""

# As the site would have left them, so `manage.py check_invariants` finds nothing: each message has its record, each
# conversation its event and a notice that was read. Events of the messages are left out; nothing measured reads them.

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import psycopg
from psycopg import sql

from benchmarks import data
from benchmarks.data import Size

Rows = psycopg.Connection[tuple[object, ...]]

TABLES = ("conversations_v2", "messages_v2", "message_audit_log", "events", "notices", "notice_counters")
# So many requests at once: the messages of one batch are sorted in memory.
BATCH = 20_000
# A tenth of the members help, so that each of them has more than the 20 conversations an inbox shows.
HELPERS_OF = 10
# Every tenth conversation is longer than the 50 messages a page shows.
LONG_OF, LONG, USUAL = 10, 55, 5
# Every fourth can still be written in, whenever it began.
WRITABLE_OF = 4


def helpers(size: Size) -> int:
    return size.members // HELPERS_OF


def conversation_id(number: int) -> str:
    return f"00000000-0000-7000-b000-{number:012x}"


def asker_of(conversation: int, size: Size) -> int:
    """The number of the member who asked, as in `data.REQUESTS`."""
    return 1 + (conversation + 1) // 2 * 7919 % size.members


def fill(owner_url: str, size: Size) -> None:
    """Triggers and foreign keys stand aside, or ten million messages would take half an hour more."""
    data.fill(owner_url, size)
    values = {"members": size.members, "helpers": helpers(size), "wanted": size.wanted, "requests": size.requests}
    last = size.conversations // 2
    batches = [values | {"first": first, "last": min(first + BATCH - 1, last)} for first in range(1, last + 1, BATCH)]
    with psycopg.connect(owner_url, autocommit=True) as connection, _bare(connection):
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            list(workers.map(partial(_fill_batch, owner_url), batches))
        for statement in (NOTICES, COUNTERS, WANTED):
            connection.execute(statement, values)
        connection.execute("VACUUM ANALYZE")


def _fill_batch(owner_url: str, values: dict[str, int]) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("SET work_mem = '256MB'")
        for statement in (CONVERSATIONS, MESSAGES, RECORDS, EVENTS):
            connection.execute(statement, values)


@contextmanager
def _bare(connection: Rows) -> Iterator[None]:
    """The keys are checked when they come back, all at once."""
    connection.execute("SET maintenance_work_mem = '512MB'")
    keys = connection.execute(KEYS, [list(TABLES)]).fetchall()
    for table, name, _ in keys:
        parts = map(sql.Identifier, (str(table), str(name)))
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(*parts))
    for table in TABLES:
        connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
    yield
    for table in TABLES:
        connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table)))
    for table, name, rule in keys:
        parts = map(sql.Identifier, (str(table), str(name)))
        # What PostgreSQL itself says the key is.
        connection.execute(sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(*parts) + sql.SQL(str(rule)))


KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)
"""

# Two for each request: by its helper where it has one, else by two who help, neither of them the one who asks.
CONVERSATIONS = f"""
INSERT INTO conversations_v2 (
    id, help_request_id, requester_id, helper_id, opening_sender_id, initial_message, opening_digest, client_id,
    offer_state, offered_at, accepted_at, declined_at, expired_at, last_sequence, last_message_at, requester_read,
    requester_delivered, requester_unread, helper_read, helper_delivered, helper_unread, created_at, updated_at)
SELECT ('00000000-0000-7000-b000-' || lpad(to_hex(n), 12, '0'))::uuid, request, asker, helper, helper, words,
       encode(sha256(convert_to(words, 'UTF8')), 'hex'), 'opening-' || n, state, begun,
       CASE WHEN state = 'accepted' THEN begun END, CASE WHEN state = 'declined' THEN begun + interval '1 day' END,
       CASE WHEN state = 'expired' THEN begun + interval '14 days' END, count, begun + pause * (count - 1),
       count, count, 0, count - unread, count, unread, begun, begun + pause * (count - 1)
FROM (
    SELECT n, r.id AS request, r.requester_id AS asker, CASE WHEN n %% 3 = 0 THEN 1 ELSE 0 END AS unread,
           coalesce(CASE WHEN n %% 2 = 1 THEN r.helper_id END,
                    ('00000000-0000-7000-9000-' || lpad(to_hex(helps.number), 12, '0'))::uuid) AS helper,
           CASE WHEN r.helper_id IS NOT NULL AND n %% 2 = 1 THEN 'accepted'
                WHEN r.status IN ('open', 'in_progress') OR n %% {WRITABLE_OF * 2} = 0 THEN 'offered'
                WHEN n %% {WRITABLE_OF} IN (0, 3) THEN 'expired' ELSE 'declined' END AS state,
           left(repeat('I live near Oak Street and can come by on Tuesday or Thursday after work. ', 4),
                40 + (n * 37 %% 240)::int) AS words,
           started.begun, least(interval '1 hour', (now() - started.begun) / 60) AS pause,
           1 + CASE WHEN n %% {LONG_OF} = 0 THEN {LONG} ELSE {USUAL} END AS count
    FROM generate_series(%(first)s * 2 - 1, %(last)s * 2::bigint) AS n
    JOIN help_requests AS r ON r.id = ('00000000-0000-7000-8000-' || lpad(to_hex((n + 1) / 2), 12, '0'))::uuid
    CROSS JOIN LATERAL (SELECT r.created_at + least(interval '10 minutes', (now() - r.created_at) / 4) * (1 + n %% 2)
                        AS begun) AS started
    CROSS JOIN LATERAL (
        SELECT 1 + place %% %(helpers)s AS number FROM generate_series(n * 613, n * 613 + 2) AS place
        WHERE ('00000000-0000-7000-9000-' || lpad(to_hex(1 + place %% %(helpers)s), 12, '0'))::uuid
              NOT IN (r.requester_id, coalesce(r.helper_id, r.requester_id))
        ORDER BY place LIMIT 1
    ) AS helps
) AS thread
ORDER BY n
"""  # noqa: S608 (only what is written above)

BATCH_ONLY = """
    thread.id BETWEEN ('00000000-0000-7000-b000-' || lpad(to_hex(%(first)s * 2 - 1), 12, '0'))::uuid
                  AND ('00000000-0000-7000-b000-' || lpad(to_hex(%(last)s * 2), 12, '0'))::uuid
"""

# In the order of time, so those of one conversation lie as far apart as they do on a real disk.
MESSAGES = f"""
INSERT INTO messages_v2 (id, conversation_id, sender_id, sequence, content, digest, client_id, created_at, updated_at)
SELECT ('00000000-0000-7000-c000-' || lpad(to_hex(%(first)s::bigint * {2 * LONG}
                                                  + row_number() OVER (ORDER BY at)), 12, '0'))::uuid,
       thread, sender, sequence, words, encode(sha256(convert_to(words, 'UTF8')), 'hex'),
       'said-' || right(thread::text, 12) || '-' || sequence, at, at
FROM (
    SELECT thread.id AS thread, CASE WHEN sequence %% 2 = 0 THEN requester_id ELSE helper_id END AS sender, sequence,
           left(repeat('That would be lovely, thank you! The door is on the left, please ring twice. ', 3),
                20 + sequence * 31 %% 190) AS words,
           last_message_at - (last_message_at - created_at) / (last_sequence - 1) * (last_sequence - sequence) AS at
    FROM conversations_v2 AS thread CROSS JOIN generate_series(2, last_sequence) AS sequence
    WHERE {BATCH_ONLY}
) AS said
ORDER BY at
"""  # noqa: S608 (only what is written above)

RECORDS = f"""
INSERT INTO message_audit_log (at, conversation_id, message_id, sequence, actor_id, deed)
SELECT created_at, conversation_id, id, sequence, sender_id, 'sent' FROM (
    SELECT thread.created_at, thread.id AS conversation_id, thread.id, 1 AS sequence, opening_sender_id AS sender_id
    FROM conversations_v2 AS thread WHERE {BATCH_ONLY}
    UNION ALL
    SELECT said.created_at, conversation_id, said.id, sequence, sender_id
    FROM conversations_v2 AS thread JOIN messages_v2 AS said ON said.conversation_id = thread.id WHERE {BATCH_ONLY}
) AS said
ORDER BY created_at
"""  # noqa: S608 (only what is written above)

EVENTS = f"""
INSERT INTO events (id, kind, at, actor_id, about_kind, about_id, data)
SELECT replace(thread.id::text, '-b000-', '-d000-')::uuid, 'offer_received', created_at, helper_id, 'conversation',
       thread.id::text, jsonb_build_object('help_request', help_request_id)
FROM conversations_v2 AS thread WHERE {BATCH_ONLY} ORDER BY thread.id
"""  # noqa: S608 (only what is written above)

NOTICES = """
INSERT INTO notices (id, member_id, event_id, number, read_at, mailed_at)
SELECT replace(id::text, '-b000-', '-e000-')::uuid, requester_id, replace(id::text, '-b000-', '-d000-')::uuid,
       row_number() OVER (PARTITION BY requester_id ORDER BY id), created_at, created_at
FROM conversations_v2 AS thread WHERE client_id LIKE 'opening-%%' ORDER BY id
"""

COUNTERS = """
INSERT INTO notice_counters (member_id, last)
SELECT requester_id, count(*) FROM conversations_v2 WHERE client_id LIKE 'opening-%%' GROUP BY requester_id
"""

# Asked just now, and nobody has offered yet.
WANTED = """
INSERT INTO help_requests (id, requester_id, title, description, category, subcategory, urgency, is_ongoing,
                           exchange_offer, town, location_privacy, status, ending, expires_at, client_id, client_digest)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(%(requests)s + n), 12, '0'))::uuid,
       ('00000000-0000-7000-9000-' || lpad(to_hex(1 + (n - 1) %% %(members)s), 12, '0'))::uuid,
       'Pick up groceries on Tuesday, wanted ' || n,
       'My hip hurts and I cannot carry bags. The market on Oak Street has all of it.', 'groceries-meals',
       'shopping-delivery', 'urgent', false, 'I can bake bread.', 'Springfield', 'public', 'open', '',
       now() + interval '30 days', '', ''
FROM generate_series(1, %(wanted)s) AS n
"""

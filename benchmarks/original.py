"""An original installation to bring over: people, requests, and conversations of twenty messages, made by SQL."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from benchmarks import own_database as own

SAID = 20
PEOPLE, REQUESTS = 2_000, 5_000
AT_ONCE = 1_000


@contextmanager
def original(owner_url: str, conversations: int) -> Iterator[str]:
    """Its address, on the same server."""
    name = own.PREFIX + secrets.token_hex(4)
    with own.present(owner_url, name) as presence:
        presence.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            address = urlunsplit(urlsplit(owner_url)._replace(path=f"/{name}"))
            _fill(address, conversations)
            yield address
        finally:
            own.drop(presence, name)


def _fill(address: str, conversations: int) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(SCHEMA)
        of_all = {"people": PEOPLE, "requests": REQUESTS, "said": SAID}
        for statement in (USERS, PROFILES, ASKED):
            connection.execute(statement, of_all)
        for first in range(1, conversations + 1, AT_ONCE):
            values = of_all | {"first": first, "last": min(first + AT_ONCE - 1, conversations)}
            for statement in (CONVERSATIONS, PARTICIPANTS, MESSAGES):
                connection.execute(statement, values)
        connection.execute("VACUUM ANALYZE")


SCHEMA = """
CREATE SCHEMA auth;
CREATE TABLE auth.users (
    id uuid PRIMARY KEY, email text, encrypted_password text, email_confirmed_at timestamptz, created_at timestamptz
);
CREATE TABLE profiles (
    id uuid PRIMARY KEY, name text, location text, verification_status text, is_admin boolean,
    created_at timestamptz, updated_at timestamptz
);
CREATE TABLE help_requests (
    id uuid PRIMARY KEY, user_id uuid, helper_id uuid, title text, description text, category text, urgency text,
    status text, location_privacy text, created_at timestamptz, updated_at timestamptz, completed_at timestamptz
);
CREATE TABLE conversations (
    id uuid PRIMARY KEY, help_request_id uuid, created_by uuid, status text, created_at timestamptz,
    updated_at timestamptz, last_message_at timestamptz
);
CREATE TABLE conversation_participants (
    conversation_id uuid, user_id uuid, joined_at timestamptz, left_at timestamptz, role text,
    PRIMARY KEY (conversation_id, user_id)
);
CREATE TABLE messages (
    id uuid PRIMARY KEY, conversation_id uuid, sender_id uuid, recipient_id uuid, help_request_id uuid, content text,
    message_type text, status text, read_at timestamptz, is_flagged boolean, moderation_status text,
    created_at timestamptz, updated_at timestamptz, deleted_at timestamptz
);
CREATE INDEX ON messages (conversation_id, created_at);
"""
# By chance, as it gave them. Number n asks about request n of all of them, and the next of the people helps.
USERS = """
INSERT INTO auth.users
SELECT md5('person ' || n)::uuid, 'person' || n || '@example.org', '$2a$10$secret', now(), now() - interval '1 year'
FROM generate_series(1, %(people)s::integer) AS n
"""
PROFILES = """
INSERT INTO profiles
SELECT md5('person ' || n)::uuid, 'Rosa Example ' || n, 'Springfield', 'approved', false, now(), now()
FROM generate_series(1, %(people)s::integer) AS n
"""
ASKED = """
INSERT INTO help_requests
SELECT md5('request ' || n)::uuid, md5('person ' || 1 + n * 7919::bigint %% %(people)s)::uuid, NULL,
       'Groceries on Tuesday, number ' || n, 'My hip hurts and I cannot carry bags.', 'groceries', 'normal',
       CASE n %% 3 WHEN 0 THEN 'completed' ELSE 'open' END, 'public', at, at, CASE n %% 3 WHEN 0 THEN at END
FROM generate_series(1, %(requests)s::integer) AS n
CROSS JOIN LATERAL (SELECT now() - interval '300 days' + n * interval '1 minute' AS at) AS moment
"""
CONVERSATIONS = """
INSERT INTO conversations
SELECT md5('conversation ' || n)::uuid, md5('request ' || asked)::uuid,
       md5('person ' || 1 + (asked * 7919::bigint + 1 + n / %(requests)s) %% %(people)s)::uuid, 'active', at, at, at
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
CROSS JOIN LATERAL (SELECT 1 + n %% %(requests)s AS asked, now() - interval '200 days' + n * interval '1 s' AS at) AS it
"""
PARTICIPANTS = """
INSERT INTO conversation_participants
SELECT thread.id, person, thread.created_at, NULL, 'member'
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
JOIN conversations AS thread ON thread.id = md5('conversation ' || n)::uuid
JOIN help_requests AS request ON request.id = thread.help_request_id
CROSS JOIN LATERAL unnest(ARRAY[thread.created_by, request.user_id]) AS person
"""
MESSAGES = """
INSERT INTO messages
SELECT gen_random_uuid(), thread.id,
       CASE k %% 2 WHEN 0 THEN thread.created_by ELSE request.user_id END,
       CASE k %% 2 WHEN 1 THEN thread.created_by ELSE request.user_id END, request.id,
       repeat('I can come on Tuesday at ten, is that fine? ', 1 + k %% 4), 'text', 'read', at, false, 'approved',
       at, at, NULL
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
JOIN conversations AS thread ON thread.id = md5('conversation ' || n)::uuid
JOIN help_requests AS request ON request.id = thread.help_request_id
CROSS JOIN generate_series(0, %(said)s::integer - 1) AS k
CROSS JOIN LATERAL (SELECT thread.created_at + k * interval '1 minute' AS at) AS moment
"""

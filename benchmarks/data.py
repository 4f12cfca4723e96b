"""Members and their requests for help, made by the database itself: a year of them, the newest ones current."""

from dataclasses import dataclass

import psycopg


@dataclass(frozen=True)
class Size:
    """`wanted` more requests wait for their first offer: those that are offered on while we measure."""

    name: str
    members: int
    requests: int
    conversations: int = 0
    wanted: int = 0

    @property
    def in_words(self) -> str:
        asked = f"{self.requests:,} help requests of {self.members:,} members"
        talks = f", {self.conversations:,} conversations and {10 * self.conversations:,} messages"
        return asked + (talks if self.conversations else "")


SIZES = {
    "tiny": Size("tiny", 20, 200),
    "small": Size("small", 200, 1_000),
    "large": Size("large", 20_000, 100_000),
}
# The same people a thousand times over, so that everybody has as many conversations as with few rows.
TALKS = {
    "tiny": Size("tiny", 100, 60, 120, 60),
    "small": Size("small", 400, 500, 1_000, 10_000),
    "large": Size("large", 400_000, 500_000, 1_000_000, 10_000),
}


def fill(owner_url: str, size: Size) -> None:
    values = {"members": size.members, "requests": size.requests}
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for statement in (MEMBERS, TOKENS, REQUESTS):
            connection.execute(statement, values)
        connection.execute("VACUUM ANALYZE")


def forget_limits(owner_url: str) -> None:
    """As on the next day: the limits are counted while they are measured, but nobody runs into one."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("DELETE FROM limit_hits")
        connection.execute("VACUUM ANALYZE limit_hits, help_requests")


def token_of(member: int) -> str:
    """Known to everybody, and good only in a database that lives as long as the measurement."""
    return f"care_{member:043}"


def member_id(number: int) -> str:
    return f"00000000-0000-7000-9000-{number:012x}"


def request_id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012x}"


def newest(size: Size) -> range:
    """The numbers of requests that are surely current: what was asked in the last 25 days of the year is."""
    return range(size.requests - size.requests // 20 + 1, size.requests + 1)


# Ids in the order of time, as ours are.
MEMBERS = """
INSERT INTO members (id, password, is_superuser, email, name, called, town, caregiving, reason, about, time_zone,
                     verification_status, email_confirmed_at, rules_accepted_at, updated_at, is_staff, is_active)
SELECT ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, '!', false, 'member' || n || '@example.org',
       'Rosa Example ' || n, 'Rosa', (ARRAY['Springfield', 'Riverton', 'Oakdale', 'Fairview'])[1 + n %% 4],
       'I look after my father, who has trouble walking.', 'I would like to meet people who know this.', '', '',
       'approved', now(), now(), now(), false, true
FROM generate_series(1, %(members)s) AS n
"""

TOKENS = """
INSERT INTO api_tokens (id, member_id, name, digest, last_four, last_used_on)
SELECT ('00000000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid,
       ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, 'benchmark',
       encode(sha256(convert_to('care_' || lpad(n::text, 43, '0'), 'UTF8')), 'hex'),
       right(lpad(n::text, 43, '0'), 4), (now() AT TIME ZONE 'UTC')::date
FROM generate_series(1, %(members)s) AS n
"""

# Of the current ones every fifth is in progress; of the old ones every fiftieth is ongoing and still open.
REQUESTS = """
INSERT INTO help_requests (id, requester_id, helper_id, title, description, category, subcategory, urgency, is_ongoing,
                           exchange_offer, town, location_privacy, status, ending, expires_at, in_progress_at,
                           completed_at, cancelled_at, closed_at, created_at, updated_at, client_id, client_digest)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       ('00000000-0000-7000-9000-' || lpad(to_hex(asker), 12, '0'))::uuid,
       CASE WHEN status = 'in_progress'
            THEN ('00000000-0000-7000-9000-' || lpad(to_hex(1 + asker %% %(members)s), 12, '0'))::uuid END,
       'Pick up groceries on Tuesday, number ' || n,
       repeat('My hip hurts and I cannot carry bags. The market on Oak Street has all of it. ', 1 + n %% 5),
       'groceries-meals', 'shopping-delivery', (ARRAY['normal', 'normal', 'urgent', 'critical'])[1 + n %% 4], ongoing,
       'I can bake bread.', 'Springfield', (ARRAY['public', 'helpers_only', 'after_match'])[1 + n %% 3], status,
       CASE status WHEN 'completed' THEN 'helped_here' WHEN 'cancelled' THEN 'not_needed' WHEN 'closed' THEN 'expired'
                   ELSE '' END,
       CASE WHEN NOT ongoing THEN asked + interval '30 days' END,
       CASE WHEN status = 'in_progress' THEN asked + interval '1 hour' END,
       CASE WHEN status = 'completed' THEN asked + interval '3 days' END,
       CASE WHEN status = 'cancelled' THEN asked + interval '3 days' END,
       CASE WHEN status = 'closed' THEN asked + interval '30 days' END,
       asked, asked, '', ''
FROM (SELECT n, 1 + (n * 7919::bigint) %% %(members)s AS asker, age.asked, age.is_old AND n %% 50 = 0 AS ongoing,
             CASE WHEN age.is_old AND n %% 50 > 0 THEN (ARRAY['completed', 'cancelled', 'closed'])[1 + n %% 3]
                  WHEN NOT age.is_old AND n %% 5 = 0 THEN 'in_progress' ELSE 'open' END AS status
      FROM generate_series(1, %(requests)s) AS n,
           LATERAL (SELECT now() - interval '365 days' * (%(requests)s - n) / %(requests)s AS asked) AS moment,
           LATERAL (SELECT moment.asked, moment.asked < now() - interval '25 days' AS is_old) AS age) AS asked
ORDER BY n
"""

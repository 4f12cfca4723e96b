"""bin/bench backfill: how fast the earlier system's words come into V2 and back, and what memory that takes."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import psycopg
from _steps import ROOT, Stopped, step

from benchmarks import data, running, tables

SAID = 20
AT_ONCE = 1_000
# A thousandth of it first: what memory it takes with few rows.
FEW = 1_000
SIZES = {"tiny": 50, "small": 5_000, "large": 50_000}
PEOPLE = data.Size("people", 2_000, 5_000)
HEAD = ("what", "conversations", "messages", "seconds", "messages/s", "memory MiB")


@dataclass(frozen=True)
class Took:
    what: str
    conversations: int
    seconds: float
    memory: float | None

    @property
    def row(self) -> tuple[str, ...]:
        messages = self.conversations * SAID
        memory = "–" if self.memory is None else f"{self.memory:.0f}"
        figures = (f"{self.conversations:,}", f"{messages:,}", f"{self.seconds:.1f}", f"{messages / self.seconds:,.0f}")
        return (self.what, *figures, memory)


def measure(name: str) -> str:
    """Few first, then all, each in a database of its own."""
    rows: list[tuple[str, ...]] = []
    machine = ""
    for conversations in sorted({min(FEW, SIZES[name]), SIZES[name]}):
        with running.empty_database() as environment:
            owner_url = environment.get("DATABASE_OWNER_URL", environment["DATABASE_URL"])
            machine = machine or tables.circumstances(owner_url)
            rows += [took.row for took in _all(environment, owner_url, conversations)]
    return f"{machine}\n\n{tables.table(HEAD, rows)}"


def _all(environment: dict[str, str], owner_url: str, conversations: int) -> list[Took]:
    with step(f"Writing {conversations:,} conversations the way V1 does"):
        data.fill(owner_url, PEOPLE)
        found = [Took("written by V1, side rows made", conversations, _write(owner_url, conversations), None)]
    jobs = str(os.cpu_count() or 1)
    for what, command in (
        ("run --dry-run", ["backfill_v1", "run", "--dry-run"]),
        ("run", ["backfill_v1", "run"]),
        ("verify", ["backfill_v1", "verify"]),
        ("reverse", ["backfill_v1", "reverse"]),
        (f"run --jobs {jobs}", ["backfill_v1", "run", "--jobs", jobs]),
        ("protect_old_messages", ["protect_old_messages"]),
    ):
        with step(what):
            found.append(Took(what, conversations, *_run(command, environment)))
    return found


def _run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Of a process of its own, from its start to its end: seconds, and the most memory it had, in MiB."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, stdout=told, stderr=told
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            told.seek(0)
            raise Stopped(f"{' '.join(command)} ended with {process.returncode}: {told.read()[-500:].decode()}")
    return time.monotonic() - begun, used.ru_maxrss / 1024


def _write(owner_url: str, conversations: int) -> float:
    begun = time.monotonic()
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for first in range(1, conversations + 1, AT_ONCE):
            values = {"first": first, "last": min(first + AT_ONCE - 1, conversations), "said": SAID}
            with connection.transaction():
                for statement in (CONVERSATIONS, PARTICIPANTS, MESSAGES):
                    connection.execute(statement, values)
    return time.monotonic() - begun


# Number n asks about request n of 5,000, and the n-th next of the people helps. Ids as V1 gave them: by chance.
CONVERSATIONS = """
INSERT INTO conversations (id, help_request_id, created_by, status, created_at, updated_at, last_message_at)
SELECT md5('conversation ' || n)::uuid, request.id,
       ('00000000-0000-7000-9000-' || lpad(to_hex(
            1 + (('x' || right(request.requester_id::text, 12))::bit(48)::bigint + n / 5000) %% 2000), 12, '0'))::uuid,
       'active', at, at, at
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
CROSS JOIN LATERAL (SELECT now() - interval '300 days' + n * interval '100 ms' AS at) AS moment
JOIN help_requests AS request
    ON request.id = ('00000000-0000-7000-8000-' || lpad(to_hex(1 + n %% 5000), 12, '0'))::uuid
"""
PARTICIPANTS = """
INSERT INTO conversation_participants (conversation_id, user_id, joined_at, role)
SELECT thread.id, person, thread.created_at, 'member'
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
JOIN conversations AS thread ON thread.id = md5('conversation ' || n)::uuid
JOIN help_requests AS request ON request.id = thread.help_request_id
CROSS JOIN LATERAL unnest(ARRAY[thread.created_by, request.requester_id]) AS person
"""
MESSAGES = """
INSERT INTO messages (id, conversation_id, sender_id, recipient_id, content, status, read_at, created_at, updated_at)
SELECT gen_random_uuid(), thread.id,
       CASE k %% 2 WHEN 0 THEN thread.created_by ELSE request.requester_id END,
       CASE k %% 2 WHEN 1 THEN thread.created_by ELSE request.requester_id END,
       repeat('I can come on Tuesday at ten, is that fine? ', 1 + k %% 4), 'read', at, at, at
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
JOIN conversations AS thread ON thread.id = md5('conversation ' || n)::uuid
JOIN help_requests AS request ON request.id = thread.help_request_id
CROSS JOIN generate_series(0, %(said)s::integer - 1) AS k
CROSS JOIN LATERAL (SELECT thread.created_at + k * interval '1 minute' AS at) AS moment
"""

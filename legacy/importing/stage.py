"""What one hand brings, in temporary tables of this site: gone with the session, however it ends."""

from collections.abc import Callable, Iterator

from django.db import connection

from legacy.importing import shape
from legacy.importing import staged_sql as theirs
from legacy.importing.errand import Errand
from legacy.importing.request_words import STATUSES
from legacy.importing.source import Source

TABLES = """
CREATE TEMP TABLE import_conversations (id uuid, help_request_id uuid, created_by uuid, title text, status text,
    created_at timestamptz, updated_at timestamptz, last_message_at timestamptz);
CREATE TEMP TABLE import_participants (conversation_id uuid, user_id uuid, joined_at timestamptz, left_at timestamptz,
    role text);
CREATE TEMP TABLE import_messages (id uuid, conversation_id uuid, sender_id uuid, recipient_id uuid,
    help_request_id uuid, content text, message_type text, status text, read_at timestamptz, is_flagged boolean,
    flagged_reason text, moderation_status text, created_at timestamptz, updated_at timestamptz,
    deleted_at timestamptz, is_sealed boolean);
CREATE TEMP TABLE import_chosen (id uuid, helper_id uuid, at timestamptz);
CREATE TEMP TABLE import_left (kind text, id text, reason text);
"""
INDEXES = """
CREATE INDEX ON pg_temp.import_conversations (id);
CREATE INDEX ON pg_temp.import_participants (conversation_id);
CREATE INDEX ON pg_temp.import_messages (conversation_id);
CREATE INDEX ON pg_temp.import_chosen (id);
ANALYZE pg_temp.import_conversations, pg_temp.import_participants, pg_temp.import_messages, pg_temp.import_chosen;
"""
LEFT_OUT = (
    ("conversations", "has no id", "conversations", "id", "it.id IS NULL"),
    ("people in conversations", "its conversation is not there", "participants", "conversation_id",
     "NOT EXISTS (SELECT FROM pg_temp.import_conversations WHERE id = it.conversation_id)"),
    ("people in conversations", "names nobody", "participants", "conversation_id", "it.user_id IS NULL"),
    ("messages", "has no id", "messages", "conversation_id", "it.id IS NULL"),
    ("messages", "its conversation is not there", "messages", "id",
     "NOT EXISTS (SELECT FROM pg_temp.import_conversations WHERE id = it.conversation_id)"),
    ("messages", "has no words", "messages", "id", "it.content IS NULL AND it.deleted_at IS NULL"),
    ("messages", "is encrypted there, with a key that is not here", "messages", "id", "it.is_sealed"),
    ("messages", "its conversation stands in V2 here already", "messages", "id",
     """EXISTS (SELECT FROM legacy_moves WHERE id = it.conversation_id AND outcome <> 'quarantined')
        AND NOT EXISTS (SELECT FROM messages WHERE id = it.id)"""),
    ("people in conversations", "its conversation stands in V2 here already", "participants", "conversation_id",
     """EXISTS (SELECT FROM legacy_moves WHERE id = it.conversation_id AND outcome <> 'quarantined')
        AND NOT EXISTS (SELECT FROM conversation_participants AS here
                        WHERE here.conversation_id = it.conversation_id AND here.user_id = it.user_id)"""),
)  # fmt: skip
# Whatever lacks something here, oldest first.
WAITING = """
CREATE TEMP TABLE import_todo AS
SELECT row_number() OVER (ORDER BY at, id) AS number, id FROM (
    SELECT id, min(created_at) AS at FROM (
        SELECT id, created_at FROM pg_temp.import_conversations AS it
        WHERE NOT EXISTS (SELECT FROM conversations WHERE id = it.id)
        UNION ALL
        SELECT conversation_id, joined_at FROM pg_temp.import_participants AS it
        WHERE NOT EXISTS (SELECT FROM conversation_participants AS here
                          WHERE here.conversation_id = it.conversation_id AND here.user_id = it.user_id)
        UNION ALL
        SELECT conversation_id, created_at FROM pg_temp.import_messages AS it
        WHERE NOT EXISTS (SELECT FROM messages WHERE id = it.id)
    ) AS lacks GROUP BY id
) AS waiting;
CREATE INDEX ON pg_temp.import_todo (number);
ANALYZE pg_temp.import_todo;
"""
LEFT_AT_ONCE = 1000
Read = Callable[[Source, str], str]


def fill(source: Source, half: str, tick: Callable[[], object]) -> None:
    """Everything of this half, as it stands there."""
    _say(TABLES)
    for table, into, read in _readings(source):
        if source.has(table):
            _copy(source, into, read(source, half), tick)
    if source.has(shape.REQUESTS):
        _copy(source, "chosen", theirs.chosen(source, half, _words("in_progress")), tick)
    _say(INDEXES)


def sift(errand: Errand) -> int:
    """What no column here can hold is told and left out; how many conversations wait to be brought."""
    with connection.cursor() as cursor:
        for kind, reason, table, name, rule in LEFT_OUT:
            cursor.execute(_leave_out(table, name, rule), [kind, reason])
        cursor.execute(WAITING)
        cursor.execute("SELECT count(*) FROM pg_temp.import_todo")
        waiting = int(cursor.fetchone()[0])
    for kind, what, reason in _left():
        errand.tally.skip(kind, what, reason)
    return waiting


def _readings(source: Source) -> Iterator[tuple[str, str, Read]]:
    yield shape.CONVERSATIONS, "conversations", theirs.conversations
    yield shape.PARTICIPANTS, "participants", theirs.participants
    yield shape.MESSAGES, "messages", theirs.messages
    yield shape.LATER_CONVERSATIONS, "conversations", theirs.later_conversations
    yield shape.LATER_CONVERSATIONS, "participants", theirs.later_participants
    yield shape.LATER_CONVERSATIONS, "messages", theirs.later_openings
    yield shape.LATER_MESSAGES, "messages", theirs.later_messages


def _copy(source: Source, into: str, query: str, tick: Callable[[], object]) -> None:
    # From one server to the other as they come: neither is held in memory here.
    with connection.cursor() as cursor, cursor.copy(f"COPY pg_temp.import_{into} FROM STDIN") as rows:
        for piece in source.stream(query):
            rows.write(piece)
            tick()


def _leave_out(table: str, name: str, rule: str) -> str:
    return f"""
        WITH gone AS (
            DELETE FROM pg_temp.import_{table} AS it WHERE {rule} RETURNING coalesce(it.{name}::text, '?') AS id
        )
        INSERT INTO pg_temp.import_left SELECT %s, id, %s FROM gone
    """  # noqa: S608 (our own names)


def _left() -> Iterator[tuple[str, str, str]]:
    some = f"SELECT ctid FROM pg_temp.import_left LIMIT {LEFT_AT_ONCE}"  # noqa: S608 (a number of ours)
    with connection.cursor() as cursor:
        while True:
            cursor.execute(f"DELETE FROM pg_temp.import_left WHERE ctid = ANY (ARRAY({some})) RETURNING *")  # noqa: S608
            rows = cursor.fetchall()
            if not rows:
                return
            yield from rows


def _words(ours: str) -> str:
    return ", ".join(f"'{word}'" for word, known in STATUSES.items() if known == ours)


def _say(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)

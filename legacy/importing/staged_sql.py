"""The statements that read an original's conversations, by half or whole, in the words our columns know."""

from legacy.importing import shape
from legacy.importing.reading import in_our_words, is_unknown
from legacy.importing.source import Source
from legacy.models.earlier import Delivery, Status, Type, Verdict

STATUSES = {"archived": "closed", "ended": "closed", "inactive": "closed", "completed": "closed", "rejected": "closed",
            "declined": "closed", "expired": "closed", "cancelled": "closed", "withdrawn": "closed",
            "pending": "active", "open": "active", "accepted": "active", "held": "active"}  # fmt: skip
TYPES = {"standard": "text", "user": "text", "message": "text", "contact_exchange": "text", "sensitive": "text",
         "status_update": "help_request_update"}  # fmt: skip
DELIVERIES = {"pending": "sent", "seen": "read", "error": "failed"}
VERDICTS = {"flagged": "pending", "review": "pending", "none": "approved", "clean": "approved", "ok": "approved",
            "rejected": "removed", "deleted": "removed", "blocked": "removed", "spam": "removed"}  # fmt: skip
SEALED = "'encrypted', 'aes', 'aes-256-gcm', 'e2ee'"
# What is said of a word nobody knows; the careful answer to each.
CODED = (
    (shape.CONVERSATIONS, "status", Status.values, STATUSES, "closed"),
    (shape.LATER_CONVERSATIONS, "status", Status.values, STATUSES, "closed"),
    (shape.MESSAGES, "message_type", Type.values, TYPES, "text"),
    (shape.MESSAGES, "status", Delivery.values, DELIVERIES, "sent"),
    (shape.MESSAGES, "moderation_status", Verdict.values, VERDICTS, "hidden"),
)

# Conversations about one request are brought by one hand, so that one of them is its accepted offer.
HALF = "mod(abs(hashtext(coalesce({of}::text, ''))::bigint), {hands}) = {hand}"


def conversations(source: Source, half: str) -> str:
    c = _of(source, shape.CONVERSATIONS, "c")
    of = half.format(of=f"coalesce({c('help_request_id')}, {c('id')})")
    status = in_our_words(c("status"), Status.values, STATUSES, empty="active", unknown="closed")
    return f"""
        SELECT {c("id")}, {c("help_request_id")}, {c("created_by")}, {c("title")}, {status},
               {c("created_at")}, {c("updated_at")}, {c("last_message_at")}
        FROM {shape.CONVERSATIONS} AS c WHERE {of}
    """  # noqa: S608 (names of our own list, quoted)


def participants(source: Source, half: str) -> str:
    p, thread = _of(source, shape.PARTICIPANTS, "p"), _thread(source, "p", shape.PARTICIPANTS, half)
    return f"""
        SELECT {p("conversation_id")}, {p("user_id")}, {p("joined_at")}, {p("left_at")}, left({p("role")}, 20)
        FROM {shape.PARTICIPANTS} AS p {thread}
    """  # noqa: S608


def messages(source: Source, half: str) -> str:
    m, thread = _of(source, shape.MESSAGES, "m"), _thread(source, "m", shape.MESSAGES, half)
    kind = in_our_words(m("message_type"), Type.values, TYPES, empty="text", unknown="text")
    status = in_our_words(m("status"), Delivery.values, DELIVERIES, empty="sent", unknown="sent")
    verdict = in_our_words(m("moderation_status"), Verdict.values, VERDICTS, empty="approved", unknown="hidden")
    return f"""
        SELECT {m("id")}, {m("conversation_id")}, {m("sender_id")}, {m("recipient_id")}, {m("help_request_id")},
               {m("content")}, {kind}, {status}, {m("read_at")}, coalesce({m("is_flagged")}, false),
               {m("flagged_reason")}, {verdict}, {m("created_at")}, {m("updated_at")}, {m("deleted_at")}, false
        FROM {shape.MESSAGES} AS m {thread}
    """  # noqa: S608


def later_conversations(source: Source, half: str) -> str:
    v = _of(source, shape.LATER_CONVERSATIONS, "v")
    status = in_our_words(v("status"), Status.values, STATUSES, empty="active", unknown="closed")
    return f"""
        SELECT {v("id")}, {v("help_request_id")}, {v("helper_id")}, NULL, {status},
               {v("created_at")}, {v("updated_at")}, {v("last_message_at")}
        FROM {shape.LATER_CONVERSATIONS} AS v WHERE {_later_half(source, half)}
    """  # noqa: S608


def later_participants(source: Source, half: str) -> str:
    v = _of(source, shape.LATER_CONVERSATIONS, "v")
    return f"""
        SELECT {v("id")}, person.id, {v("created_at")}, NULL::timestamptz, person.role
        FROM {shape.LATER_CONVERSATIONS} AS v
        CROSS JOIN LATERAL (VALUES ({v("helper_id")}, 'helper'), ({v("requester_id")}, 'requester'))
            AS person (id, role)
        WHERE {_later_half(source, half)}
    """  # noqa: S608


def later_openings(source: Source, half: str) -> str:
    """The opening words stood in the conversation; as an earlier message they have its id."""
    v = _of(source, shape.LATER_CONVERSATIONS, "v")
    return f"""
        SELECT {v("id")}, {v("id")}, {v("helper_id")}, {v("requester_id")}, {v("help_request_id")},
               {v("initial_message")}, 'text', 'sent', NULL::timestamptz, false, NULL, 'approved', {v("created_at")},
               {v("created_at")}, NULL::timestamptz, false
        FROM {shape.LATER_CONVERSATIONS} AS v WHERE {_later_half(source, half)}
    """  # noqa: S608


def later_messages(source: Source, half: str) -> str:
    m, v = _of(source, shape.LATER_MESSAGES, "m"), _of(source, shape.LATER_CONVERSATIONS, "v")
    of = half.format(of=f"coalesce({v('help_request_id')}, {v('id')}, {m('conversation_id')})")
    return f"""
        SELECT {m("id")}, {m("conversation_id")}, {m("sender_id")},
               CASE {m("sender_id")} WHEN {v("helper_id")} THEN {v("requester_id")} ELSE {v("helper_id")} END,
               {v("help_request_id")}, {m("content")}, 'text', 'sent', NULL::timestamptz, false, NULL, 'approved',
               {m("created_at")}, {m("updated_at")}, NULL::timestamptz,
               coalesce(lower({m("encryption_status")}) IN ({SEALED}), false)
        FROM {shape.LATER_MESSAGES} AS m
        {source.join("LEFT", shape.LATER_CONVERSATIONS, "v", f"{v('id')} = {m('conversation_id')}")} WHERE {of}
    """  # noqa: S608


def chosen(source: Source, half: str, is_in_progress: str) -> str:
    """Whom the asker of each request in progress had chosen there."""
    r = _of(source, shape.REQUESTS, "r")
    at = f"coalesce({r('helped_at')}, {r('updated_at')}, {r('created_at')}, now())"
    return f"""
        SELECT {r("id")}, {r("helper_id")}, {at} FROM {shape.REQUESTS} AS r
        WHERE lower({r("status")}) IN ({is_in_progress}) AND {r("helper_id")} <> {r("user_id")}
          AND {half.format(of=r("id"))}
    """  # noqa: S608


def strange_words(source: Source) -> list[tuple[str, str]]:
    """For each column with words of its own: the sentence, and the statement that counts those nobody knows."""
    asked = []
    for table, name, ours, theirs, instead in CODED:
        if source.has(table):
            word = source.column(table, "x", name)
            told = f"{table}.{name} “{{word}}”, {{number}} times, is taken as {instead}."
            query = f"SELECT left({word}, 40) AS word, count(*) AS number FROM {table} AS x"  # noqa: S608
            asked.append((told, f"{query} WHERE {is_unknown(word, ours, theirs)} GROUP BY 1 ORDER BY 2 DESC LIMIT 20"))
    return asked


class _of:  # noqa: N801 (reads as a word: c = _of(source, table, "c"), then c("status"))
    def __init__(self, source: Source, table: str, alias: str) -> None:
        self.source, self.table, self.alias = source, table, alias

    def __call__(self, name: str) -> str:
        return self.source.column(self.table, self.alias, name)


def _thread(source: Source, alias: str, table: str, half: str) -> str:
    """The conversation says which half; what belongs to none is in one of the two all the same."""
    c, mine = _of(source, shape.CONVERSATIONS, "c"), source.column(table, alias, "conversation_id")
    joined = source.join("LEFT", shape.CONVERSATIONS, "c", f"{c('id')} = {mine}")
    of = f"coalesce({c('help_request_id')}, {c('id')}, {mine})" if joined else mine
    return f"{joined} WHERE {half.format(of=of)}"


def _later_half(source: Source, half: str) -> str:
    v = _of(source, shape.LATER_CONVERSATIONS, "v")
    return f"{half.format(of=_later_key(v))}{_not_twice(source, v)}"


def _later_key(v: "_of") -> str:
    return f"coalesce({v('help_request_id')}, {v('id')})"


def _not_twice(source: Source, v: "_of") -> str:
    """One id in both versions is one conversation: the earlier one, in which its opening stands."""
    if not source.has(shape.CONVERSATIONS):
        return ""
    first = f"{source.column(shape.CONVERSATIONS, 'first', 'id')} = {v('id')}"
    return f" AND NOT EXISTS (SELECT FROM {shape.CONVERSATIONS} AS first WHERE {first})"

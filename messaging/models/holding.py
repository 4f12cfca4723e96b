"""The locks of the two hottest verbs: the rows that must not change until they commit, and what those rows say."""

# FOR SHARE is not in the ORM. A row that had to be waited for is read as it is now, because it is locked itself;
# what stands in other tables (blocks, keys, restrictions) is asked by the next statement, which sees what was committed
# meanwhile: in SQL that reads it anyway, so that nobody pays for it with a statement.

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from carecollective.encryption import fingerprint
from carecollective.errors import HelpRequestUnavailable, IdempotencyKeyReused, NotFound, NotPermitted, NotValid
from members.models import Member, Standing
from members.models.bans import failing_closed, is_banned_sql
from members.models.standing import BESIDE, BESIDE_COLUMNS, HOW_MANY
from messaging.models.conversation import NOT_WRITABLE
from messaging.models.words import WRITABLE, Status

NO_REQUEST = "Help request not found"
WITH_YOURSELF = "Cannot create conversation with yourself"
NOT_APPROVED = "Your account must be approved before you can offer help"

# The request before the member, as everywhere. Whoever closes the request, bans or blocks waits for us, or we for them.
REQUEST = """
SELECT request.requester_id, request.category, request.urgency,
       request.moderation = '' AND (request.status = 'in_progress'
           OR (request.status = 'open' AND coalesce(request.expires_at > statement_timestamp(), true))),
       helper.is_active AND helper.verification_status = 'approved', helper.trust
FROM help_requests AS request CROSS JOIN members AS helper
WHERE request.id = %s AND helper.id = %s
FOR SHARE OF request, helper
"""

PAIR = """
SELECT pg_advisory_xact_lock(hashtextextended(least(%(one)s, %(other)s)::text || greatest(%(one)s, %(other)s)::text, 0))
"""

THREAD = """
SELECT thread.version, thread.requester_id, thread.helper_id, thread.status, thread.offer_state,
       sender.is_active AND sender.verification_status = 'approved', sender.trust
FROM conversations_v2 AS thread CROSS JOIN members AS sender
WHERE thread.id = %(thread)s AND sender.id = %(sender)s AND %(sender)s IN (
    CASE WHEN requester_left_at IS NULL THEN requester_id END, CASE WHEN helper_left_at IS NULL THEN helper_id END)
FOR NO KEY UPDATE OF thread FOR SHARE OF sender
"""

BLOCKED_OR_SAID = f"""
SELECT {BESIDE_COLUMNS}, EXISTS (
    SELECT FROM member_blocks
    WHERE (blocker_id, blocked_id) IN ((%(sender)s, %(other)s), (%(other)s, %(sender)s))
) OR NOT EXISTS (
    SELECT FROM members WHERE id = %(other)s AND is_active AND verification_status = 'approved'
        AND NOT {is_banned_sql("members.id")}
), said.id, said.conversation_id, said.sequence, said.moderation, said.created_at, said.type, said.digest,
    said.digest_key_id
FROM (VALUES (1)) AS always
LEFT JOIN messages_v2 AS said
    ON said.sender_id = %(sender)s AND said.client_id = %(client_id)s AND %(client_id)s <> ''
{BESIDE}
"""  # noqa: S608 (only words of ours)


STARTED = f"""
SELECT {BESIDE_COLUMNS},
       started.id, started.version, started.help_request_id, started.requester_id,
       CASE started.status WHEN 'held' THEN 'held' ELSE 'active' END,
       started.opening_digest, started.opening_digest_key_id
FROM (VALUES (1)) AS always
LEFT JOIN conversations_v2 AS started
    ON started.helper_id = %(restricted)s AND started.client_id = %(client_id)s AND %(client_id)s <> ''
{BESIDE}
"""  # noqa: S608 (only words of ours)


@dataclass(frozen=True)
class Started:
    """The conversation this writer started under that key."""

    id: UUID
    version: int
    request_id: UUID | None
    requester_id: UUID
    status: str
    digest: str
    key_id: str

    def must_be_the_same(self, request_id: UUID | None, recipient_id: UUID | None, text: str) -> None:
        is_to_the_same = self.request_id == request_id and recipient_id in (None, self.requester_id)
        if not is_to_the_same or self.digest != fingerprint(text, self.key_id):
            raise IdempotencyKeyReused()


@dataclass(frozen=True)
class AskedFor:
    """A request somebody wants to help with, held until the offer is made."""

    requester_id: UUID
    category: str
    urgency: str
    is_current: bool
    helper_is_approved: bool
    trust: int

    def must_be_somebody_elses(self, helper: Member) -> None:
        if self.requester_id == helper.pk:
            raise NotValid(WITH_YOURSELF)

    def must_be_current(self) -> None:
        if not self.is_current:
            raise HelpRequestUnavailable()


@dataclass(frozen=True)
class Earlier:
    """What this sender said under the same key."""

    id: UUID
    conversation_id: UUID
    sequence: int | None
    moderation: str
    created_at: Any
    type: str
    digest: str
    key_id: str

    def must_be_the_same(self, conversation_id: UUID, text: str, message_type: str) -> None:
        sent = (conversation_id, message_type, fingerprint(text, self.key_id))
        if (self.conversation_id, self.type, self.digest) != sent:
            raise IdempotencyKeyReused()


@dataclass(frozen=True)
class Thread:
    """A conversation somebody is about to write in, held until they have."""

    id: UUID
    sender: Member
    version: int
    requester_id: UUID
    helper_id: UUID
    status: str
    offer_state: str | None
    sender_is_approved: bool
    trust: int

    @property
    def other_id(self) -> UUID:
        return self.helper_id if self.sender.pk == self.requester_id else self.requester_id

    def must_be_open(self, is_blocked: bool) -> None:
        """Closed, decided, blocked, one of the two gone: all read alike."""
        is_open = self.status == Status.ACTIVE and (self.offer_state is None or self.offer_state in WRITABLE)
        if is_blocked or not is_open or not self.sender_is_approved:
            raise NotPermitted(NOT_WRITABLE)

    def read_under_lock(self, client_id: str) -> "Known":
        """What stands in other tables, now that this thread and its writer are held."""
        sender = self.sender.pk
        values: dict[str, Any] = {"sender": sender, "restricted": sender, "other": self.other_id}
        with failing_closed(), connection.cursor() as cursor:
            cursor.execute(BLOCKED_OR_SAID, values | {"client_id": client_id})
            row = cursor.fetchone()
        is_blocked, message_id, *rest = row[HOW_MANY:]
        earlier = Earlier(message_id, *rest) if message_id else None
        return Known(Standing.of(row[:HOW_MANY]), is_blocked, earlier)


@dataclass(frozen=True)
class Known:
    """What a writer may do, whether the two are kept apart, and what was said before under the same key."""

    standing: Standing
    is_blocked: bool
    earlier: Earlier | None


def started_before(writer_id: UUID, client_id: str) -> tuple[Started | None, Standing]:
    """What they started under that key, if anything, and what they may do."""
    with failing_closed(), connection.cursor() as cursor:
        cursor.execute(STARTED, {"restricted": writer_id, "client_id": client_id})
        row = cursor.fetchone()
    started = row[HOW_MANY:]
    return Started(*started) if started[0] else None, Standing.of(row[:HOW_MANY])


def hold_pair(one_id: UUID, other_id: UUID) -> None:
    """Two people who begin with each other in the same moment wait for each other here."""
    with connection.cursor() as cursor:
        cursor.execute(PAIR, {"one": one_id, "other": other_id})


def hold_request(request_id: UUID, helper: Member) -> AskedFor:
    with connection.cursor() as cursor:
        cursor.execute(REQUEST, [request_id, helper.pk])
        row = cursor.fetchone()
    if row is None:
        raise NotFound(NO_REQUEST)
    held = AskedFor(*row)
    if not held.helper_is_approved:
        raise NotPermitted(NOT_APPROVED, requires_approval=True)
    return held


def hold_thread(conversation_id: UUID, sender: Member) -> Thread:
    """Absent and somebody else's are answered like one that is closed."""
    with connection.cursor() as cursor:
        cursor.execute(THREAD, {"thread": conversation_id, "sender": sender.pk})
        row = cursor.fetchone()
        if row is None:
            # One that was moved to the other version while we waited for it stands there now.
            cursor.execute(THREAD, {"thread": conversation_id, "sender": sender.pk})
            row = cursor.fetchone()
    if row is None:
        raise NotPermitted(NOT_WRITABLE)
    return Thread(conversation_id, sender, *row)

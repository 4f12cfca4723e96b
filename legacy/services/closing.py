"""Closing V1: its tables take nothing more but that words are taken away; and opening it again."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

import audit.services as audit
from carecollective.errors import NotPermitted, NotValid
from features import flag
from features.models import REASON_MOST, FlagChange
from features.services import switching
from features.states import FLAG, ON
from legacy.models import EarlierConversation, Ending, Move
from legacy.services.alone import alone
from legacy.services.moving import THE_MOVE

# Longer than any request that asked the flag before, so that nobody is on the V1 way any more.
KNOWN_EVERYWHERE = timedelta(minutes=1)
V1 = ("earlier_system", "v1")

GONE = "V1 was dropped, so there is nothing to do."
IS_OPEN = "V1 is open."
AT_WORK = "A backfill or an import is running. Nothing was changed."
IS_CLOSED = "V1 is closed and takes nothing. Open it first: manage.py close_v1 --reopen."
NOT_ON = f"{FLAG} is {{state}}. V1 can be closed once it is on for everybody."
JUST_ON = f"{FLAG} has been on for less than a minute, and not everybody may know. Please try again in a minute."
NOT_MOVED = "{number} conversations of V1 were never looked at by a backfill. Run manage.py backfill_v1 run first."

WAIT_FOR_WRITERS = "SELECT pg_advisory_xact_lock(hashtextextended('legacy_ending', 0))"
# What happens here is no word of V1's.
QUIETLY = "SELECT set_config('legacy.is_adopting', 'yes', true)"
ALOUD = "SELECT set_config('legacy.is_adopting', '', true)"
# The rows first and in their order, as everybody who writes there holds them.
HOLD_OPEN = "SELECT id FROM legacy_conversations WHERE status = 'active' ORDER BY id FOR NO KEY UPDATE"
END = """
UPDATE legacy_conversations SET status = 'closed', closed_at = began_at, closed_by_id = NULL
FROM legacy_ending WHERE status = 'active'
"""
HOLD_ENDED = """
SELECT side.id FROM legacy_conversations AS side JOIN legacy_ending AS ending ON side.closed_at = ending.began_at
WHERE side.status = 'closed' AND closed_by_id IS NULL ORDER BY side.id FOR NO KEY UPDATE OF side
"""
GO_ON = "UPDATE legacy_conversations SET status = 'active', closed_at = NULL WHERE id = ANY (%s)"
# What only the side rows have since: lines of the site, and how far people have read.
CATCH_UP = """
INSERT INTO messages (id, conversation_id, sender_id, recipient_id, help_request_id, content, message_type,
                      moderation_status, created_at, updated_at)
SELECT said.id, thread.id, said.sender_id,
       CASE said.sender_id WHEN thread.requester_id THEN thread.helper_id WHEN thread.helper_id
           THEN thread.requester_id END,
       thread.help_request_id, said.content, 'help_request_update', legacy_verdict(said.moderation), said.created_at,
       said.updated_at
FROM legacy_messages AS said JOIN legacy_conversations AS thread ON thread.id = said.conversation_id
WHERE said.type = 'system' AND NOT EXISTS (SELECT FROM messages WHERE id = said.id)
"""
MARK = """
SELECT legacy_mark(id, helper_id, 0, requester_delivered, 'delivered'),
       legacy_mark(id, helper_id, 0, requester_read, 'read'),
       legacy_mark(id, requester_id, 0, helper_delivered, 'delivered'),
       legacy_mark(id, requester_id, 0, helper_read, 'read')
FROM legacy_conversations
"""


def close(*, why: str, by: str, is_dry: bool = False) -> Ending:
    """Said twice, it changes nothing. What is refused, only tried, or stopped in the middle, leaves V1 open."""
    ending = standing()
    if ending.closed_at:
        return ending
    _must_be_short(why)
    with alone(THE_MOVE[0], AT_WORK):
        _must_be_on(flag.as_it_is())
        _must_be_moved()
        if is_dry:
            return ending
        # First nobody can write in what stayed, and is told so kindly; then nobody can at all.
        _end_chats()
        try:
            _close(why, by)
        except BaseException:
            _let_chats_go_on()
            raise
    return standing()


def reopen(*, why: str, by: str) -> Ending:
    ending = standing()
    if not ending.began_at:
        raise NotPermitted(IS_OPEN)
    _must_be_short(why)
    with alone(THE_MOVE[0], AT_WORK):
        if ending.closed_at:
            _reopen(why, by)
        _let_chats_go_on()
    return standing()


def must_be_open() -> None:
    if standing().closed_at:
        raise NotPermitted(IS_CLOSED)


def standing() -> Ending:
    ending = Ending.now()
    if ending is None:
        raise NotPermitted(GONE)
    return ending


@transaction.atomic
def _end_chats() -> None:
    Ending.objects.filter(began_at__isnull=True).update(began_at=Now())
    _say(QUIETLY)
    _say(HOLD_OPEN)
    _say(END)
    _say(ALOUD)


@transaction.atomic
def _close(why: str, by: str) -> None:
    """Whoever writes there is waited for; whoever comes later is refused."""
    _, answer = switching.held()
    _must_be_on(answer)
    _say(WAIT_FOR_WRITERS)
    # What came in since the first look.
    _must_be_moved()
    Ending.objects.update(closed_at=Now(), why=why, by=by)
    transaction.on_commit(flag.forget)
    stayed = Move.objects.filter(outcome="quarantined").count()
    audit.record("v1_closed", actor="operator", subject=V1, reason=why, conversations_left_there=stayed)


@transaction.atomic
def _reopen(why: str, by: str) -> None:
    Ending.objects.update(closed_at=None, why=why, by=by)
    transaction.on_commit(flag.forget)
    audit.record("v1_reopened", actor="operator", subject=V1, reason=why)


@transaction.atomic
def _let_chats_go_on() -> None:
    """Those that ended with V1, and no others; V1 hears what happened in them meanwhile."""
    ended = _say(HOLD_ENDED)
    _say(GO_ON, [[row[0] for row in ended]])
    _say(CATCH_UP)
    _say(MARK)
    Ending.objects.update(began_at=None)


def _must_be_on(answer: flag.Answer) -> None:
    if answer.state.kind != ON:
        raise NotPermitted(NOT_ON.format(state=answer.state))
    last = FlagChange.objects.exclude(from_state=F("to_state"))[:1]
    if FlagChange.objects.filter(pk__in=last.values("pk"), at__gt=Now() - KNOWN_EVERYWHERE).exists():
        raise NotPermitted(JUST_ON)


def _must_be_moved() -> None:
    number = EarlierConversation.objects.exclude(pk__in=Move.objects.values("pk")).count()
    if number:
        raise NotPermitted(NOT_MOVED.format(number=f"{number:,}"))


def _must_be_short(why: str) -> None:
    if len(why) > REASON_MOST:
        raise NotValid(fields={"why": [f"Please say why in at most {REASON_MOST} letters."]})


def _say(statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []

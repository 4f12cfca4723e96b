"""What members can report in a conversation, one message or all of it, and what is sealed of it for moderators."""

from typing import Any
from uuid import UUID

from carecollective.errors import NotFound
from carecollective.ports import Reportable, Target
from members.models import Member
from messaging.models import Conversation, Deed, Message, MessageRecord, Type
from messaging.models.sealing import readable
from messaging.services import changing
from messaging.services.changing import NO_MESSAGE, place_of

# So many messages before the reported one and so many after it.
AROUND = 5
MESSAGE = "message"
CONVERSATION = "conversation"


def find_message(member: Member, message_id: UUID) -> Target:
    """A deleted one too: its place and its digest are evidence. Lines of our own are nobody's."""
    words = changing.find(member, message_id)
    if words.type == Type.SYSTEM or words.sender_id is None:
        raise NotFound(NO_MESSAGE)
    thread = words.conversation
    author = thread.helper if words.sender_id == thread.helper_id else thread.requester
    return Target(MESSAGE, message_id, author.pk, author.called, words.text, thread.pk)


def find_conversation(member: Member, conversation_id: UUID) -> Target:
    """Reporting a conversation is reporting the other one."""
    thread = Conversation.objects.one_for(member, conversation_id)
    other = thread.other(member)
    return Target(CONVERSATION, thread.pk, other.pk, other.called, conversation_id=thread.pk)


def evidence_of_message(reporter: Member, target: Target) -> dict[str, Any]:
    thread = _held(reporter, target)
    sequence = changing.find(reporter, target.id).sequence
    around = _messages(thread, sequence - AROUND, sequence + AROUND)
    return {**_frame(thread), "message_id": target.id, "messages": around}


def evidence_of_conversation(reporter: Member, target: Target) -> dict[str, Any]:
    thread = _held(reporter, target)
    newest = _messages(thread, thread.last_sequence - 2 * AROUND, thread.last_sequence)
    return {**_frame(thread), "messages": newest}


def record_message(reporter: Member, target: Target) -> None:
    words = changing.find(reporter, target.id)
    MessageRecord.objects.create(
        conversation_id=words.conversation.pk,
        message_id=target.id,
        sequence=words.sequence,
        actor_id=reporter.pk,
        deed=Deed.REPORTED,
    )


REPORTABLE = {
    MESSAGE: Reportable(find_message, evidence_of_message, record_message),
    CONVERSATION: Reportable(find_conversation, evidence_of_conversation),
}


def _held(reporter: Member, target: Target) -> Conversation:
    """Edits, deletions and new messages take the same lock: each comes before what is sealed, or after it."""
    assert target.conversation_id  # noqa: S101 (both finders give it; this tells the types)
    return Conversation.objects.locked_for(reporter, target.conversation_id)


def _frame(thread: Conversation) -> dict[str, Any]:
    asked = thread.help_request
    return {
        "conversation_id": thread.pk,
        "people": [{"id": person.pk, "called": person.called} for person in (thread.requester, thread.helper)],
        "help_request": {"id": asked.pk, "title": asked.title} if asked else None,
    }


def _messages(thread: Conversation, first: int, last: int) -> list[dict[str, Any]]:
    later = thread.messages.filter(sequence__range=(first, last)).order_by("sequence")
    opening = [_opening(thread)] if first <= 1 else []
    return [*opening, *map(_message, later)]


def _opening(row: Conversation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "sender_id": row.opening_sender_id,
        "sequence": 1,
        "type": Type.STANDARD.value,
        "happening": "",
        "text": readable(row.initial_message, row.key_id, place_of(row)),
        "first": readable(row.opening_first, row.opening_first_key_id, place_of(row, ".first")),
        "digest": row.opening_digest,
        "key_id": row.opening_digest_key_id,
        "created_at": row.created_at,
        "edited_at": row.opening_edited_at,
        "deleted_at": row.opening_deleted_at,
    }


def _message(row: Message) -> dict[str, Any]:
    return {
        "id": row.pk,
        "sender_id": row.sender_id,
        "sequence": row.sequence,
        "type": row.type,
        "happening": row.happening,
        "text": readable(row.content, row.key_id, place_of(row)),
        "first": readable(row.first, row.first_key_id, place_of(row, ".first")),
        "digest": row.digest,
        "key_id": row.digest_key_id,
        "created_at": row.created_at,
        "edited_at": row.edited_at,
        "deleted_at": row.deleted_at,
    }

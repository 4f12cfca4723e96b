"""What can be reported in a conversation, one message or all of it, and what is sealed of it for moderators."""

from typing import Any
from uuid import UUID

from carecollective.errors import NotFound
from carecollective.ports import Reportable, Target
from members.models import Member
from messaging.models import Conversation, Deed, Message, MessageRecord, Plan, Type
from messaging.models.finding import NOT_FOUND
from messaging.models.sealing import hidden_words, readable
from messaging.models.words import MESSAGE
from messaging.services import changing, releasing
from messaging.services.changing import NO_MESSAGE, Words, place_of
from messaging.services.planning import PLAN

# So many messages before the reported one and so many after it.
AROUND = 5
CONVERSATION = "conversation"


def find_message(member: Member | None, message_id: UUID) -> Target:
    """A deleted one too: its place and its digest are evidence. Lines of our own are nobody's."""
    words = _words(member, message_id)
    if words.type == Type.SYSTEM or words.sender_id is None:
        raise NotFound(NO_MESSAGE)
    thread = words.conversation
    author = thread.helper if words.sender_id == thread.helper_id else thread.requester
    text = words.text if member else words.text or hidden_words(words.row)
    return Target(MESSAGE, words.row.pk, author.pk, author.called, text, thread.pk)


def find_conversation(member: Member | None, conversation_id: UUID) -> Target:
    """Reporting a conversation is reporting the other one; for the house it is whoever began it."""
    thread = _thread(member, conversation_id)
    other = thread.other(member) if member else thread.helper
    return Target(CONVERSATION, thread.pk, other.pk, other.called, conversation_id=thread.pk)


def evidence_of_message(reporter: Member | None, target: Target) -> dict[str, Any]:
    """What has no place yet stands behind the newest words."""
    thread = _held(reporter, target)
    place = _words(reporter, target.id).sequence or thread.last_sequence + 1
    around = between(thread, place - AROUND, place + AROUND, reporter)
    return {**_frame(thread), "message_id": target.id, "messages": around}


def evidence_of_conversation(reporter: Member | None, target: Target) -> dict[str, Any]:
    thread = _held(reporter, target)
    newest = between(thread, thread.last_sequence - 2 * AROUND, thread.last_sequence, reporter)
    return {**_frame(thread), "messages": newest}


def find_plan(member: Member | None, plan_id: UUID) -> Target:
    """Members report the chat it stands in; for the house it is that chat, and whoever made the plan."""
    plan = Plan.objects.select_related("made_by").filter(pk=plan_id).first()
    if member or plan is None:
        raise NotFound()
    maker, chat = plan.made_by, plan.conversation_id
    return Target(CONVERSATION, chat, maker.pk, maker.called, str(plan.clear_place), chat)


def evidence_of_plan(reporter: Member | None, target: Target) -> dict[str, Any]:
    """The plan that counts: its words stand in no message. Its request is held by whoever writes one."""
    plan = Plan.objects.counting().filter(conversation=target.id).latest("version")
    when = {"version": plan.version, "day": plan.day, "time": plan.time, "place": plan.clear_place}
    made = {"made_by_id": plan.made_by_id, "made_by": target.called}
    return {**evidence_of_conversation(reporter, target), "plan": when | made}


def record_message(reporter: Member | None, target: Target) -> None:
    words = _words(reporter, target.id)
    MessageRecord.objects.create(
        conversation_id=words.conversation.pk,
        message_id=target.id,
        sequence=words.sequence,
        actor_id=reporter.pk if reporter else None,
        deed=Deed.REPORTED,
    )


def more_around_message(message_id: UUID, more: int) -> dict[str, Any]:
    """Read and not sealed, so nothing is held."""
    words = _words(None, message_id)
    thread = _thread(None, words.conversation.pk)
    place, far = words.sequence or thread.last_sequence + 1, AROUND + more
    return {**_frame(thread), "message_id": message_id, "messages": between(thread, place - far, place + far)}


def more_of_conversation(conversation_id: UUID, more: int) -> dict[str, Any]:
    thread = _thread(None, conversation_id)
    return {
        **_frame(thread),
        "messages": between(thread, thread.last_sequence - 2 * AROUND - more, thread.last_sequence),
    }


REPORTABLE = {
    MESSAGE: Reportable(
        find_message,
        evidence_of_message,
        record_message,
        releasing.hide,
        releasing.show,
        releasing.release,
        more_around_message,
    ),
    CONVERSATION: Reportable(find_conversation, evidence_of_conversation, more=more_of_conversation),
    PLAN: Reportable(find_plan, evidence_of_plan),
}


def _words(reader: Member | None, message_id: UUID) -> Words:
    return changing.find(reader, message_id) if reader else changing.find_any(message_id)


def _thread(reader: Member | None, conversation_id: UUID) -> Conversation:
    if reader:
        return Conversation.objects.one_for(reader, conversation_id)
    found = Conversation.objects.with_people().filter(pk=conversation_id).first()
    if found is None:
        raise NotFound(NOT_FOUND)
    return found


def _held(reporter: Member | None, target: Target) -> Conversation:
    """Edits, deletions and new messages take the same lock: each comes before what is sealed, or after it."""
    assert target.conversation_id  # noqa: S101 (both finders give it; this tells the types)
    Conversation.objects.hold(target.conversation_id)
    return _thread(reporter, target.conversation_id)


def _frame(thread: Conversation) -> dict[str, Any]:
    asked = thread.help_request
    return {
        "conversation_id": thread.pk,
        "people": [{"id": person.pk, "called": person.called} for person in (thread.requester, thread.helper)],
        "help_request": {"id": asked.pk, "title": asked.title} if asked else None,
    }


def between(thread: Conversation, first: int, last: int, reader: Member | None = None) -> list[dict[str, Any]]:
    """As moderators read it: with deletions, what was hidden, and first versions; the house reads undelivered ones too.

    Those have no place, so all of the thread come with any part of it, the newest ten.
    """
    later = thread.messages.filter(sequence__range=(first, last)).order_by("sequence")
    waiting = thread.messages.filter(sequence__isnull=True)
    if reader:
        waiting = waiting.filter(sender=reader)
    opening = [_opening(thread)] if first <= 1 else []
    newest = reversed(waiting.order_by("-created_at", "-id")[: 2 * AROUND])
    return [*opening, *map(_message, later), *map(_message, newest)]


def _opening(row: Conversation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "sender_id": row.opening_sender_id,
        "sequence": 1,
        "type": Type.STANDARD.value,
        "happening": "",
        "moderation": row.opening_moderation,
        "text": hidden_words(row) or readable(row.initial_message, row.key_id, place_of(row)),
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
        "moderation": row.moderation,
        "text": hidden_words(row) or readable(row.content, row.key_id, place_of(row)),
        "first": readable(row.first, row.first_key_id, place_of(row, ".first")),
        "digest": row.digest,
        "key_id": row.digest_key_id,
        "created_at": row.created_at,
        "edited_at": row.edited_at,
        "deleted_at": row.deleted_at,
    }

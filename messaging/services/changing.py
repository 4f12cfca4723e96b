"""Editing and deleting one's own words, the opening ones too."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now

from carecollective.encryption import seal
from carecollective.errors import ContentBlocked, NotFound, NotPermitted, NotValid
from help_requests.services.screened import examined
from help_requests.services.screened import keep as keep_verdict
from members.models import Member
from members.paused import Act
from members.services.restrictions import hold_allowed
from messaging.models import Conversation, Deed, Message, MessageRecord, Moderation, Type
from messaging.models.finding import Conversations
from messaging.models.sealing import message_place, opening_place, put_away, readable
from messaging.models.words import EDIT_WINDOW, MESSAGE, OPENING_LEAST, THANKS_MOST, UNDELIVERED
from messaging.services import acquaintance

NOT_YOURS = "You can change only your own messages."
TOO_LATE = "You can change a message for 15 minutes after you sent it."
IS_DELETED = "This message was deleted."
IS_HIDDEN = "A moderator hid this message."
IS_CHECKED = "We are checking this message, so it cannot be changed now. You can delete it and write a new one."
IS_REFUSED = "This message was not sent. You can delete it and write a new one."
NEEDS_A_CHECK = "We would have to check these words first. Please send them as a new message."
NOT_EDITABLE = {Moderation.HELD: IS_CHECKED, Moderation.REFUSED: IS_REFUSED, Moderation.HIDDEN: IS_HIDDEN}
TOO_SHORT = f"Initial message must be at least {OPENING_LEAST} characters long"
TOO_LONG = f"A thank-you can be at most {THANKS_MOST} characters long."
NO_MESSAGE = "We cannot find this message, or you do not have access."


@dataclass(frozen=True)
class Words:
    """One message, the opening one or a later one, with what the verbs here ask of it."""

    conversation: Conversation
    row: Conversation | Message
    sender_id: UUID | None
    sequence: int | None
    type: str
    moderation: str
    sent_at: datetime
    deleted_at: datetime | None
    text: str
    is_edited: bool

    @property
    def is_opening(self) -> bool:
        return isinstance(self.row, Conversation)

    @property
    def place(self) -> str:
        return place_of(self.row)

    @property
    def row_caution(self) -> str:
        return str(self.row.opening_caution if isinstance(self.row, Conversation) else self.row.caution)

    def must_be_written_by(self, member: Member) -> None:
        if self.sender_id != member.pk or self.type == Type.SYSTEM:
            raise NotPermitted(NOT_YOURS)

    def must_fit(self, text: str) -> None:
        if self.is_opening and len(text) < OPENING_LEAST:
            raise NotValid(fields={"content": [TOO_SHORT]})
        if self.type == Type.THANKS and len(text) > THANKS_MOST:
            raise NotValid(fields={"content": [TOO_LONG]})

    def must_be_editable(self) -> None:
        if self.deleted_at:
            raise NotPermitted(IS_DELETED)
        if self.moderation:
            raise NotPermitted(NOT_EDITABLE[Moderation(self.moderation)])
        if now() - self.sent_at > EDIT_WINDOW:
            raise NotPermitted(TOO_LATE)


@transaction.atomic
def edit_message(member: Member, message_id: UUID, text: str) -> Words:
    """Within 15 minutes; what was sent first stays for moderators, the other side reads that it was edited."""
    words = _held(member, message_id)
    words.must_be_written_by(member)
    held, _ = hold_allowed(member, Act.EDIT_MESSAGE)
    words.conversation.must_be_writable()
    acquaintance.must_not_be_blocked(words.conversation)
    words.must_be_editable()
    words.must_fit(text)
    if text == words.text:
        return words
    # What was delivered cannot be held any more.
    verdict = examined(text, held.trust)
    if verdict.is_held:
        raise ContentBlocked(NEEDS_A_CHECK)
    new = put_away(text, words.place, words.type, is_personal=verdict.has_personal_data)
    changes = {"key_id": new.key_id, "edited_at": Now()} | ({} if words.is_edited else _first(words))
    _change(words, new.stored, Deed.EDITED, member, caution=verdict.tells_receiver, **changes)
    keep_verdict(verdict, (MESSAGE, words.row.pk), member, conversation=words.conversation.pk)
    return _held(member, message_id)


@transaction.atomic
def delete_message(member: Member, message_id: UUID) -> Words:
    """Leaves a tombstone in its place. A report keeps its own sealed copy. Said twice, it changes nothing."""
    words = _held(member, message_id)
    words.must_be_written_by(member)
    if words.deleted_at:
        return words
    first = dict.fromkeys(("first", "first_key_id", "hidden", "hidden_key_id"), "")
    _change(words, "", Deed.DELETED, member, key_id="", deleted_at=Now(), **first)
    return _held(member, message_id)


def place_of(row: Conversation | Message, version: str = "") -> str:
    if isinstance(row, Conversation):
        return opening_place(row.pk, version)
    return message_place(row.conversation_id, row.pk, version)


def find(member: Member, message_id: UUID) -> Words:
    """Any message by its id; the opening one has the id of its conversation. Undelivered ones are their writer's."""
    words = find_any(message_id, Conversation.objects.visible_to(member))
    if words.moderation in UNDELIVERED and words.sender_id != member.pk:
        raise NotFound(NO_MESSAGE)
    return words


def find_any(message_id: UUID, among: Conversations | None = None) -> Words:
    """For the house, whoever may read it."""
    message = Message.objects.filter(pk=message_id).first()
    rows = Conversation.objects.all() if among is None else among
    # The earlier system had another id for the opening words.
    stands_in = Q(pk=message.conversation_id) if message else Q(pk=message_id) | Q(opening_v1_id=message_id)
    conversation = rows.with_people().filter(stands_in).first()
    if conversation is None:
        raise NotFound(NO_MESSAGE)
    return _of_message(conversation, message) if message else _of_opening(conversation)


def _held(member: Member, message_id: UUID) -> Words:
    """Under the thread's lock, so an edit, a deletion and a report of one message wait for each other."""
    found = find(member, message_id)
    Conversation.objects.locked_for(member, found.conversation.pk)
    return find(member, message_id)


def _of_message(conversation: Conversation, message: Message) -> Words:
    return Words(
        conversation,
        message,
        message.sender_id,
        message.sequence,
        message.type,
        message.moderation,
        message.created_at,
        message.deleted_at,
        readable(message.content, message.key_id, place_of(message)),
        message.edited_at is not None,
    )


def _of_opening(conversation: Conversation) -> Words:
    return Words(
        conversation,
        conversation,
        conversation.opening_sender_id,
        1,
        Type.STANDARD,
        conversation.opening_moderation,
        conversation.created_at,
        conversation.opening_deleted_at,
        readable(conversation.initial_message, conversation.key_id, place_of(conversation)),
        conversation.opening_edited_at is not None,
    )


def _first(words: Words) -> dict[str, Any]:
    """What was sent before any edit: kept for moderators, so never in the clear."""
    sealed = seal(words.text, place_of(words.row, ".first"))
    return {"first": sealed.text, "first_key_id": sealed.key_id}


def _change(words: Words, stored: str, deed: Deed, member: Member, **changes: Any) -> None:
    put(words, content=stored, **changes)
    keep(words, deed, member)


def put(words: Words, **changes: Any) -> None:
    """The columns of the opening words have names of their own; the key is of whichever words stand there."""
    if words.is_opening:
        named = {"content": "initial_message", "key_id": "key_id"}
        columns = {named.get(name, f"opening_{name}"): value for name, value in changes.items()}
        Conversation.objects.filter(pk=words.row.pk).update(**columns, updated_at=Now())
    else:
        Message.objects.filter(pk=words.row.pk).update(**changes, updated_at=Now())


def keep(words: Words, deed: Deed, actor: Member | None = None) -> None:
    """Who moderated stands in the decision."""
    MessageRecord.objects.create(
        conversation_id=words.conversation.pk,
        message_id=words.row.pk,
        sequence=words.sequence,
        actor_id=actor.pk if actor else None,
        deed=deed,
    )

"""Saying something in a conversation, and taking note of how far it was read."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

import notifications.services as notifications
from carecollective.database import new_id
from carecollective.errors import NotPermitted
from features import attempts
from help_requests.services.screened import examined, keep
from members.models import Member
from members.paused import Act
from members.services.restrictions import must_allow, take_one_message
from messaging.models import Conversation, Happening, Message, Moderation, Type
from messaging.models.holding import Earlier, Thread, hold_thread
from messaging.models.sealing import message_place, put_away
from messaging.models.words import MESSAGE
from messaging.models.writing import Line, Said, Stands, say
from screening.verdicts import Verdict

ENOUGH_FOR_NOW = "Please wait until they have answered. Your words so far are with them."


@dataclass(frozen=True)
class Sent:
    id: UUID
    # None while it is held.
    sequence: int | None
    created_at: datetime
    is_encrypted: bool
    is_new: bool
    # Nothing where it was delivered.
    moderation: str = ""

    @property
    def status(self) -> str:
        return self.moderation if self.sequence is None else "sent"


@transaction.atomic
def send_message(
    sender: Member, conversation_id: UUID, text: str, client_id: str = "", message_type: Type = Type.STANDARD
) -> Sent:
    """The next message of the thread; the same client_id gives the same message, even if the thread closed since."""
    thread = hold_thread(conversation_id, sender)
    attempts.goes(thread.version)
    known = thread.read_under_lock(client_id)
    if earlier := known.earlier:
        earlier.must_be_the_same(conversation_id, text, message_type)
        return earlier_sent(earlier)
    must_allow(known.standing, sender, Act.SEND_MESSAGE)
    thread.must_be_open(known.is_blocked)
    take_one_message(sender, known.standing)
    _must_not_be_too_much(thread)
    verdict = examined(text, thread.trust)
    said, is_encrypted = say_words(thread, sender, Spoken(text, message_type, verdict), client_id)
    if said.sequence:
        tell_received(thread.id, said, sender, Member(pk=thread.other_id))
    attempts.succeeded(attempts.SEND, version=thread.version, member_id=sender.pk, conversation_id=thread.id)
    moderation = Moderation.HELD.value if verdict.is_held else ""
    return Sent(said.id, said.sequence, said.created_at, is_encrypted, is_new=True, moderation=moderation)


def earlier_sent(earlier: Earlier) -> Sent:
    sealed = bool(earlier.key_id)
    return Sent(earlier.id, earlier.sequence, earlier.created_at, sealed, is_new=False, moderation=earlier.moderation)


def tell_received(conversation_id: UUID, said: Said, sender: Member, to: Member) -> None:
    about = ("conversation", conversation_id)
    notifications.record("message_received", about=about, to=to, actor=sender, message=said.id, sequence=said.sequence)


@dataclass(frozen=True)
class Spoken:
    """Words that were examined, and of which kind they are."""

    text: str
    type: Type
    verdict: Verdict


def say_words(thread: Stands, sender: Member, spoken: Spoken, client_id: str = "") -> tuple[Said, bool]:
    """Somebody's words under the thread's lock, bound to their place; and whether they were sealed."""
    identifier, verdict = new_id(), spoken.verdict
    place = message_place(thread.id, identifier)
    words = put_away(spoken.text, place, spoken.type, is_personal=verdict.has_personal_data)
    line = Line(
        sender.pk,
        words,
        spoken.type,
        client_id=client_id,
        is_held=verdict.is_held,
        caution=verdict.tells_receiver,
        id=identifier,
    )
    said = say(thread, line)
    keep(verdict, (MESSAGE, identifier), sender, conversation=thread.id)
    return said, bool(words.key_id)


def tell_in_thread(conversation: Conversation, happening: Happening, actor: Member | None) -> None:
    """A line of our own about what happened, under the conversation's lock; the pages say it with names."""
    words = put_away(str(happening.label), "")
    sender_id = actor.pk if actor else None
    say(conversation, Line(sender_id, words, Type.SYSTEM, happening.value))


def _must_not_be_too_much(thread: Thread) -> None:
    """A setting, off by default: how much a helper may say before the asker has said anything."""
    most = settings.UNANSWERED_MESSAGES_MOST
    if not most or thread.sender.pk != thread.helper_id:
        return
    said = Message.objects.filter(conversation_id=thread.id).exclude(type=Type.SYSTEM)
    if said.filter(sender_id=thread.requester_id, sequence__isnull=False).exists():
        return
    # Their opening is one of them.
    if 1 + said.filter(sender_id=thread.helper_id).count() >= most:
        raise NotPermitted(ENOUGH_FOR_NOW)

"""What our team decides about words: delivered after all, never delivered, hidden, shown again."""

# Moderation calls these inside the transaction of its decision, which says who decided and why. Each can be said twice.

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now

import notifications.services as notifications
from carecollective.encryption import seal
from carecollective.errors import NotFound, NotPermitted
from help_requests.models import HelpRequest
from help_requests.models.visibility import IS_CURRENT
from members.models import Member
from messaging.models import Conversation, Deed, Message, Moderation, OfferState, Status, Type
from messaging.models.sealing import HIDDEN_HERE, hidden_words, put_away, was_hidden_here
from messaging.models.words import UNDELIVERED
from messaging.models.writing import Said
from messaging.services import acquaintance, offering, talking
from messaging.services.changing import NO_MESSAGE, Words, find_any, keep, place_of, put

DELETED = "Its writer deleted it."
ENDED = "The chat has ended."
APART = "One of the two has blocked the other, or is not a member any more."
REQUEST_OVER = "The request is over, or nobody else may read it."
NOT_OFFERED = "The offer was taken back."


@transaction.atomic
def release(message_id: UUID) -> str:
    """Delivers what was held, or refused: now, at the end of the thread. Why it stays undelivered, if it does."""
    words = _held(message_id)
    if words.moderation not in UNDELIVERED:
        return ""
    if why_not := _why_not(words):
        if words.moderation == Moderation.REFUSED:
            # It broke no rule after all, and its writer reads that it cannot be delivered now.
            _put(words, moderation=Moderation.HELD)
        return why_not
    if words.is_opening:
        _deliver_opening(words)
    else:
        _deliver_message(words)
    return ""


@transaction.atomic
def hide(message_id: UUID) -> None:
    """Nobody reads it: what was delivered is a tombstone for both, its words sealed; what was not is refused."""
    words = _held(message_id)
    if words.moderation == Moderation.HELD:
        _put(words, moderation=Moderation.REFUSED)
    if words.moderation:
        return
    kept = {}
    if not words.deleted_at:
        sealed = seal(words.text, place_of(words.row, HIDDEN_HERE))
        kept = {"hidden": sealed.text, "hidden_key_id": sealed.key_id}
    _put(words, content="", key_id="", moderation=Moderation.HIDDEN, **kept)


@transaction.atomic
def show(message_id: UUID) -> None:
    """As it stood before: what was hidden is there again, what was refused waits for its decision again."""
    words = _held(message_id)
    if words.moderation == Moderation.REFUSED:
        _put(words, moderation=Moderation.HELD)
    if words.moderation != Moderation.HIDDEN or _was_hidden_before_us(words):
        return
    back = {"hidden": "", "hidden_key_id": "", "moderation": ""}
    if not words.deleted_at:
        # Sealed, whether it was before or not: what was found in it is not asked again.
        again = put_away(hidden_words(words.row), words.place, is_personal=True)
        back |= {"content": again.stored, "key_id": again.key_id}
    _put(words, **back)


def _held(message_id: UUID) -> Words:
    """Under the locks of whoever writes there: the request first, then the thread."""
    found = find_any(message_id)
    if found.type == Type.SYSTEM or found.sender_id is None:
        raise NotFound(NO_MESSAGE)
    thread = found.conversation
    if found.is_opening and thread.help_request_id:
        HelpRequest.objects.hold(thread.help_request_id)
    Conversation.objects.hold(thread.pk)
    return find_any(message_id)


def _was_hidden_before_us(words: Words) -> bool:
    """By the earlier system: that is no decision of ours, so nothing here shows them again."""
    return not words.deleted_at and not was_hidden_here(words.row)


def _put(words: Words, **changes: str) -> None:
    put(words, **changes)
    keep(words, Deed.MODERATED)


def _why_not(words: Words) -> str:
    thread = words.conversation
    if words.deleted_at:
        return DELETED
    if thread.status == Status.CLOSED or thread.was_left:
        return ENDED
    try:
        acquaintance.must_not_be_blocked(thread)
    except NotPermitted:
        return APART
    return _why_no_offer(thread) if words.is_opening and thread.help_request_id else ""


def _why_no_offer(offer: Conversation) -> str:
    if offer.offer_state != OfferState.OFFERED:
        return NOT_OFFERED
    current = HelpRequest.objects.filter(IS_CURRENT, pk=offer.asked_for.pk, moderation="")
    return "" if current.exists() else REQUEST_OVER


def _deliver_opening(words: Words) -> None:
    """The conversation begins now, and so does the offer's clock."""
    thread = words.conversation
    clock = {"offered_at": Now()} if thread.help_request_id else {}
    begun = {"status": Status.ACTIVE, "opening_moderation": "", "opening_released_at": Now()}
    rows = Conversation.objects.filter(pk=thread.pk)
    rows.update(**begun, **clock, last_message_at=Now(), updated_at=Now())
    keep(words, Deed.MODERATED)
    offering.tell_opened(thread.pk, thread.requester_id, thread.helper, thread.help_request_id)


def _deliver_message(words: Words) -> None:
    """It gets the next number under the thread's lock; when it was written stays."""
    thread, row = words.conversation, words.row
    writer = thread.helper if words.sender_id == thread.helper_id else thread.requester
    reader = thread.other(writer)
    unread = f"{thread.side_of(reader)}_unread"
    at = Greatest(Now(), F("last_message_at"))
    moved = {"last_sequence": F("last_sequence") + 1, "last_message_at": at, unread: F(unread) + 1}
    Conversation.objects.filter(pk=thread.pk).update(**moved, updated_at=Now())
    thread.refresh_from_db(fields=["last_sequence", "last_message_at"])
    number, moment = thread.last_sequence, thread.last_message_at
    Message.objects.filter(pk=row.pk).update(sequence=number, moderation="", released_at=moment, updated_at=Now())
    keep(find_any(row.pk), Deed.MODERATED)
    _tell(words, Said(row.pk, number, words.sent_at), writer, reader)


def _tell(words: Words, said: Said, writer: Member, reader: Member) -> None:
    thread = words.conversation
    if words.type == Type.THANKS:
        notifications.record("thanked", about=thread, to=reader, actor=writer, message=said.id)
    else:
        talking.tell_received(thread.pk, said, writer, reader)

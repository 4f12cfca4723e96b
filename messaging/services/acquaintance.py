"""Who two people are to each other: blocked, known from help given, talking already."""

from uuid import UUID

import notifications.preferences as preferences
from carecollective.errors import NotFound, NotPermitted, NotValid
from members.models import Block, Member
from messaging.models import Conversation, Happening, Kind, Message
from messaging.models.conversation import NOT_WRITABLE
from messaging.models.holding import WITH_YOURSELF
from messaging.models.writing import Opening
from notifications.models import ReceiveFrom

NOT_REACHABLE = "This member does not take messages from you."


def must_be_reachable(writer: Member, recipient_id: UUID) -> None:
    """A block reads like an account that is gone; a wish of theirs reads like a wish."""
    if recipient_id == writer.pk:
        raise NotValid(WITH_YOURSELF)
    recipient = Member.objects.approved().filter(pk=recipient_id).first()
    if recipient is None or Block.objects.between(writer.pk, recipient_id).exists():
        raise NotFound()
    wish = preferences.of(recipient).can_receive_from
    if wish == ReceiveFrom.ANYONE or (wish == ReceiveFrom.HELP_CONNECTIONS and have_helped(writer, recipient)):
        return
    raise NotPermitted(NOT_REACHABLE)


def must_not_be_blocked(conversation: Conversation) -> None:
    """Nor gone: both read alike."""
    if are_apart(conversation.requester_id, conversation.helper_id):
        raise NotPermitted(NOT_WRITABLE)


def are_apart(one_id: UUID, other_id: UUID) -> bool:
    """By a block, or because one of them is gone."""
    are_here = Member.objects.approved().filter(pk__in=[one_id, other_id]).count() == 2
    return not are_here or Block.objects.between(one_id, other_id).exists()


def can_talk(conversation: Conversation) -> bool:
    """The same as a question, so that a page offers nothing a verb would refuse."""
    try:
        conversation.must_be_writable()
        must_not_be_blocked(conversation)
    except NotPermitted:
        return False
    return True


def are_blocked(conversation: Conversation) -> bool:
    return Block.objects.between(conversation.requester_id, conversation.helper_id).exists()


def have_helped(one: Member, other: Member) -> bool:
    """An offer between them was accepted at some time, whatever became of it."""
    between = Conversation.objects.filter(requester=one, helper=other) | Conversation.objects.filter(
        requester=other, helper=one
    )
    return Message.objects.filter(conversation__in=between, happening=Happening.ACCEPTED).exists()


def conversation_of(opening: Opening) -> UUID | None:
    """The one that stands where this opening wanted to."""
    rows = Conversation.objects.filter(help_request=opening.request_id, helper=opening.helper_id)
    if opening.request_id is None:
        pair = [opening.requester_id, opening.helper_id]
        rows = Conversation.objects.filter(kind=Kind.DIRECT, requester__in=pair, helper__in=pair)
    return rows.values_list("pk", flat=True).first()

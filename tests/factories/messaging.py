"""Conversations as people make them: through the verbs."""

from typing import Any
from uuid import UUID

from carecollective.database import new_id
from features import flag
from help_requests.models import HelpRequest
from members.models import Member
from messaging.models import Conversation, Message, Type
from messaging.models.sealing import message_place, opening_place, put_away
from messaging.models.writing import Line, Opening, open_conversation
from messaging.models.writing import say as write
from messaging.services import deciding, offering, talking
from tests.factories.help_requests import HelpRequestFactory

WORDS = "Hi Ana. I shop at the market on Tuesdays after 5 PM. I can drop your bags on the porch."


def offer(helper: Member, request: HelpRequest, text: str = WORDS, **more: Any) -> Conversation:
    return Conversation.objects.get(pk=offering.offer_help(helper, request.pk, text, **more).id)


def offer_to(asker: Member, helper: Member, **more: Any) -> Conversation:
    """An offer on a new request of this asker."""
    return offer(helper, HelpRequestFactory(requester=asker), **more)


def accepted(asker: Member, helper: Member) -> Conversation:
    made = offer_to(asker, helper)
    return deciding.accept_offer(asker, made.pk)


def say(sender: Member, conversation: Conversation, text: str = "Tuesday is fine.", **more: Any) -> UUID:
    return talking.send_message(sender, conversation.pk, text, **more).id


def held_message(sender: Member, conversation: Conversation, text: str = "We hold this one.", **more: Any) -> Message:
    """Words that wait for somebody of our team."""
    identifier = new_id()
    kind = more.pop("type", Type.STANDARD)
    words = put_away(text, message_place(conversation.pk, identifier), kind, is_personal=more.pop("is_personal", False))
    write(conversation, Line(sender.pk, words, kind, is_held=True, id=identifier, **more))
    return Message.objects.get(pk=identifier)


def held_offer(helper: Member, request: HelpRequest, text: str = WORDS) -> Conversation:
    identifier = new_id()
    words = put_away(text, opening_place(identifier))
    opening = Opening(
        identifier, request.requester_id, helper.pk, request.pk, words, is_held=True, version=flag.way_of(helper.pk)
    )
    assert open_conversation(opening)
    return Conversation.objects.get(pk=identifier)

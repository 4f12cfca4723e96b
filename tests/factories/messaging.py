"""Conversations as people make them: through the verbs."""

from typing import Any
from uuid import UUID

from help_requests.models import HelpRequest
from members.models import Member
from messaging.models import Conversation
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

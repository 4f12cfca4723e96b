"""Conversations of the earlier system, as they stood in its tables."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import now

from features import flag
from features.models import Flag, FlagChange
from features.states import FLAG
from help_requests.models import HelpRequest
from legacy.models import EarlierConversation, EarlierMessage, EarlierParticipant
from members.models import Member
from messaging.models import Conversation

WORDS = "Hello, I could drive your father on Friday."


def empty(helper: Member, request: HelpRequest | None, *others: Member, **more: Any) -> EarlierConversation:
    """What the earlier system left behind whenever somebody offered: a conversation, its people, and no word."""
    request_id = request.pk if request else None
    made = EarlierConversation.objects.create(help_request_id=request_id, created_by=helper.pk, **more)
    asker = [request.requester] if request else []
    for person in (helper, *asker, *others):
        EarlierParticipant.objects.create(conversation=made, user_id=person.pk)
    return made


def add(sender: Member | None, thread: EarlierConversation, words: str = WORDS, **more: Any) -> EarlierMessage:
    """Written by the earlier system itself."""
    told = {"sender_id": sender.pk if sender else None, "help_request_id": thread.help_request_id}
    return EarlierMessage.objects.create(conversation=thread, content=words, **told | more)


def earlier(
    helper: Member, request: HelpRequest, *said: tuple[Member, str], at: datetime | None = None
) -> Conversation:
    """One with words in it, a minute between any two; as our rooms read it."""
    begun = at or now() - timedelta(days=2)
    made = empty(helper, request, created_at=begun)
    for number, (sender, words) in enumerate(said or [(helper, WORDS)]):
        add(sender, made, words, created_at=begun + timedelta(minutes=number))
    return Conversation.objects.get(pk=made.pk)


def on_for(**how_long: float) -> None:
    """messaging_v2 has been on for everybody that long."""
    Flag.objects.filter(name=FLAG).update(state="on", exposed_since=now() - timedelta(**how_long))
    FlagChange.objects.create(
        from_state="percentage:50", to_state="on", source="switch", by="Opal", why="All is well.",
        at=now() - timedelta(**how_long),
    )  # fmt: skip
    flag.forget()

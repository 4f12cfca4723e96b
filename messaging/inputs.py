"""What the API takes about conversations."""

from typing import Any

from rest_framework import serializers

from carecollective.api import AnyId, Count, Input, KeyInput, Option, PageInput, Text
from messaging.models import words
from messaging.reads import MOST_MESSAGES
from messaging.services.deciding import DECLINE, KEEP

OPENING_WORDS = {
    "empty": "Initial message must be at least 10 characters long",
    "too_short": "Initial message must be at least {least} characters long",
    "too_long": "Initial message cannot exceed {most} characters",
}
MESSAGE_WORDS = {
    "empty": "Message content cannot be empty",
    "too_long": "Message cannot exceed {most} characters",
}
FARTHEST = 2**31 - 2


class Opening(Text):
    def __init__(self, **options: Any):
        super().__init__(least=words.OPENING_LEAST, most=words.TEXT_MOST, error_messages=OPENING_WORDS, **options)


class Content(Text):
    def __init__(self, **options: Any):
        super().__init__(least=1, most=words.TEXT_MOST, error_messages=MESSAGE_WORDS, **options)


class StartInput(KeyInput):
    initial_message = Opening()


class DirectInput(StartInput):
    recipient_id = AnyId()


class SendInput(KeyInput):
    content = Content()
    type = Option([chosen.value for chosen in words.CHOSEN], default=words.Type.STANDARD.value)


class EditInput(Input):
    content = Content()


class AcceptInput(Input):
    others = Option([KEEP, DECLINE], default=KEEP)


class DeclineInput(Input):
    note = Text(most=words.TEXT_MOST, default="")


class PositionInput(Input):
    sequence = Count(least=1, most=FARTHEST)


class InboxInput(PageInput):
    """`page` for those who count pages; a cursor stays right while messages arrive."""

    page = Count(least=1, most=10_000, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("cursor") and "page" in attrs:
            raise serializers.ValidationError({"page": ["Please send page or cursor, not both."]})
        return attrs


class SliceInput(Input):
    limit = Count(least=1, most=MOST_MESSAGES, default=50)
    before = Count(least=1, most=FARTHEST, required=False)
    after = Count(least=0, most=FARTHEST, required=False)

"""What the API says about conversations and messages, as its description has it; `reads_sql` makes it."""

from typing import Any

from rest_framework import serializers

from help_requests.models import Status as RequestStatus
from help_requests.outputs import Person
from messaging.models import Happening, Kind, Moderation, OfferState, Status, Type
from messaging.models.words import Caution
from screening.words import WARNINGS, Category

MODERATED = "held and refused: only its writer sees it. hidden: a moderator took the words away."
HIDDEN = "null where either of the two hides what they have read."


class AboutRequest(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    category = serializers.CharField()
    status = serializers.ChoiceField(RequestStatus.values)


class MessageOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="The opening message has the id of its conversation.")
    conversation_id = serializers.UUIDField()
    sender_id = serializers.UUIDField(allow_null=True, help_text="null where the site itself says what happened.")
    sequence = serializers.IntegerField(
        allow_null=True, help_text="1 is the opening message; without a gap. null while only its writer sees it."
    )
    is_opening = serializers.BooleanField()
    type = serializers.ChoiceField(Type.values)
    happening = serializers.ChoiceField(Happening.values, allow_null=True, help_text="For type system.")
    content = serializers.CharField(help_text="Empty once it was deleted or hidden.")
    encrypted = serializers.BooleanField(help_text="Encrypted at rest.")
    client_id = serializers.CharField(allow_null=True, help_text="Of your own messages.")
    moderation = serializers.ChoiceField(Moderation.values, allow_null=True, help_text=MODERATED)
    caution = serializers.ChoiceField(
        ["", *Caution.values], help_text="money: our pages tell the reader. fine: the reader said that it is fine."
    )
    edited_at = serializers.DateTimeField(allow_null=True)
    deleted_at = serializers.DateTimeField(allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True, help_text="Delivered then, after it had been checked.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ConversationOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    version = serializers.ChoiceField([1, 2])
    kind = serializers.ChoiceField(Kind.values)
    help_request_id = serializers.UUIDField(allow_null=True, help_text="null for a direct conversation.")
    requester_id = serializers.UUIDField()
    helper_id = serializers.UUIDField()
    initial_message = serializers.CharField(help_text="Empty once it was deleted or hidden.")
    status = serializers.ChoiceField(Status.values, help_text="Can we talk?")
    opening_moderation = serializers.ChoiceField(Moderation.values, allow_null=True, help_text=MODERATED)
    offer_state = serializers.ChoiceField(OfferState.values, allow_null=True, help_text="Are we doing this?")
    can_write = serializers.BooleanField()
    other = Person()
    help_request = AboutRequest(allow_null=True)
    unread_count = serializers.IntegerField()
    last_sequence = serializers.IntegerField()
    last_message_at = serializers.DateTimeField()
    my_read_sequence = serializers.IntegerField()
    their_delivered_sequence = serializers.IntegerField(allow_null=True, help_text=HIDDEN)
    their_read_sequence = serializers.IntegerField(allow_null=True, help_text=HIDDEN)
    offered_at = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    declined_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    expired_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_by_me = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ListedConversation(ConversationOutput):
    last_message = MessageOutput()


class InboxPagination(serializers.Serializer[Any]):
    limit = serializers.IntegerField()
    total = serializers.IntegerField()
    has_more = serializers.BooleanField()
    next_cursor = serializers.CharField(allow_null=True)
    page = serializers.IntegerField(allow_null=True, help_text="null when a cursor was sent.")


class Inbox(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    conversations = ListedConversation(many=True)
    pagination = InboxPagination()


class Offers(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    conversations = ConversationOutput(many=True)
    total = serializers.IntegerField()


class ThreadPagination(serializers.Serializer[Any]):
    limit = serializers.IntegerField()
    has_more = serializers.BooleanField(help_text="Older ones, or newer ones where `after` was sent.")
    first_sequence = serializers.IntegerField(allow_null=True)
    last_sequence = serializers.IntegerField(allow_null=True)
    newest_sequence = serializers.IntegerField(help_text="Of the whole conversation.")


class Messages(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    messages = MessageOutput(many=True)
    pagination = ThreadPagination()


class Thread(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    conversation = ConversationOutput()
    messages = MessageOutput(many=True)
    pagination = ThreadPagination()


class ToldBefore(serializers.Serializer[Any]):
    category = serializers.ChoiceField(Category.values)
    kind = serializers.ChoiceField(list(WARNINGS))
    message = serializers.CharField(help_text="What our pages say before it goes.")


class Started(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    conversation_id = serializers.UUIDField()
    help_request_id = serializers.UUIDField(allow_null=True)
    status = serializers.ChoiceField([Status.ACTIVE.value, Status.HELD.value])
    version = serializers.ChoiceField([1, 2])
    warnings = ToldBefore(many=True, required=False, help_text="It was delivered all the same.")
    message = serializers.CharField()


class Sent(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message_id = serializers.UUIDField()
    conversation_id = serializers.UUIDField()
    status = serializers.ChoiceField(["sent", "held", "refused"], help_text="held: nobody sees it before a check.")
    sequence = serializers.IntegerField(allow_null=True, help_text="null while it is held.")
    created_at = serializers.DateTimeField()
    encrypted = serializers.BooleanField()
    warnings = ToldBefore(many=True, help_text="It was delivered all the same.")
    message = serializers.CharField()


class MovedOffer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
    conversation = ConversationOutput()


class ChangedMessage(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
    item = MessageOutput()


class Positions(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    read_sequence = serializers.IntegerField()
    delivered_sequence = serializers.IntegerField()
    unread_count = serializers.IntegerField()

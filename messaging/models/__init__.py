"""The messaging room's tables."""

from messaging.models.conversation import Conversation
from messaging.models.message import Message, MessageRecord
from messaging.models.plan import Plan
from messaging.models.thanks import Thanks
from messaging.models.words import Deed, Happening, Kind, Moderation, OfferState, Status, Type

__all__ = [
    "Conversation",
    "Deed",
    "Happening",
    "Kind",
    "Message",
    "MessageRecord",
    "Moderation",
    "OfferState",
    "Plan",
    "Status",
    "Thanks",
    "Type",
]

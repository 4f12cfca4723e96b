"""What the legacy room offers the frame."""

from carecollective.ports import EarlierConversations, PersonalData
from legacy import personal
from legacy.invariants import INVARIANTS
from legacy.models.ending import ended

EARLIER_CONVERSATIONS = EarlierConversations("legacy_conversations", "legacy_messages", ended)

PERSONAL_DATA = {"earlier_system": PersonalData(export=personal.left_in_the_earlier_system)}

__all__ = ["EARLIER_CONVERSATIONS", "INVARIANTS", "PERSONAL_DATA"]

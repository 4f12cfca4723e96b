"""What the legacy room offers the frame."""

from carecollective.ports import EarlierConversations, PersonalData
from legacy import personal
from legacy.invariants import INVARIANTS

EARLIER_CONVERSATIONS = EarlierConversations(conversations="legacy_conversations", messages="legacy_messages")

PERSONAL_DATA = {"earlier_system": PersonalData(export=personal.left_in_the_earlier_system)}

__all__ = ["EARLIER_CONVERSATIONS", "INVARIANTS", "PERSONAL_DATA"]

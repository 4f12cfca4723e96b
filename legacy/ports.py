"""What the legacy room offers the frame."""

from carecollective.ports import EarlierConversations, PersonalData
from legacy import personal
from legacy.invariants import invariants
from legacy.models.ending import ended, taken_down

EARLIER_CONVERSATIONS = EarlierConversations("legacy_conversations", "legacy_messages", ended)

PERSONAL_DATA = {"earlier_system": PersonalData(export=personal.left_in_the_earlier_system)}

INVARIANTS = invariants

TAKEN_DOWN = taken_down

__all__ = ["EARLIER_CONVERSATIONS", "INVARIANTS", "PERSONAL_DATA", "TAKEN_DOWN"]

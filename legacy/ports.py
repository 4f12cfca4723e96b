"""What the legacy room offers the frame."""

from carecollective.ports import EarlierConversations, PersonalData
from legacy import letters, personal
from legacy.invariants import INVARIANTS

EARLIER_CONVERSATIONS = EarlierConversations(conversations="legacy_conversations", messages="legacy_messages")

LETTERS = {"new_home": letters.new_home}

PERSONAL_DATA = {"earlier_system": PersonalData(export=personal.left_in_the_earlier_system)}

__all__ = ["EARLIER_CONVERSATIONS", "INVARIANTS", "LETTERS", "PERSONAL_DATA"]

"""What the legacy room offers the frame."""

from carecollective.ports import EarlierConversations
from legacy.invariants import INVARIANTS

EARLIER_CONVERSATIONS = EarlierConversations(conversations="legacy_conversations", messages="legacy_messages")

__all__ = ["EARLIER_CONVERSATIONS", "INVARIANTS"]

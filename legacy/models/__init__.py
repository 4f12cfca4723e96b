"""The legacy room's tables: those of the earlier system, and the side tables our rooms read them by."""

from legacy.models.earlier import EarlierConversation, EarlierMessage, EarlierParticipant
from legacy.models.side import SideConversation, SideMessage

__all__ = ["EarlierConversation", "EarlierMessage", "EarlierParticipant", "SideConversation", "SideMessage"]

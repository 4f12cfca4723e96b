"""The legacy room's tables: those of the earlier system, and the side tables our rooms read them by."""

from legacy.models.backfill import Census, Move, Outcome, Run, RunState, SettledAs
from legacy.models.earlier import EarlierConversation, EarlierMessage, EarlierParticipant
from legacy.models.ending import Ending
from legacy.models.newcomer import Newcomer
from legacy.models.side import SideConversation, SideMessage

__all__ = [
    "Census",
    "EarlierConversation",
    "EarlierMessage",
    "EarlierParticipant",
    "Ending",
    "Move",
    "Newcomer",
    "Outcome",
    "Run",
    "RunState",
    "SettledAs",
    "SideConversation",
    "SideMessage",
]

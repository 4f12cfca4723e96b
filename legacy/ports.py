"""What the legacy room offers the frame."""

from carecollective.desk import OP, A
from carecollective.ports import DeskPage, EarlierConversations, PersonalData
from legacy import personal
from legacy.invariants import INVARIANTS

EARLIER_CONVERSATIONS = EarlierConversations(conversations="legacy_conversations", messages="legacy_messages")

PERSONAL_DATA = {"earlier_system": PersonalData(export=personal.left_in_the_earlier_system)}

DESK_PAGES = [DeskPage("V1 into V2", "legacy_run_changelist", (OP, A))]

__all__ = ["DESK_PAGES", "EARLIER_CONVERSATIONS", "INVARIANTS", "PERSONAL_DATA"]

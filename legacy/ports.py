"""What the legacy room offers the frame."""

from carecollective.desk import OP, A
from carecollective.ports import DeskPage, EarlierConversations, PersonalData
from legacy import letters, personal
from legacy.invariants import invariants
from legacy.models.ending import ended, taken_down

EARLIER_CONVERSATIONS = EarlierConversations("legacy_conversations", "legacy_messages", ended)

LETTERS = {"new_home": letters.new_home}

PERSONAL_DATA = {"earlier_system": PersonalData(export=personal.left_in_the_earlier_system)}

DESK_PAGES = [DeskPage("V1 into V2", "legacy_run_changelist", (OP, A))]

INVARIANTS = invariants

TAKEN_DOWN = taken_down

__all__ = ["DESK_PAGES", "EARLIER_CONVERSATIONS", "INVARIANTS", "LETTERS", "PERSONAL_DATA", "TAKEN_DOWN"]

"""The moderation room's tables."""

from moderation.models.appeal import Appeal
from moderation.models.case import Case
from moderation.models.decision import Decision
from moderation.models.find import Find
from moderation.models.phrase import Phrase
from moderation.models.question import Question
from moderation.models.report import Report
from moderation.models.words import (
    Action,
    CaseState,
    Kind,
    Outcome,
    Reason,
    Side,
    Source,
    Standing,
    State,
    Status,
    Subject,
)

__all__ = [
    "Action",
    "Appeal",
    "Case",
    "CaseState",
    "Decision",
    "Find",
    "Kind",
    "Outcome",
    "Phrase",
    "Question",
    "Reason",
    "Report",
    "Side",
    "Source",
    "Standing",
    "State",
    "Status",
    "Subject",
]

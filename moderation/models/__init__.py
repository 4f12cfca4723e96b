"""The moderation room's tables."""

from moderation.models.question import Question
from moderation.models.report import Report
from moderation.models.words import Kind, Reason, Status

__all__ = ["Kind", "Question", "Reason", "Report", "Status"]

"""What moderators see and do at the desk."""

from moderation.admin import cases, community, decisions, phrases, questions, restrictions

__all__ = ["cases", "community", "decisions", "phrases", "questions", "restrictions"]

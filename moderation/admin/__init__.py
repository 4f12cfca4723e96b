"""What moderators see and do at the desk."""

from moderation.admin import cases, decisions, phrases, questions, restrictions

__all__ = ["cases", "decisions", "phrases", "questions", "restrictions"]

"""The lists of what a member reported, and of what they asked."""

from carecollective import keyset
from carecollective.keyset import NEWEST_FIRST, Page
from members.models import Member
from moderation.models import Question, Report

SHOWN = ("id", "number", "target_kind", "target_id", "reason", "status", "created_at")


def mine(member: Member, limit: int, cursor: str = "") -> Page[Report]:
    return keyset.page(Report.objects.made_by(member).only(*SHOWN), NEWEST_FIRST, limit, cursor)


def questions_of(member: Member, limit: int, cursor: str = "") -> Page[Question]:
    return keyset.page(Question.objects.visible_to(member), NEWEST_FIRST, limit, cursor)

"""The list of what a member reported."""

from carecollective import keyset
from carecollective.keyset import NEWEST_FIRST, Page
from members.models import Member
from moderation.models import Report

SHOWN = ("id", "number", "target_kind", "target_id", "reason", "status", "created_at")


def mine(member: Member, limit: int, cursor: str = "") -> Page[Report]:
    return keyset.page(Report.objects.made_by(member).only(*SHOWN), NEWEST_FIRST, limit, cursor)

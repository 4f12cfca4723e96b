"""The lists of what a member reported, and of what they asked."""

from typing import Any
from uuid import UUID

from carecollective import keyset
from carecollective.keyset import NEWEST_FIRST, Page
from carecollective.ports import DecisionLink
from members.models import Member
from moderation.models import Decision, Question, Report

SHOWN = ("id", "target_kind", "target_id", "reason", "status", "created_at")


def mine(member: Member, limit: int, cursor: str = "") -> Page[Report]:
    return keyset.page(
        Report.objects.made_by(member).select_related("case").only(*SHOWN, "case__number"), NEWEST_FIRST, limit, cursor
    )


def questions_of(member: Member, limit: int, cursor: str = "") -> Page[Question]:
    return keyset.page(Question.objects.visible_to(member), NEWEST_FIRST, limit, cursor)


def decisions_about(kind: str, ids: list[UUID]) -> dict[UUID, DecisionLink]:
    """For the writer of something that was hidden or never delivered: where they read why."""
    made = Decision.objects.upheld().filter(case__target_kind=kind, case__target_id__in=ids).select_related("case")
    return {each.case.target_id: DecisionLink(f"/decisions/{each.pk}/", each.rule) for each in made}


def reports_in_full(member: Member) -> list[dict[str, Any]]:
    """For their download: what they told us. What it was about is somebody else's, so its words stay with us."""
    return [
        {name: getattr(row, name) for name in SHOWN} | {"number": row.case.number, "description": row.clear_description}
        for row in Report.objects.made_by(member).select_related("case").order_by("number")
    ]


def questions_in_full(member: Member) -> list[dict[str, Any]]:
    return [
        {
            "asked_at": row.created_at,
            "question": row.clear_words,
            "answered_at": row.answered_at,
            "answer": row.clear_answer,
        }
        for row in Question.objects.visible_to(member).order_by("created_at", "id")
    ]

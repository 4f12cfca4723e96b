"""What a member reported, what was decided about them, and what they asked: lists, and one thing by its id."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from carecollective import keyset
from carecollective.keyset import NEWEST_FIRST, Key, Page, moment
from carecollective.ports import DecisionLink
from members.models import Block, Member
from members.services import restrictions
from moderation.asked import Asked
from moderation.models import Appeal, Decision, Kind, Question, Report, Side, Standing
from moderation.services.reporting import Complaint
from moderation.told import DecisionTold, ReportTold

SHOWN = ("id", "target_kind", "target_id", "reason", "created_at")
LATEST_FIRST = (Key("decided_at", moment), Key("id", UUID))
# Sealed, and on no list.
LONG = ("description", "evidence")
NEVER_WERE = (Standing.UNDONE, Standing.REFUSED)


def mine(member: Member, limit: int, cursor: str = "") -> Page[Report]:
    return keyset.page(Report.objects.read_back(member).defer(*LONG), NEWEST_FIRST, limit, cursor)


def reports_told(member: Member, rows: Iterable[Report]) -> list[ReportTold]:
    found = list(rows)
    of_case = defaultdict(list)
    appeals = _appeals(member, Side.REPORTER).filter(decision__case__in=[row.case_id for row in found])
    for appeal in appeals if found else ():
        of_case[appeal.decision.case_id].append(Asked(appeal, appeal.opens_again))
    return [ReportTold(row, of_case[row.case_id]) for row in found]


def report_told(member: Member, report_id: UUID) -> ReportTold:
    return reports_told(member, [Report.objects.one_of(member, report_id)])[0]


def report_of(member: Member, kind: Kind, target_id: UUID) -> Report | None:
    """There is one at most."""
    return Report.objects.made_by(member).filter(target_kind=kind, target_id=target_id).first()


def same_report(member: Member, kind: Kind, target_id: UUID, complaint: Complaint) -> UUID | None:
    """The report of this by the same words, with the block where one was asked for: there is nothing left to do."""
    made = report_of(member, kind, target_id)
    if made is None or (made.reason, made.clear_description) != (complaint.reason, complaint.description):
        return None
    blocks = Block.objects.filter(blocker=member, blocked=made.author_id)
    return made.pk if not complaint.also_block or blocks.exists() else None


def decisions_about(member: Member, limit: int, cursor: str = "") -> Page[Decision]:
    return keyset.page(Decision.objects.read_by(member), LATEST_FIRST, limit, cursor)


def decisions_told(member: Member, rows: Iterable[Decision]) -> list[DecisionTold]:
    found = list(rows)
    of_decision = defaultdict(list)
    appeals = _appeals(member, Side.AFFECTED).filter(decision__in=found)
    for appeal in appeals if found else ():
        of_decision[appeal.decision_id].append(Asked(appeal, appeal.opens_again))
    return [DecisionTold(row, member, of_decision[row.pk]) for row in found]


def decision_told(member: Member, decision_id: UUID) -> DecisionTold:
    return decisions_told(member, [Decision.objects.one_about(member, decision_id)])[0]


def has_said(member: Member, decision_id: UUID, words: str) -> bool:
    """Whether this is what they said when they asked for another look at it."""
    appeal = Appeal.objects.by(member, decision_id)
    return appeal is not None and appeal.clear_words == words


def _appeals(member: Member, side: Side) -> Any:
    mine = Appeal.objects.filter(appellant=member, side=side).select_related("decision", "case__decision")
    return mine.with_what_follows().order_by("-created_at", "-pk")


def questions_of(member: Member, limit: int, cursor: str = "") -> Page[Question]:
    return keyset.page(Question.objects.visible_to(member), NEWEST_FIRST, limit, cursor)


def decisions_behind(kind: str, ids: list[UUID]) -> dict[UUID, DecisionLink]:
    """For the writer of something that was hidden or never delivered: where they read why."""
    made = Decision.objects.upheld().filter(case__target_kind=kind, case__target_id__in=ids).select_related("case")
    return {each.case.target_id: DecisionLink(f"/decisions/{each.pk}/", each.rule) for each in made}


def reports_in_full(member: Member) -> list[dict[str, Any]]:
    """For their download: what they told us. What it was about is somebody else's, so its words stay with us."""
    return [
        {name: getattr(told.report, name) for name in SHOWN}
        | {
            "status": told.status,
            "number": told.report.case.number,
            "description": told.report.clear_description,
            "outcome": told.message if told.is_decided else None,
            "asked_again": [_appeal_in_full(asked) for asked in told.asked],
        }
        for told in reports_told(member, Report.objects.read_back(member).order_by("number"))
    ]


def decisions_in_full(member: Member) -> list[dict[str, Any]]:
    """For their download: what was decided about them, in the words they read, and what they said to it."""
    return [
        {
            "id": told.decision.pk,
            "decided_at": told.decision.decided_at,
            "standing": told.state,
            "statement": told.statement.paragraphs,
            "taken_back_because": told.taken_back_because,
            "asked_again": [_appeal_in_full(asked) for asked in told.asked],
        }
        for told in decisions_told(member, Decision.objects.read_by(member).order_by("decided_at", "id"))
    ]


def restrictions_in_full(member: Member) -> list[dict[str, Any]]:
    """For their download: what held for them, and holds."""
    never_were = Decision.objects.filter(affected=member, standing__in=NEVER_WERE)
    return restrictions.export(member, never_were.values("pk"))


def _appeal_in_full(asked: Asked) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in ("created_at", "words", "answer", "answered_at")}


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

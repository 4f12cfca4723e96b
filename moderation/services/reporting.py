"""Reporting something: what the reporter saw is sealed as it stands, before anybody can change it."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from carecollective.errors import AlreadyReported, NotValid
from carecollective.ports import Target, reportable
from members import limits
from members.models import Member
from members.services import blocks
from moderation.models import Kind, Report, Source
from moderation.models.words import SAFETY
from moderation.services import cases

OWN = {
    Kind.MESSAGE: "You cannot report your own message.",
    Kind.CONVERSATION: "You cannot report your own words.",
    Kind.HELP_REQUEST: "You cannot report your own request.",
    Kind.MEMBER: "You cannot report yourself.",
}
ANSWERED = "You reported this before, and we answered. Read our answer under “What you reported”."


@dataclass(frozen=True)
class Complaint:
    """What the reporter says about it, and whether they also want to keep away from whoever it was."""

    reason: str
    description: str = ""
    also_block: bool = False


@transaction.atomic
def report(reporter: Member, kind: Kind, target_id: UUID, complaint: Complaint) -> Report:
    """Once for each thing. Nobody but moderators learns of it; restricted members may do this, too."""
    reporter.must_be_approved()
    target = find(reporter, kind, target_id)
    room = reportable()[kind]
    # What happened first, then the case: the locks of the one come before that of the other.
    row = _sealed(reporter, target, complaint)
    row.case = cases.fold(target, Source.MEMBER, is_safety=complaint.reason in SAFETY)
    made = _put_down(row)
    # After the row, so that one who says it twice hears that, and it does not count.
    limits.take(limits.REPORTS, reporter.pk)
    if room.record:
        room.record(reporter, target)
    if complaint.also_block:
        blocks.block(reporter, target.author_id)
    return made


def find(reporter: Member, kind: Kind, target_id: UUID) -> Target:
    """Something this member may read and somebody else is behind."""
    target = reportable()[kind].find(reporter, target_id)
    if target.author_id == reporter.pk:
        raise NotValid(OWN[kind])
    return target


def _sealed(reporter: Member, target: Target, complaint: Complaint) -> Report:
    row = Report(
        reporter=reporter,
        author_id=target.author_id,
        target_kind=target.kind,
        target_id=target.id,
        conversation_id=target.conversation_id,
        reason=complaint.reason,
    )
    row.clear_description = complaint.description
    row.seal(reportable()[target.kind].evidence(reporter, target))
    return row


def _put_down(row: Report) -> Report:
    """The constraint decides which of many at once it is; the others are told, with nothing failed on the way."""
    Report.objects.bulk_create([row], ignore_conflicts=True)
    made = Report.objects.filter(pk=row.pk).select_related("author", "case").first()
    if made is None:
        raise AlreadyReported(ANSWERED) if _was_answered(row) else AlreadyReported()
    return made


def _was_answered(row: Report) -> bool:
    """Then nobody reads it once more: who is not content asks for another look, at the answer."""
    before = Report.objects.filter(reporter=row.reporter, target_kind=row.target_kind, target_id=row.target_id)
    return before.filter(case__decision__told_at__isnull=False).exists()

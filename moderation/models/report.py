"""What a member told us about something, with sealed evidence of how it stood then."""

from collections.abc import Iterator
from uuid import UUID

from django.db import models
from django.db.models import CheckConstraint, Exists, F, OuterRef, Q, UniqueConstraint
from django.db.models.functions import Now

from carecollective.database import new_id
from carecollective.encryption import SealedText
from carecollective.errors import NotFound
from members.models import Member
from moderation.models.case import Case
from moderation.models.decision import Decision
from moderation.models.evidence import SealedEvidence
from moderation.models.words import IN_CONVERSATIONS, Kind, Reason, Standing, Status


class Reports(models.QuerySet["Report"]):
    def made_by(self, member: Member) -> "Reports":
        return self.filter(reporter=member)

    def one_of(self, member: Member, report_id: UUID) -> "Report":
        found = self.read_back(member).filter(pk=report_id).first()
        if found is None:
            raise NotFound()
        return found

    def read_back(self, member: Member) -> "Reports":
        """With all that tells the reporter what became of it."""
        before = Decision.objects.filter(case=OuterRef("case"), standing=Standing.OVERTURNED, told_at__isnull=False)
        rows = self.made_by(member).select_related("author", "case__decision__overturned_by")
        return rows.annotate(was_decided_before=Exists(before))


def _rules() -> Iterator[tuple[str, Q]]:
    yield "kind_known", Q(target_kind__in=Kind.values)
    yield "reason_known", Q(reason__in=Reason.values)
    yield "status_known", Q(status__in=Status.values)
    yield "are_about_somebody_else", ~Q(reporter=F("author"))
    yield "are_sealed", ~Q(description_key_id="") & ~Q(evidence_key_id="")
    yield (
        "place_agrees",
        Q(target_kind__in=IN_CONVERSATIONS, conversation_id__isnull=False)
        | (~Q(target_kind__in=IN_CONVERSATIONS) & Q(conversation_id__isnull=True)),
    )


class Report(SealedEvidence):
    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # In the order they came. The database counts; a migration makes it so, because the ORM counts only in keys.
    number = models.BigIntegerField(editable=False, db_default=0)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    # Both are found through the indexes below.
    reporter = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="reports_made", db_index=False)
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="reports_received", db_index=False)
    target_kind = models.CharField(max_length=12, choices=Kind.choices)
    # No foreign keys: nothing anybody does to what was reported can touch the report.
    target_id = models.UUIDField()
    conversation_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=13, choices=Reason.choices)
    description = models.TextField()
    description_key_id = models.CharField(max_length=32)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.PENDING, db_default=Status.PENDING)
    created_at = models.DateTimeField(db_default=Now())

    clear_description = SealedText("description", key_column="description_key_id")

    objects = Reports.as_manager()

    class Meta:
        db_table = "message_reports"
        constraints = [
            UniqueConstraint(name="unique_report", fields=["reporter", "target_kind", "target_id"]),
            UniqueConstraint(name="unique_report_number", fields=["number"]),
            *(CheckConstraint(name=f"message_reports_{name}", condition=rule) for name, rule in _rules()),
        ]
        indexes = [
            models.Index(name="message_reports_by_reporter", fields=["reporter", "-created_at", "-id"]),
            models.Index(name="message_reports_by_author", fields=["author", "-created_at"]),
        ]

    def __str__(self) -> str:
        return f"report {self.number}"

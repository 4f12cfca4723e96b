"""Every change of who may come in: from what, to what, by whom, why."""

from django.db import models
from django.db.models.functions import Now

from carecollective.database import new_id
from members.models.member import Member, VerificationStatus


class VerificationChange(models.Model):
    site_rights = ("SELECT", "INSERT")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="verification_changes")
    from_status = models.CharField(max_length=10, choices=VerificationStatus.choices)
    to_status = models.CharField(max_length=10, choices=VerificationStatus.choices)
    decided_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    # What the person reads; empty for an approval.
    reason = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "verification_status_changes"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="verification_changes_go_the_allowed_way",
                condition=models.Q(from_status="pending", to_status__in=["approved", "rejected"])
                | models.Q(from_status="rejected", to_status="pending")
                | models.Q(from_status="approved", to_status="rejected"),
            ),
            models.CheckConstraint(
                name="verification_rejection_has_a_reason",
                condition=~models.Q(to_status="rejected") | ~models.Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_status} to {self.to_status}"

"""What staff and the system did: rows that are only ever added, each sealed to the one before it."""

from django.db import models
from django.db.models.functions import Length, Now
from django.db.models.lookups import LessThanOrEqual

REASON_MOST = 300


class AuditEntry(models.Model):
    """The database fills sequence, moment and digests by trigger, whatever is sent."""

    site_rights = ("SELECT", "INSERT")

    sequence = models.BigIntegerField(primary_key=True, db_default=0, editable=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    # No foreign keys: these rows outlive the accounts and things they are about.
    actor = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=20)
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64)
    case_id = models.UUIDField(null=True)
    reason = models.TextField(max_length=REASON_MOST)
    details = models.JSONField()
    previous_digest = models.CharField(max_length=64, db_default="", editable=False)
    digest = models.CharField(max_length=64, db_default="", editable=False)

    class Meta:
        db_table = "audit_log"
        ordering = ["-sequence"]
        verbose_name = "audit entry"
        verbose_name_plural = "audit log"
        constraints = [
            models.CheckConstraint(
                name="audit_reason_is_short", condition=LessThanOrEqual(Length("reason"), REASON_MOST)
            ),
        ]
        indexes = [
            models.Index(name="audit_log_by_subject", fields=["subject_kind", "subject_id", "sequence"]),
            models.Index(name="audit_log_by_actor", fields=["actor", "sequence"]),
            models.Index(
                name="audit_log_by_case", fields=["case_id", "sequence"], condition=models.Q(case_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"


class AuditHead(models.Model):
    """The end of the chain, so a log that lost its last rows is found out; also the lock that orders writers."""

    site_rights = ()

    id = models.SmallIntegerField(primary_key=True, db_default=1)
    last_sequence = models.BigIntegerField(db_default=0)
    last_digest = models.CharField(max_length=64, db_default="")

    class Meta:
        db_table = "audit_head"
        constraints = [models.CheckConstraint(name="audit_head_is_one_row", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return str(self.last_sequence)

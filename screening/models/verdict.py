"""What screening said about each text, by which rules; nothing of the text itself."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q
from django.db.models.functions import Now

from screening.words import Outcome


class KeptVerdict(models.Model):
    """Findings hold rule, version, state and places: places say where to look, and nothing of what stands there."""

    site_rights = ("SELECT", "INSERT")

    kind = models.CharField(max_length=20)
    # No foreign key: whatever becomes of the text, what was said about it stays.
    target_id = models.UUIDField()
    # Which writing of it: 1 as it was sent, then one more with each edit; nothing where texts are not edited.
    text_version = models.PositiveIntegerField(null=True)
    outcome = models.CharField(max_length=6, choices=Outcome.choices)
    categories = ArrayField(models.CharField(max_length=14))
    confidence = models.FloatField()
    findings = models.JSONField()
    ruleset = models.CharField(max_length=16)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "screening_verdicts"
        ordering = ["-id"]
        constraints = [
            CheckConstraint(name="screening_verdicts_outcome_known", condition=Q(outcome__in=Outcome.values))
        ]
        indexes = [
            models.Index(name="screening_verdicts_by_target", fields=["target_id", "-id"]),
            # Most texts hold nothing, so what rules found lately is a short list.
            models.Index(name="screening_verdicts_found", fields=["at"], condition=~Q(findings=[])),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}"

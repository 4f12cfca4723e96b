"""What a rule found in somebody's words."""

from django.db import models
from django.db.models import CheckConstraint, Q
from django.db.models.functions import Now

from carecollective.database import new_id
from moderation.models.case import Case
from moderation.models.evidence import SealedEvidence


class Find(SealedEvidence):
    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="finds")
    # Known words of the screening room.
    categories = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "moderation_finds"
        constraints = [CheckConstraint(name="moderation_finds_are_sealed", condition=~Q(evidence_key_id=""))]

    def __str__(self) -> str:
        return f"find {self.pk}"

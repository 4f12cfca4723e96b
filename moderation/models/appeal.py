"""Somebody asks for another look at a decision: the person it is about, or whoever reported it."""

from uuid import UUID

from django.db import models
from django.db.models import CheckConstraint, Exists, OuterRef, Q, UniqueConstraint
from django.db.models.functions import Now

from carecollective.database import new_id
from carecollective.encryption import SealedText
from members.models import Member
from moderation.models.case import Case
from moderation.models.decision import Decision
from moderation.models.words import Side


class Appeals(models.QuerySet["Appeal"]):
    def by(self, member: Member, decision_id: UUID) -> "Appeal | None":
        return self.select_related("case__decision").filter(appellant=member, decision_id=decision_id).first()

    def with_what_follows(self) -> "Appeals":
        """Where whoever reported it asks as well, what is taken back is decided anew."""
        reporters = Appeal.objects.filter(case=OuterRef("case"), side=Side.REPORTER)
        return self.annotate(opens_again=Exists(reporters))


class Appeal(models.Model):
    """Once for each person and decision; its own case, which somebody else decides."""

    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="appeals", db_index=False)
    appellant = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="appeals", db_index=False)
    side = models.CharField(max_length=8, choices=Side.choices)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="appeals")
    words = models.TextField()
    words_key_id = models.CharField(max_length=32)
    created_at = models.DateTimeField(db_default=Now())

    # Asked together with the row (Appeals.with_what_follows).
    opens_again: bool

    clear_words = SealedText("words", key_column="words_key_id")

    objects = Appeals.as_manager()

    class Meta:
        db_table = "appeals"
        constraints = [
            UniqueConstraint(name="unique_appeal", fields=["decision", "appellant"]),
            CheckConstraint(name="appeals_side_known", condition=Q(side__in=Side.values)),
            CheckConstraint(name="appeals_are_sealed", condition=~Q(words_key_id="")),
        ]
        indexes = [models.Index(name="appeals_by_appellant", fields=["appellant", "-created_at"])]

    def __str__(self) -> str:
        return f"appeal {self.pk}"

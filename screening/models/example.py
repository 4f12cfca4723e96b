"""Texts a moderator has decided about, sealed: what rules are tried on before they go on."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Now

from carecollective.database import new_id
from carecollective.encryption import SealedText
from screening.words import Category


class Example(models.Model):
    """One per case and category; a decision that is changed later changes it, too."""

    site_rights = ("SELECT", "INSERT", "UPDATE", "DELETE")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case_id = models.UUIDField()
    category = models.CharField(max_length=14, choices=Category.choices)
    # What the verdict was about, where there was one.
    target_id = models.UUIDField(null=True)
    is_breach = models.BooleanField()
    text = models.TextField()
    key_id = models.CharField(max_length=32)
    decided_at = models.DateTimeField(db_default=Now())

    clear_text = SealedText("text")

    class Meta:
        db_table = "screening_examples"
        constraints = [
            UniqueConstraint(name="one_screening_example_per_case_and_category", fields=["case_id", "category"]),
            CheckConstraint(name="screening_examples_category_known", condition=Q(category__in=Category.values)),
            CheckConstraint(name="screening_examples_are_sealed", condition=~Q(key_id="")),
        ]
        indexes = [
            models.Index(name="screening_examples_newest", fields=["-decided_at", "-id"]),
            models.Index(
                name="screening_examples_by_target", fields=["target_id"], condition=Q(target_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} {'broken' if self.is_breach else 'fine'}"

"""Who came over from the original, and whether they have been sent a way in."""

from django.db import models
from django.db.models.functions import Now


class Newcomer(models.Model):
    """By the id of the member, which is the one they had there."""

    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True)
    came_at = models.DateTimeField(db_default=Now())
    invited_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "legacy_newcomers"
        indexes = [
            models.Index(name="legacy_newcomers_to_invite", fields=["id"], condition=models.Q(invited_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.pk} came over"

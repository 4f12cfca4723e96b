"""The frame's own table: one proof per encryption key that it is still the same key."""

from django.db import models
from django.db.models.functions import Now

from carecollective.encryption import SealedText


class KeyCanary(models.Model):
    """A known text, sealed when the key was first used; whoever cannot open it has another key."""

    site_rights = ("SELECT", "INSERT")

    key_id = models.CharField(primary_key=True, max_length=32)
    text = models.TextField()
    first_used_at = models.DateTimeField(db_default=Now())

    known_text = SealedText("text")

    class Meta:
        db_table = "key_canaries"

    def __str__(self) -> str:
        return self.key_id

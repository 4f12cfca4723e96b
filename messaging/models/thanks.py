"""One thank-you for each request that is done; its words are a message of the thread."""

from django.db import models
from django.db.models.functions import Now

from carecollective.database import new_id
from help_requests.models import HelpRequest
from messaging.models.message import Message


class Thanks(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    help_request = models.OneToOneField(HelpRequest, on_delete=models.PROTECT, related_name="thanks")
    # Of either version, which no foreign key could say: a trigger looks (0009).
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="thanks", db_constraint=False)
    # The asker's wish: shown without names where the community reads how it is doing.
    may_be_shown = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "thanks"
        verbose_name_plural = "thanks"

    def __str__(self) -> str:
        return f"thanks {self.pk}"

"""Every attempt to start a conversation or to send a message, and how it ended."""

from django.db import models
from django.db.models.functions import Now


class Kind(models.TextChoices):
    START = "start_conversation", "Start a conversation"
    SEND = "send_message", "Send a message"


class Attempt(models.Model):
    """What was tried and what came of it; never what anybody wrote. Rates of success come from here."""

    site_rights = ("SELECT", "INSERT")

    at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=20, choices=Kind.choices)
    # 1 or 2; nothing where the attempt ended before it was known which way it would go.
    version = models.SmallIntegerField(null=True)
    endpoint = models.CharField(max_length=100, blank=True)
    # `success`, `replayed` (the same key again), or the code of a refusal.
    code = models.CharField(max_length=40)
    milliseconds = models.IntegerField(null=True)
    flag_state = models.CharField(max_length=40, blank=True, default="")
    # No foreign keys: these rows outlive the accounts and conversations they are about.
    member_id = models.UUIDField(null=True)
    conversation_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "attempts"
        constraints = [
            models.CheckConstraint(name="attempts_kind_is_known", condition=models.Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="attempts_version_is_known",
                condition=models.Q(version__isnull=True) | models.Q(version__in=(1, 2)),
            ),
        ]
        # Serves the last minutes of a kind and its last attempts; one index, because each costs every message.
        indexes = [models.Index(name="attempts_by_kind", fields=["kind", "at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"

"""The three tables of the earlier system (V1), in the shapes they had there."""

# People and requests are ids and no foreign keys: what was brought over may point at somebody who is gone.

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

PROTECTED = "[protected]"


class Status(models.TextChoices):
    ACTIVE = "active"
    CLOSED = "closed"
    BLOCKED = "blocked"


class Type(models.TextChoices):
    TEXT = "text"
    SYSTEM = "system"
    UPDATE = "help_request_update"


class Delivery(models.TextChoices):
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class Verdict(models.TextChoices):
    PENDING = "pending"
    APPROVED = "approved"
    HIDDEN = "hidden"
    REMOVED = "removed"


def _known(column: str, choices: type[models.TextChoices], table: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{table}_{column}_known", condition=models.Q(**{f"{column}__in": choices.values})
    )


class EarlierConversation(models.Model):
    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    help_request_id = models.UUIDField(null=True)
    # Who offered; whoever asked owns the request.
    created_by = models.UUIDField(null=True)
    title = models.TextField(null=True)
    status = models.CharField(max_length=10, choices=Status.choices, db_default=Status.ACTIVE)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    last_message_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "conversations"
        constraints = [_known("status", Status, "conversations")]
        indexes = [
            models.Index(name="v1_conversations_of_request", fields=["help_request_id"]),
            models.Index(name="v1_conversations_in_order", fields=["created_at", "id"]),
        ]

    def __str__(self) -> str:
        return f"earlier conversation {self.pk}"


class EarlierParticipant(models.Model):
    site_rights = ("SELECT", "INSERT", "UPDATE")

    pk = models.CompositePrimaryKey("conversation_id", "user_id")
    conversation = models.ForeignKey(
        EarlierConversation, on_delete=models.PROTECT, related_name="participants", db_index=False
    )
    user_id = models.UUIDField()
    joined_at = models.DateTimeField(db_default=Now())
    left_at = models.DateTimeField(null=True)
    role = models.CharField(max_length=20, db_default="member")

    class Meta:
        db_table = "conversation_participants"
        indexes = [models.Index(name="v1_participants_by_person", fields=["user_id"])]

    def __str__(self) -> str:
        return f"{self.user_id} in earlier conversation {self.conversation_id}"


class EarlierMessage(models.Model):
    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    conversation = models.ForeignKey(
        EarlierConversation, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    sender_id = models.UUIDField(null=True)
    recipient_id = models.UUIDField(null=True)
    help_request_id = models.UUIDField(null=True)
    # At most 1000 characters there; what is longer was found all the same, and is kept.
    content = models.TextField()
    message_type = models.CharField(max_length=20, choices=Type.choices, db_default=Type.TEXT)
    status = models.CharField(max_length=10, choices=Delivery.choices, db_default=Delivery.SENT)
    read_at = models.DateTimeField(null=True)
    is_flagged = models.BooleanField(db_default=False)
    flagged_reason = models.TextField(null=True)
    moderation_status = models.CharField(max_length=10, choices=Verdict.choices, db_default=Verdict.APPROVED)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "messages"
        constraints = [
            _known("message_type", Type, "messages"),
            _known("status", Delivery, "messages"),
            _known("moderation_status", Verdict, "messages"),
        ]
        indexes = [models.Index(name="v1_messages_by_thread", fields=["conversation", "created_at", "id"])]

    def __str__(self) -> str:
        return f"earlier message {self.pk}"

"""A message after the opening one, and the record of what became of every message."""

from django.db import models
from django.db.models.functions import Now

from carecollective.database import new_id
from members.models import Member
from messaging.models import words
from messaging.models.conversation import Conversation
from messaging.models.rules import log_constraints, message_constraints
from messaging.models.words import Caution, Deed, Happening, Moderation, Origin, Type


class Message(models.Model):
    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="messages", db_index=False)
    # Nobody, where the site itself tells what happened.
    sender = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Given under the conversation's lock, so the order of commits is the order of reading; none until it is delivered.
    sequence = models.PositiveIntegerField(null=True)
    type = models.CharField(max_length=16, choices=Type.choices, default=Type.STANDARD, db_default=Type.STANDARD)
    happening = models.CharField(max_length=20, choices=Happening.choices, blank=True, default="", db_default="")
    content = models.TextField()
    key_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    # Of what was sent, made with the key of that moment; neither an edit nor a deletion touches them.
    digest = models.CharField(max_length=64)
    digest_key_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    first = models.TextField(blank=True, default="", db_default="")
    first_key_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    moderation = models.CharField(max_length=7, choices=Moderation.choices, blank=True, default="", db_default="")
    # Hidden words stand here alone, so no door can show them by mistake.
    hidden = models.TextField(blank=True, default="", db_default="")
    hidden_key_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    released_at = models.DateTimeField(null=True)
    caution = models.CharField(max_length=5, choices=Caution.choices, blank=True, default="", db_default="")
    origin = models.CharField(max_length=2, choices=Origin.choices, default=Origin.V2, db_default=Origin.V2)
    client_id = models.CharField(max_length=words.CLIENT_ID_MOST, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "messages_v2"
        constraints = message_constraints()
        indexes = [models.Index(name="messages_cautioned", fields=["created_at"], condition=~models.Q(caution=""))]

    def __str__(self) -> str:
        return f"message {self.pk}"


class MessageRecord(models.Model):
    """One deed in the life of a message, only ever added; ids and numbers, never words."""

    site_rights = ("SELECT", "INSERT")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    # No foreign keys: the record outlives what it tells about.
    conversation_id = models.UUIDField()
    # Nobody in particular where a position moved: then `sequence` says how far.
    message_id = models.UUIDField(null=True)
    sequence = models.PositiveIntegerField(null=True)
    actor_id = models.UUIDField(null=True)
    deed = models.CharField(max_length=9, choices=Deed.choices)

    class Meta:
        db_table = "message_audit_log"
        constraints = log_constraints()
        indexes = [models.Index(name="message_audit_log_by_thread", fields=["conversation_id", "id"])]

    def __str__(self) -> str:
        return f"{self.deed} {self.message_id or self.sequence}"

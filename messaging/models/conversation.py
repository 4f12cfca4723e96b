"""A conversation: two people, the request it is about, the offer and its words, and how far each has read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models.functions import Now

from carecollective.database import new_id
from carecollective.errors import NotPermitted, OfferStateChanged
from features import flag
from help_requests.models import HelpRequest
from members.models import Member
from messaging.models import words
from messaging.models.finding import Conversations
from messaging.models.rules import conversation_constraints
from messaging.models.words import Caution, Kind, Moderation, OfferState, Origin, Status, Version

NOT_WRITABLE = "Not authorized to send messages in this conversation"
NO_OFFER = "There is no offer in this conversation."
CLOSED = "This conversation is closed."


class Conversation(models.Model):
    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.PositiveSmallIntegerField(choices=Version.choices, default=Version.V2, db_default=Version.V2)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.HELP, db_default=Kind.HELP)
    # PROTECT everywhere: words are never deleted by a cascade.
    help_request = models.ForeignKey(
        HelpRequest, null=True, on_delete=models.PROTECT, related_name="conversations", db_index=False
    )
    requester = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="conversations_asked", db_index=False)
    helper = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="conversations_started", db_index=False)
    # Message 1 of the thread. It stands here, so there is no conversation without its words.
    initial_message = models.TextField()
    key_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    opening_sender = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    opening_digest = models.CharField(max_length=64)
    opening_digest_key_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    opening_first = models.TextField(blank=True, default="", db_default="")
    opening_first_key_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    opening_edited_at = models.DateTimeField(null=True)
    opening_deleted_at = models.DateTimeField(null=True)
    opening_moderation = models.CharField(
        max_length=7, choices=Moderation.choices, blank=True, default="", db_default=""
    )
    # Hidden words stand here alone, so no door can show them by mistake.
    opening_hidden = models.TextField(blank=True, default="", db_default="")
    opening_hidden_key_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    opening_released_at = models.DateTimeField(null=True)
    opening_caution = models.CharField(max_length=5, choices=Caution.choices, blank=True, default="", db_default="")
    # Under this id the opening stood in the earlier system, and is still found.
    opening_v1_id = models.UUIDField(null=True)
    origin = models.CharField(max_length=2, choices=Origin.choices, default=Origin.V2, db_default=Origin.V2)
    client_id = models.CharField(max_length=words.CLIENT_ID_MOST, blank=True, default="", db_default="")
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.ACTIVE, db_default=Status.ACTIVE)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # One could leave in the earlier system: whoever did reads nothing of it any more.
    requester_left_at = models.DateTimeField(null=True)
    helper_left_at = models.DateTimeField(null=True)
    offer_state = models.CharField(max_length=9, choices=OfferState.choices, null=True)
    offered_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    # Columns have their defaults in the database too, because hot paths write them in SQL (`writing`).
    # What an inbox shows, kept here so that reading it does not have to count or sort messages.
    last_sequence = models.PositiveIntegerField(default=1, db_default=1)
    last_message_at = models.DateTimeField(db_default=Now())
    requester_read = models.PositiveIntegerField(default=0, db_default=0)
    requester_delivered = models.PositiveIntegerField(default=0, db_default=0)
    requester_unread = models.PositiveIntegerField(default=1, db_default=1)
    helper_read = models.PositiveIntegerField(default=0, db_default=0)
    helper_delivered = models.PositiveIntegerField(default=0, db_default=0)
    helper_unread = models.PositiveIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = Conversations.as_manager()

    class Meta:
        db_table = "conversations_v2"
        constraints = conversation_constraints()
        indexes = [
            models.Index(name="conversations_of_requester", fields=["requester", "-last_message_at", "-id"]),
            models.Index(name="conversations_of_helper", fields=["helper", "-last_message_at", "-id"]),
            models.Index(
                name="conversations_waiting",
                fields=["offered_at"],
                condition=models.Q(offer_state=OfferState.OFFERED),
            ),
            models.Index(
                name="conversations_by_v1_opening",
                fields=["opening_v1_id"],
                condition=models.Q(opening_v1_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"conversation {self.pk}"

    @property
    def is_direct(self) -> bool:
        return self.kind == Kind.DIRECT

    @property
    def asked_for(self) -> HelpRequest:
        """The request an offer is for."""
        self.must_have_an_offer()
        assert self.help_request  # noqa: S101 (the constraint kind_agrees; this tells the types)
        return self.help_request

    @property
    def is_writable(self) -> bool:
        """Blocks and restrictions aside, which are facts about the two, not about their thread."""
        return self.status == Status.ACTIVE and (self.offer_state is None or self.offer_state in words.WRITABLE)

    @property
    def can_go_on(self) -> bool:
        """Not where it stayed in the earlier system, once nothing new goes there."""
        return self.version == Version.V2 or flag.has_two_ways()

    @property
    def was_left(self) -> bool:
        return bool(self.requester_left_at or self.helper_left_at)

    @property
    def is_accepted(self) -> bool:
        return self.offer_state == OfferState.ACCEPTED

    def is_asked_by(self, member: Member) -> bool:
        return self.requester_id == member.pk

    def is_helped_by(self, member: Member) -> bool:
        return self.helper_id == member.pk

    def side_of(self, member: Member) -> str:
        return "requester" if self.is_asked_by(member) else "helper"

    def other_id(self, member: Member) -> UUID:
        return self.helper_id if self.is_asked_by(member) else self.requester_id

    def other(self, member: Member) -> Member:
        return self.helper if self.is_asked_by(member) else self.requester

    def still_there(self, *people: Member) -> list[Member]:
        """Without whoever left: they hear nothing of it any more."""
        left = {self.requester_id: self.requester_left_at, self.helper_id: self.helper_left_at}
        return [person for person in people if not left[person.pk]]

    def must_be_writable(self) -> None:
        if not self.is_writable:
            raise NotPermitted(NOT_WRITABLE)

    def must_be_decided_by(self, member: Member) -> None:
        self.must_have_an_offer()
        if not self.is_asked_by(member):
            raise NotPermitted("Only the person who asked can answer this offer.")

    def must_be_offered_by(self, member: Member) -> None:
        self.must_have_an_offer()
        if not self.is_helped_by(member):
            raise NotPermitted("Only the person who offered can do this.")

    def must_have_an_offer(self) -> None:
        if self.offer_state is None:
            raise OfferStateChanged(NO_OFFER, conversation_id=self.pk, offer_state=None)

    def must_go_to(self, state: OfferState) -> None:
        """The one table of ways decides; whoever was slower reads where the offer stands now."""
        if self.offer_state not in words.WAYS[state]:
            raise OfferStateChanged(conversation_id=self.pk, offer_state=self.offer_state)

    def now_in(self, state: OfferState) -> dict[str, Any]:
        """The columns of that state: its own moment and no other's."""
        moments: dict[str, datetime | Now | None] = dict.fromkeys(
            f"{other.value}_at" for other in OfferState if other != OfferState.OFFERED
        )
        # An offer that waits again has a clock of its own, and its asker has not been reminded of it.
        clock = {"reminded_at": None} if state == OfferState.OFFERED else {}
        return moments | clock | {f"{state.value}_at": Now(), "offer_state": state}

"""A request for help: who asks for what, and where it stands."""

from datetime import datetime

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models.functions import Now

from carecollective.database import new_id
from carecollective.errors import HelpRequestUnavailable, IdempotencyKeyReused, NotPermitted
from help_requests.categories import BY_SLUG, LABELS
from help_requests.models import words
from help_requests.models.rules import constraints
from help_requests.models.visibility import HelpRequests
from help_requests.models.words import Ending, LocationPrivacy, Moderation, Status, Urgency
from members.models import Member

POSTED_BEFORE = "You have posted this already, in other words. Change that request, or send this as a new one."


class HelpRequest(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    requester = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="help_requests", db_index=False)
    title = models.CharField(max_length=words.TITLE_MOST)
    description = models.CharField(max_length=words.DESCRIPTION_MOST, blank=True, default="")
    category = models.CharField(max_length=30, choices=LABELS)
    subcategory = models.CharField(max_length=30, blank=True, default="")
    urgency = models.CharField(max_length=10, choices=Urgency.choices, default=Urgency.NORMAL)
    needed_by = models.DateField(null=True, blank=True)
    is_ongoing = models.BooleanField(default=False)
    exchange_offer = models.CharField(max_length=words.EXCHANGE_MOST, blank=True, default="")
    # Read `shown_town` instead: this one does not know who is looking.
    town = models.CharField(max_length=words.TOWN_MOST, blank=True, default="")
    location_privacy = models.CharField(max_length=12, choices=LocationPrivacy.choices, default=LocationPrivacy.PUBLIC)
    status = models.CharField(max_length=11, choices=Status.choices, default=Status.OPEN)
    ending = models.CharField(max_length=16, choices=Ending.choices, blank=True, default="")
    # Whatever stands here, only whoever asked reads the request.
    moderation = models.CharField(max_length=7, choices=Moderation.choices, blank=True, default="", db_default="")
    hidden_at = models.DateTimeField(null=True, blank=True)
    helper = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="requests_helped_with"
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    in_progress_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    # The writer's key of this post, and the digest of what they sent under it.
    client_id = models.CharField(max_length=words.CLIENT_ID_MOST, blank=True, default="")
    client_digest = models.CharField(max_length=64, blank=True, default="")
    urgency_rank = models.GeneratedField(
        expression=models.Case(
            *(models.When(urgency=urgency.value, then=models.Value(rank)) for urgency, rank in words.RANKS.items()),
            default=models.Value(0),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    # Never the town: searching must not tell where somebody lives.
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="english")
        + SearchVector("description", weight="B", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = HelpRequests.as_manager()

    # Filled by `visible_to`; a row that was not read through it does not have them.
    shown_status: str
    shown_town: str
    is_in_full: bool
    is_near_its_end: bool
    can_be_undone: bool
    # Filled by `with_offers`, which only pages ask.
    offers_standing: int

    class Meta:
        db_table = "help_requests"
        constraints = constraints()
        indexes = [
            models.Index(
                name="help_requests_newest",
                fields=["-created_at", "-id"],
                condition=models.Q(status__in=words.CURRENT),
            ),
            models.Index(
                name="help_requests_most_urgent",
                fields=["-urgency_rank", "-created_at", "-id"],
                condition=models.Q(status__in=words.CURRENT),
            ),
            models.Index(name="help_requests_by_requester", fields=["requester", "-created_at"]),
            models.Index(name="help_requests_by_end", fields=["expires_at"], condition=models.Q(status=Status.OPEN)),
            GinIndex(name="help_requests_search", fields=["search"]),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_current(self) -> bool:
        return self.shown_status in words.CURRENT

    @property
    def is_withheld(self) -> bool:
        """Held, refused or hidden: nobody but whoever asked may know of its words."""
        return bool(self.moderation)

    def title_for(self, member: Member) -> str:
        """Where it is named beside something else that may be read."""
        return words.WITHHELD if self.is_withheld and not self.is_asked_by(member) else self.title

    @property
    def ended_at(self) -> datetime | None:
        return self.completed_at or self.cancelled_at or self.closed_at

    @property
    def category_label(self) -> str:
        return BY_SLUG[self.category].label

    @property
    def subcategory_label(self) -> str:
        return BY_SLUG[self.category].kinds.get(self.subcategory, "")

    def is_asked_by(self, member: Member) -> bool:
        return self.requester_id == member.pk

    def is_helped_by(self, member: Member) -> bool:
        return self.helper_id == member.pk

    def must_be_asked_by(self, member: Member) -> None:
        if not self.is_asked_by(member):
            raise NotPermitted("Only the person who asked can do this.")

    def must_be_asked_or_helped_by(self, member: Member) -> None:
        if self.is_asked_by(member) or self.is_helped_by(member):
            return
        # A helper who was let go a moment ago hears that it is over, not that it was never theirs.
        self.must_be_current()
        raise NotPermitted("Only the person who asked and their helper can do this.")

    def must_be_current(self) -> None:
        """Open or in progress, and not past its end: it can be offered on, changed and ended."""
        if not self.is_current:
            raise HelpRequestUnavailable()

    def must_be_readable(self) -> None:
        """While its words are kept away from others, nobody new is taken for it."""
        if self.is_withheld:
            raise HelpRequestUnavailable()

    def must_not_be_over(self) -> None:
        """As it stands for everybody, whoever has blocked whom."""
        if self.status not in words.CURRENT:
            raise HelpRequestUnavailable()

    def must_be_reopenable(self) -> None:
        if self.ending == Ending.BY_STAFF:
            raise HelpRequestUnavailable("A moderator closed this request, so it cannot be opened again.")

    def must_come_from(self, client_digest: str) -> None:
        """The key of a post was used again: for the same words, or for others?"""
        if self.client_digest != client_digest:
            raise IdempotencyKeyReused(POSTED_BEFORE)

    def must_be_undoable(self) -> None:
        if not self.can_be_undone:
            raise HelpRequestUnavailable("It is too late to undo this. You can open the request again.")

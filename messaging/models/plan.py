"""A plan: when and where the help happens. It holds once both said yes."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from carecollective.database import new_id
from carecollective.encryption import SealedText
from help_requests.models import HelpRequest
from members.models import Member
from members.zones import zone_in_words
from messaging.models.conversation import Conversation

PLACE_MOST = 200
# Reminders and questions come at a friendly hour, never in the night.
MORNING = time(9)
DAY = timedelta(days=1)


class Answer(models.TextChoices):
    """Did it help?"""

    YES = "yes", "Yes, all done"
    NOT_YET = "not_yet", "Not yet"
    DID_NOT_WORK = "did_not_work", "It did not work out"


class Plans(models.QuerySet["Plan"]):
    def counting(self) -> "Plans":
        """Not taken back; a request has at most one."""
        return self.filter(cancelled_at__isnull=True)

    def agreed(self) -> "Plans":
        return self.counting().filter(requester_agreed_at__isnull=False, helper_agreed_at__isnull=False)

    def of(self, request_id: UUID) -> "Plan | None":
        return self.counting().filter(help_request=request_id).first()

    def last_of(self, request_id: UUID) -> "Plan | None":
        """Taken back or not."""
        return self.filter(help_request=request_id).order_by("-version").first()


class Plan(models.Model):
    """At most one that counts per request; a changed one must be agreed anew, a released offer takes it back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    help_request = models.ForeignKey(HelpRequest, on_delete=models.PROTECT, related_name="plans", db_index=False)
    # Of either version, which no foreign key could say: a trigger looks (0009).
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="plans", db_constraint=False)
    day = models.DateField()
    time = models.TimeField()
    # Often somebody's home, so it is never in the clear.
    place = models.TextField()
    key_id = models.CharField(max_length=32)
    time_zone = models.CharField(max_length=64)
    # The same moment for everybody: what reminders go by.
    starts_at = models.DateTimeField()
    # Counts on when a plan is taken back and another one made, so a yes never goes to one that was not seen.
    version = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    requester_agreed_at = models.DateTimeField(null=True)
    helper_agreed_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=12, choices=Answer.choices, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = Plans.as_manager()

    clear_place = SealedText("place")

    class Meta:
        db_table = "plans"
        constraints = [
            models.UniqueConstraint(
                name="unique_plan_of_request", fields=["help_request"], condition=Q(cancelled_at__isnull=True)
            ),
            models.UniqueConstraint(name="unique_plan_version", fields=["help_request", "version"]),
            models.CheckConstraint(name="plans_answer_known", condition=Q(answer__in=["", *Answer.values])),
            models.CheckConstraint(
                name="plans_answered_at_agrees",
                condition=Q(answer="", answered_at__isnull=True) | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="plans_maker_agreed",
                condition=Q(requester_agreed_at__isnull=False) | Q(helper_agreed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="plans_by_start", fields=["starts_at"], condition=Q(cancelled_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"plan {self.pk}"

    @property
    def is_agreed(self) -> bool:
        return self.requester_agreed_at is not None and self.helper_agreed_at is not None

    @property
    def words(self) -> tuple[Any, ...]:
        """What people agree to."""
        return self.day, self.time, self.clear_place, self.time_zone

    @property
    def zone_called(self) -> str:
        return zone_in_words(self.time_zone)

    def is_agreed_by(self, side: str) -> bool:
        return getattr(self, f"{side}_agreed_at") is not None

    def is_for_tomorrow(self, at: datetime) -> bool:
        """From nine in the morning of the day before, where the plan is."""
        here = at.astimezone(ZoneInfo(self.time_zone))
        return here.date() + DAY == self.day and here.time() >= MORNING

    def is_over(self, at: datetime) -> bool:
        """From nine in the morning of the day after."""
        here = at.astimezone(ZoneInfo(self.time_zone))
        return here.replace(tzinfo=None) >= datetime.combine(self.day + DAY, MORNING)

    def days_ahead(self, at: datetime) -> int:
        """From today, where the plan is."""
        return (self.day - at.astimezone(ZoneInfo(self.time_zone)).date()).days

    def is_past(self, at: datetime) -> bool:
        return self.starts_at.astimezone(UTC) <= at

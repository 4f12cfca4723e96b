"""Events that happened, and the notice of each that a person gets."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from carecollective.database import new_id


class Event(models.Model):
    """Something that happened; ids and known words only, never what anybody wrote."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=40)
    at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    about_kind = models.CharField(max_length=40)
    about_id = models.CharField(max_length=64)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "events"
        indexes = [
            models.Index(name="events_by_subject", fields=["about_kind", "about_id", "id"]),
            models.Index(name="events_by_moment", fields=["at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about_kind} {self.about_id}"


class Notices(models.QuerySet["Notice"]):
    def visible_to(self, member: Any) -> "Notices":
        return self.filter(member=member)

    def unread(self) -> "Notices":
        return self.filter(read_at__isnull=True)

    def after(self, number: int) -> "Notices":
        return self.filter(number__gt=number).order_by("number")


class Notice(models.Model):
    """One event as one person hears of it; `number` counts up without a gap for each person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="notices")
    number = models.BigIntegerField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    objects = Notices.as_manager()

    class Meta:
        db_table = "notices"
        constraints = [
            models.UniqueConstraint(name="notices_number_once", fields=["member", "number"]),
            models.UniqueConstraint(name="notices_event_once", fields=["member", "event"]),
        ]
        # Every page counts them, and most notices are read.
        indexes = [
            models.Index(name="notices_unread", fields=["member"], condition=models.Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.number}"


class NoticeCounter(models.Model):
    """How many notices a person has had so far."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    last = models.BigIntegerField()

    class Meta:
        db_table = "notice_counters"

    def __str__(self) -> str:
        return str(self.last)


class ReceiveFrom(models.TextChoices):
    ANYONE = "anyone", "Any member"
    HELP_CONNECTIONS = "help_connections", "People I have helped, or who have helped me"
    NOBODY = "nobody", "Nobody"


class Emails(models.TextChoices):
    NOW = "now", "As it happens"
    DAILY = "daily", "Once a day"
    OFF = "off", "Never"


class Preferences(models.Model):
    """How a member wants to be written to and told. Without a row the defaults hold; the zone is the member's own."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    can_receive_from = models.CharField(
        max_length=20, choices=ReceiveFrom.choices, default=ReceiveFrom.HELP_CONNECTIONS
    )
    email = models.CharField(max_length=10, choices=Emails.choices, default=Emails.NOW)
    # An end before the start is a night.
    quiet_hours_start = models.TimeField(null=True)
    quiet_hours_end = models.TimeField(null=True)
    read_receipts = models.BooleanField(default=True)
    presence = models.BooleanField(default=True)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "messaging_preferences"
        constraints = [
            models.CheckConstraint(
                name="preferences_receive_from_known",
                condition=models.Q(can_receive_from__in=ReceiveFrom.values),
            ),
            models.CheckConstraint(name="preferences_email_known", condition=models.Q(email__in=Emails.values)),
            models.CheckConstraint(
                name="preferences_quiet_hours_both_or_neither",
                condition=models.Q(quiet_hours_start__isnull=True, quiet_hours_end__isnull=True)
                | models.Q(quiet_hours_start__isnull=False, quiet_hours_end__isnull=False),
            ),
            models.CheckConstraint(
                name="preferences_quiet_hours_differ",
                condition=~models.Q(quiet_hours_start=models.F("quiet_hours_end")),
            ),
        ]

    def __str__(self) -> str:
        return f"preferences of {self.member_id}"

"""Events that happened, and the notice of each that a person gets."""

from typing import Any

from django.conf import settings
from django.db import connection, models
from django.db.models.functions import Now

from carecollective.database import new_id

# One row lock per person until the commit: so a later number is never seen before an earlier one.
COUNT = """
INSERT INTO notice_counters AS counter (member_id, last)
SELECT member_id, 1 FROM unnest(%s::uuid[]) AS member_id ORDER BY member_id
ON CONFLICT (member_id) DO UPDATE SET last = counter.last + 1
RETURNING member_id, last
"""


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

    @staticmethod
    def next_for(member_ids: list[Any]) -> dict[Any, int]:
        """The next number of each person; in the order of their ids, as every lock of one kind."""
        with connection.cursor() as cursor:
            cursor.execute(COUNT, [sorted(member_ids)])
            return dict(cursor.fetchall())

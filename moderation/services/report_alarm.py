"""Many reports about messages at once: more goes wrong than usual, and operators hear of it."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import Now
from django.urls import reverse

from features.models import Alarm
from features.services import alarms
from moderation.models import Report
from moderation.models.words import IN_CONVERSATIONS

MOST = 10
WINDOW = timedelta(hours=1)


def raise_alarm() -> Alarm | None:
    """Every few minutes. Each report counts: nobody can make more than five an hour, so it takes several people."""
    # Whatever stands in a chat: messages, the offer above them, the conversation itself.
    recent = Report.objects.filter(target_kind__in=IN_CONVERSATIONS, created_at__gt=Now() - WINDOW)
    seen = recent.aggregate(
        reports=Count("pk"), reporters=Count("reporter", distinct=True), authors=Count("author", distinct=True)
    )
    return alarms.tell_at_times("reports", _sentence(**seen)) if seen["reports"] > MOST else None


def _sentence(reports: int, reporters: int, authors: int) -> str:
    """A quarrel of a few reads differently from something that goes on everywhere, so it says how many people."""
    people = f"by {_many(reporters)}, about {_many(authors)}"
    cases = settings.SITE_URL + reverse("admin:moderation_case_changelist")
    return f"Messages and chats were reported {reports} times in the last hour, {people}; the cases are here: {cases}"


def _many(people: int) -> str:
    return "1 member" if people == 1 else f"{people} members"

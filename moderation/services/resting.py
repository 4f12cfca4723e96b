"""Care for moderators: after half an hour of cases, or twenty of them, somebody should say that it is enough."""

from datetime import timedelta

from django.db.models.functions import Now
from django.utils.timezone import now

from audit.models import AuditEntry
from members.models import Member

LONG = timedelta(minutes=30)
MANY = 20
# Whoever did nothing for so long has had a break.
PAUSE = timedelta(minutes=10)
LOOKED_AT = timedelta(hours=4)
READING = ("case_opened", "case_read", "case_read_further", "question_read")


def needs_a_break(moderator: Member) -> bool:
    """From the record of what they read, so it knows nothing that is not on record anyway."""
    found = AuditEntry.objects.filter(actor=moderator.pk, action__in=READING, at__gt=Now() - LOOKED_AT)
    moments = list(found.order_by("-sequence").values_list("at", "case_id"))
    since, cases, last = now(), set(), now()
    for at, case_id in moments:
        if last - at > PAUSE:
            break
        last = since = at
        cases.add(case_id)
    return now() - since >= LONG or len(cases) >= MANY

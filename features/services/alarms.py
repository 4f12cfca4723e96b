"""Telling operators: a sentence by mail to each of them, and to the address of their alarms where there is one."""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models.functions import Now

from carecollective.desk import OP
from features import tasks
from features.models import Alarm
from notifications.services import mail

log = logging.getLogger("features.alarms")

PAUSE = timedelta(hours=1)


def tell(kind: str, sentence: str) -> Alarm:
    """Inside the transaction of what happened, so that it is told exactly when it has happened.

    What is not about the flag ends its sentence with the address where to look.
    """
    # One line, because a reason that somebody typed may have several.
    alarm = Alarm.objects.create(kind=kind, sentence=" ".join(sentence.split()))
    for operator in operators():
        mail("alarm", f"{alarm.pk}:{operator.pk}")
    if settings.ALERT_WEBHOOK_URL:
        tasks.post_alarm.defer(alarm=str(alarm.pk))
    transaction.on_commit(lambda: log.warning("features.alarm", extra={"kind": kind, "alarm": str(alarm.pk)}))
    return alarm


@transaction.atomic
def tell_at_times(kind: str, sentence: str) -> Alarm | None:
    """The same kind at most once an hour, however often it is looked for, and by however many at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"features.alarm.{kind}"])
    if Alarm.objects.filter(kind=kind, at__gt=Now() - PAUSE).exists():
        return None
    return tell(kind, sentence)


def operators() -> list[Any]:
    """Whoever may open the desk as an operator now."""
    staff = get_user_model().objects.filter(is_active=True, is_staff=True, groups__name=OP)
    return [member for member in staff.order_by("pk") if member.has_role(OP)]

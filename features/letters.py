"""The mail of an alarm, made when it is sent."""

from carecollective.ports import Letter
from features.models import Alarm
from features.services.alarms import operators


def alarm(about: str) -> Letter | None:
    """`about` is the alarm and whom it goes to, who may not be an operator any more."""
    told, _, member = about.partition(":")
    found = Alarm.objects.filter(pk=told).first()
    operator = operators().filter(pk=member).first()
    if found is None or operator is None:
        return None
    return Letter(operator.email, str(operator), {"sentence": found.sentence})

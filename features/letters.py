"""The mail of an alarm, made when it is sent."""

import re

from django.conf import settings

from carecollective.ports import Letter
from features.models import Alarm
from features.services.alarms import operators

# What happened comes first in the sentence, then why and what follows.
HEADLINE_ENDS = re.compile(r", because |; ")


def alarm(about: str) -> Letter | None:
    """`about` is the alarm and whom it goes to, who may not be an operator any more."""
    pk, _, member = about.partition(":")
    found = Alarm.objects.filter(pk=pk).first()
    operator = next((each for each in operators() if str(each.pk) == member), None)
    if found is None or operator is None:
        return None
    words, _, place = found.sentence.rpartition(" ")
    # In a letter an address is a line of its own, so that it can be followed.
    is_place = place.startswith(f"{settings.SITE_URL}/")
    told = {"sentence": words, "place": place} if is_place else {"sentence": found.sentence}
    return Letter(operator.email, operator.called, told | {"headline": HEADLINE_ENDS.split(found.sentence)[0]})

"""Switching from a page that may have been open for a while."""

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime

from carecollective.errors import NotValid
from features import flag
from features.models import FlagChange
from features.services import switching


@transaction.atomic
def switch_as_seen(to: str, *, seen: str, why: str, by: switching.By, pin: bool = False) -> FlagChange | None:
    """Changes nothing where something else holds by now than what the page showed, and says who did that."""
    _, now = switching.held()
    if seen != fingerprint(now):
        raise NotValid(_what_happened(now))
    return switching.switch(to, why=why, by=by, pin=pin)


def fingerprint(answer: flag.Answer) -> str:
    """What a page was drawn with."""
    return f"{answer.state} {answer.source} {'pinned' if answer.is_pinned else ''}".strip()


def _what_happened(now: flag.Answer) -> str:
    last = FlagChange.objects.first()
    if last is None:
        return f"{now.in_words} This page showed something else, so nothing was changed. Please look again."
    at = date_format(localtime(last.at), "g:i A")
    told = f"While this page was open, {last.by} changed it at {at}, because {last.because}."
    return f"{told} {now.in_words} Nothing was changed by you. Look again, and confirm once more if you still want it."

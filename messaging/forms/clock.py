"""A day and a time of day as people here write them: “1/31/2026”, “5 pm”, “5:30pm”, “17:30”, “noon”."""

import re
import unicodedata
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%B %d, %Y", "%b %d, %Y")
NO_DAY = "Please write the day like 1/31/2026."
NO_TIME = "Please write a time like 5:30 PM or noon."
WHICH_HALF = "Is that in the morning or in the evening? Please add AM or PM, like {hour}:{minute:02} PM."

WRITTEN = re.compile(r"(\d{1,2})(?::?(\d\d))?(am?|pm?)?", re.ASCII)
SAID = {"noon": time(12), "12noon": time(12), "midday": time(12)}
# Nobody writes these to say something else.
FILLING = re.compile(r"[\s.]|o[\'’]?clock")


class TimeOfDay(forms.CharField):
    """One box to type in: a browser's own clock speaks the language of the browser, and loses what it cannot read."""

    def prepare_value(self, value: Any) -> Any:
        return in_words(value) if isinstance(value, time) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return time_of(text) if text else None


def in_words(at: time) -> str:
    return f"{at.hour % 12 or 12}:{at.minute:02} {'PM' if at.hour >= 12 else 'AM'}"


def time_of(text: str) -> time:
    """What somebody wrote, or what is wrong with it."""
    plain = FILLING.sub("", unicodedata.normalize("NFKC", text).lower())
    if plain in SAID:
        return SAID[plain]
    found = WRITTEN.fullmatch(plain)
    if found is None:
        raise ValidationError(NO_TIME)
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        hour = _of_the_day(hour, is_evening=found[3].startswith("p"))
    elif 1 <= hour <= 12 and not plain.startswith("0"):
        raise ValidationError(WHICH_HALF.format(hour=hour, minute=minute))
    if hour > 23 or minute > 59:
        raise ValidationError(NO_TIME)
    return time(hour, minute)


def _of_the_day(hour: int, *, is_evening: bool) -> int:
    """12 AM is midnight; “17:30 PM” can only be one thing."""
    if is_evening and 13 <= hour <= 23:
        return hour
    if not 1 <= hour <= 12:
        raise ValidationError(NO_TIME)
    return hour % 12 + (12 if is_evening else 0)

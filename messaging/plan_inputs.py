"""What the API takes about plans and thank-yous."""

from zoneinfo import available_timezones

from carecollective.api import Count, Day, Hour, Input, KeyInput, Option, Text, YesNo
from messaging.inputs import FARTHEST
from messaging.models.plan import PLACE_MOST, Answer
from messaging.models.words import THANKS_MOST

THANKS_WORDS = {
    "empty": "Please write a word of thanks.",
    "too_long": "A thank-you can be at most {most} characters long.",
}


class PlanInput(Input):
    date = Day()
    time = Hour()
    place = Text(least=1, most=PLACE_MOST, one_line=True)
    # Without one it is the caller's own, else the site's.
    time_zone = Option(sorted(available_timezones()), required=False)


class AgreeInput(Input):
    version = Count(least=1, most=FARTHEST)


class AnswerInput(Input):
    answer = Option(Answer.values)


class ThankInput(KeyInput):
    content = Text(least=1, most=THANKS_MOST, error_messages=THANKS_WORDS)
    may_be_shown = YesNo(default=False)

"""Making a plan, saying yes to it, saying whether it helped, saying thank you."""

from datetime import time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms as django_forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.timezone import now

from carecollective import forms
from carecollective.form_text import Line, Paragraphs
from members.zones import zone_in_words
from messaging.forms.clock import DAYS, NO_DAY, TimeOfDay, in_words
from messaging.inputs import FARTHEST
from messaging.models import Plan
from messaging.models.plan import PLACE_MOST, Answer
from messaging.models.words import THANKS_MOST
from messaging.services.planning import FARTHEST as FARTHEST_DAY
from messaging.services.planning import Wish

HINTS = {
    Answer.YES.value: "We close the request, and you can say thank you.",
    Answer.NOT_YET.value: "Nothing changes. You can make a new plan.",
    Answer.DID_NOT_WORK.value: "Your request is open again, so that others can offer.",
}
# What the box for the time suggests where the browser can: the hours people meet at.
USUAL_TIMES = tuple(in_words(time(hour)) for hour in range(8, 20))
STARTERS = (
    "You made my week.",
    "I could not have done it without you.",
    "Thank you for your time and kindness.",
)


class PlanForm(forms.Form):
    date = django_forms.DateField(
        label="Which day?",
        widget=forms.DateInput(),
        input_formats=DAYS,
        error_messages={"invalid": NO_DAY},
    )
    time = TimeOfDay(
        label="At what time?",
        widget=django_forms.TextInput(attrs={"autocomplete": "off", "list": "times"}),
    )
    place = Line(label="Where?", help_text="Only the two of you can read this.", max_length=PLACE_MOST)
    # Where the plan is, not where this browser is: it travels with the form.
    time_zone = django_forms.CharField(widget=django_forms.HiddenInput, required=False)

    def __init__(self, *args: Any, plan: Plan | None, **kwargs: Any):
        told: dict[str, Any] = {"time_zone": timezone.get_current_timezone_name()}
        if plan:
            told = {"date": plan.day, "time": plan.time, "place": plan.clear_place, "time_zone": plan.time_zone}
        super().__init__(*args, initial=told, **kwargs)
        self.zone = told["time_zone"]
        self.fields["time"].help_text = f"Like 5:30 PM or noon, in {zone_in_words(self.zone)}."
        today = now().astimezone(ZoneInfo(self.zone)).date()
        # What a day picker offers; the verb decides.
        self.fields["date"].widget.attrs |= {"min": today.isoformat(), "max": (today + FARTHEST_DAY).isoformat()}

    def clean_time_zone(self) -> str:
        zone = str(self.cleaned_data["time_zone"])
        return zone if zone in available_timezones() else str(self.zone)

    def wish(self) -> Wish:
        told = self.cleaned_data
        return Wish(told["date"], told["time"], told["place"], told["time_zone"])


class YesForm(forms.Form):
    """To the version that was on the page."""

    version = django_forms.IntegerField(widget=django_forms.HiddenInput, min_value=1, max_value=FARTHEST)


class TakeBackForm(forms.Form):
    """Needs nothing but the button."""


class DoneForm(forms.Form):
    answer = django_forms.ChoiceField(
        choices=Answer.choices,
        widget=forms.RadioCards(hints=HINTS),
        error_messages={"required": "Please choose an answer."},
    )

    def __init__(self, *args: Any, question: str, title: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["answer"].label, self.fields["answer"].help_text = question, f"“{title}”"


class ThankForm(forms.OnceForm):
    content = Paragraphs(
        label="Your thank-you",
        rows=4,
        max_length=THANKS_MOST,
        error_messages={"required": "Please write a word of thanks."},
    )
    may_be_shown = django_forms.BooleanField(
        label="You may show this without names",
        help_text="Where everybody can read how our community is doing.",
        required=False,
    )

    @classmethod
    def begun(cls, told: QueryDict) -> "ThankForm":
        """What was typed so far, with one of our beginnings in it; nothing is sent by that."""
        typed, start = told.get("content", "").rstrip(), told.get("starter", "")
        if start in STARTERS and start not in typed:
            typed = f"{typed} {start}".strip()
        return cls(initial={"content": typed, "may_be_shown": "may_be_shown" in told})

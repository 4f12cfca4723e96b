"""Making a plan, saying yes to it, saying whether it helped, saying thank you."""

from typing import Any
from zoneinfo import available_timezones

from django import forms as django_forms
from django.utils import timezone

from carecollective import forms
from carecollective.form_text import Line, Paragraphs
from members.zones import zone_in_words
from messaging.inputs import FARTHEST
from messaging.models import Plan
from messaging.models.plan import PLACE_MOST, Answer
from messaging.models.words import THANKS_MOST
from messaging.services.planning import Wish

HINTS = {
    Answer.YES.value: "We close the request, and you can say thank you.",
    Answer.NOT_YET.value: "Nothing changes. You can make a new plan.",
    Answer.DID_NOT_WORK.value: "Your request is open again, so that others can offer.",
}
STARTERS = (
    "You made my week.",
    "I could not have done it without you.",
    "Thank you for your time and your kindness.",
)


class TimeInput(django_forms.TimeInput):
    """The clock of the phone."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class PlanForm(forms.Form):
    date = django_forms.DateField(
        label="Which day?",
        widget=forms.DateInput(),
        error_messages={"invalid": "Please write the day like 2026-01-31."},
    )
    time = django_forms.TimeField(
        label="At what time?",
        input_formats=["%H:%M"],
        widget=TimeInput(),
        error_messages={"invalid": "Please write a time like 21:30."},
    )
    place = Line(label="Where?", help_text="Only the two of you can read this.", max_length=PLACE_MOST)
    # Where the plan is, not where this browser is: it travels with the form.
    time_zone = django_forms.CharField(widget=django_forms.HiddenInput)

    def __init__(self, *args: Any, plan: Plan | None, **kwargs: Any):
        told: dict[str, Any] = {"time_zone": timezone.get_current_timezone_name()}
        if plan:
            told = {"date": plan.day, "time": plan.time, "place": plan.clear_place, "time_zone": plan.time_zone}
        super().__init__(*args, initial=told, **kwargs)
        self.zone = told["time_zone"]
        self.fields["time"].help_text = f"In {zone_in_words(self.zone)}."

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

    def __init__(self, *args: Any, question: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["answer"].label = question


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

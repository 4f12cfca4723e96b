"""What operators fill in to change how far messaging_v2 is out, and who is internal."""

from decimal import Decimal
from typing import Any

from django import forms as django_forms

from carecollective import forms
from carecollective.form_text import Line
from features.models import REASON_MOST, TEAM
from features.services.switching import ENVIRONMENT, GROUPS
from features.states import INTERNAL, OFF, ON, PERCENTAGE, State

WHY = {"required": "Please say why, in a few words."}
STATES = (
    (INTERNAL, "Internal members only"),
    (PERCENTAGE, "A share of all members"),
    (ON, "On for everybody"),
    (OFF, "Off"),
    (ENVIRONMENT, "Back to the environment"),
)


class StepForm(forms.Form):
    """First half of a change: where to."""

    kind = django_forms.ChoiceField(
        label="Who gets it?", choices=STATES, widget=forms.RadioCards, error_messages={"required": "Please pick one."}
    )
    share = django_forms.DecimalField(
        label="Share in percent",
        help_text="0 to 100, at most two decimals. It counts for a share only.",
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=2,
        required=False,
        widget=django_forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "list": "shares"}),
        error_messages={
            "invalid": "Please write a number from 0 to 100, such as 10 or 2.5.",
            "max_decimal_places": "Please use at most two decimals.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        share: Any = self.fields["share"]
        share.depends = True
        for limit in share.validators:
            if getattr(limit, "limit_value", None) in (0, 100):
                limit.message = "Please write a number from 0 to 100."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == PERCENTAGE and cleaned.get("share") is None and "share" not in self.errors:
            self.add_error("share", "Please write how many of 100 members get it.")
        return cleaned

    @property
    def to(self) -> str:
        kind: str = self.cleaned_data["kind"]
        if kind != PERCENTAGE:
            return kind
        return str(State.parse(f"{PERCENTAGE}:{abs(self.cleaned_data['share']):f}"))


class ConfirmForm(forms.Form):
    """Second half: why, and the new state typed out, so that no slip of a finger switches anything."""

    why = Line(label="Why?", help_text="Everybody on the team reads it.", max_length=REASON_MOST, error_messages=WHY)
    pin = django_forms.BooleanField(
        label="Pin it",
        help_text="The guard does not turn it off then, whatever fails.",
        required=False,
    )
    typed = django_forms.CharField(
        strip=True,
        max_length=40,
        widget=django_forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, to: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.to = to
        self.fields["typed"].label = f"Type {to} to confirm"
        self.fields["typed"].error_messages["required"] = f"Please type {to}."
        if to in (OFF, ENVIRONMENT):
            # An off that is pinned says nothing more, and the environment cannot be.
            del self.fields["pin"]

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed.lower() != self.to:
            raise django_forms.ValidationError(f"Please type {self.to}. You typed {typed}.")
        return typed


class IncludeForm(forms.Form):
    email = Line(
        label="Email address of the member",
        max_length=254,
        error_messages={"required": "Please write the email address."},
    )
    why = Line(label="Why?", max_length=REASON_MOST, error_messages=WHY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="include_%s", **kwargs)
        self.fields["email"].widget.attrs |= {"autocomplete": "off", "inputmode": "email", "autocapitalize": "none"}


class LeaveOutForm(forms.Form):
    why = Line(label="Why?", max_length=REASON_MOST, error_messages=WHY)


class GroupForm(forms.Form):
    group = django_forms.ChoiceField(label="Who else is internal?", required=False)
    why = Line(label="Why?", max_length=REASON_MOST, error_messages=WHY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="group_%s", **kwargs)
        words = {"": "Nobody", TEAM: "The whole team"}
        group: Any = self.fields["group"]
        group.choices = [(name, words.get(name, f"Every {name}")) for name in GROUPS]
        group.depends = True

"""Who may write to a member, and when we may."""

from typing import Any

from django import forms as django_forms

from carecollective import forms
from notifications.models import Emails, Preferences, ReceiveFrom


class TimeInput(django_forms.TimeInput):
    """The clock of the phone."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class Hour(django_forms.TimeField):
    def __init__(self, label: str, help_text: str = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=False,
            input_formats=["%H:%M"],
            widget=TimeInput(),
            error_messages={"invalid": "Please write a time like 21:30."},
        )


class Alerts(forms.Form):
    can_receive_from = django_forms.ChoiceField(
        label="Who may start a conversation with you?",
        help_text="Offers to help with your own requests always reach you.",
        choices=ReceiveFrom.choices,
        widget=django_forms.RadioSelect,
    )
    email = django_forms.ChoiceField(
        label="When may we email you?", choices=Emails.choices, widget=django_forms.RadioSelect
    )
    quiet_hours_start = Hour("Quiet hours from", "No emails in these hours. For none, leave both empty.")
    quiet_hours_end = Hour("Quiet hours until")
    read_receipts = django_forms.BooleanField(
        label="Let others see when I have read their message",
        help_text="If you turn this off, you do not see it of others either.",
        required=False,
    )
    presence = django_forms.BooleanField(
        label="Show when I am here",
        help_text="Only people you help, or who help you, see this. If you turn this off, you do not see it of them.",
        required=False,
    )

    def __init__(self, *args: Any, chosen: Preferences, **kwargs: Any):
        told = {name: getattr(chosen, name) for name in self.base_fields}
        super().__init__(*args, initial=told, **kwargs)

"""Who may write to a member, and whether we email them."""

from typing import Any

from django import forms as django_forms

from carecollective import forms
from notifications.models import Emails, Preferences, ReceiveFrom


class Alerts(forms.Form):
    can_receive_from = django_forms.ChoiceField(
        label="Who may start a chat with you?",
        help_text="Offers to help with your own requests always reach you.",
        choices=ReceiveFrom.choices,
        widget=django_forms.RadioSelect,
    )
    email = django_forms.ChoiceField(
        label="When may we email you?",
        choices=[(choice.value, choice.label) for choice in (Emails.NOW, Emails.OFF)],
        widget=django_forms.RadioSelect,
    )
    read_receipts = django_forms.BooleanField(
        label="Let others see when I have read their message",
        help_text="If you turn this off, you will not see it from others either.",
        required=False,
    )

    def __init__(self, *args: Any, chosen: Preferences, **kwargs: Any):
        told = {name: getattr(chosen, name) for name in self.base_fields}
        # “Once a day”, chosen by a program, means each mail as it happens for now; saving leaves it as it is.
        self.is_daily = chosen.email == Emails.DAILY
        told["email"] = Emails.NOW if self.is_daily else chosen.email
        super().__init__(*args, initial=told, **kwargs)

    def clean_email(self) -> str:
        answer = str(self.cleaned_data["email"])
        return Emails.DAILY.value if self.is_daily and answer == Emails.NOW else answer

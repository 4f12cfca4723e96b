"""The three steps of joining, and saying it better while one waits."""

from typing import Any

from django import forms as django_forms

from carecollective import forms
from carecollective.form_text import Line, Password
from members.forms import fields


class You(forms.Form):
    name = Line(
        label="Your name",
        help_text="Only our team sees your full name.",
        max_length=fields.most("name"),
        error_messages={"required": "Please write your name."},
    )
    called = fields.called()
    email = fields.Address()
    password = Password(
        label="Choose a password",
        help_text=fields.LONG_PASSWORD,
        autocomplete="new-password",
        error_messages={"required": "Please choose a password."},
    )

    def __init__(self, *args: Any, has_password: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        if has_password:
            self.password_is_kept()

    def password_is_kept(self) -> None:
        self.fields["password"].required = False
        shown = self["password"]
        shown.label = "Choose another password"
        shown.help_text = "We kept the one you chose. Leave this empty to use it."

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or self.cleaned_data)
        if password := cleaned.get("password"):
            person = {name: cleaned.get(name, "") for name in ("name", "called", "email")}
            try:
                fields.password_must_be_good(password, **person)
            except django_forms.ValidationError as problem:
                self.add_error("password", problem)
        return cleaned


class Area(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["town"] = fields.town(or_elsewhere=True)


class Why(forms.Form):
    caregiving = fields.Caregiving()
    reason = fields.Reason()
    agree = django_forms.BooleanField(
        label="I will follow the rules and keep what I learn private.",
        error_messages={"required": "Please tick the box. Everyone here keeps these rules."},
    )


class Answer(forms.Form):
    caregiving = fields.Caregiving()
    reason = fields.Reason()


class AskAgain(forms.Form):
    reason = fields.Reason(
        label="Why should we look again?",
        help_text="Tell us what we may have missed, or what has changed.",
        missing="Please tell us why we should look again.",
    )

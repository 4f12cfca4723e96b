"""Coming in, and what to do when the key is lost."""

from typing import Any

from django import forms as django_forms

from carecollective import forms
from carecollective.form_text import Line, Password
from members.forms import fields
from members.models import Member


class SignIn(forms.Form):
    # Any text is taken here: what is not an address matches no account.
    email = django_forms.CharField(
        label="Your email",
        max_length=1000,
        widget=django_forms.EmailInput,
        error_messages={"required": "Please write your email."},
    )
    password = Password(
        label="Your password",
        autocomplete="current-password",
        error_messages={"required": "Please write your password."},
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs |= {
            "autocomplete": "username",
            "inputmode": "email",
            "autocapitalize": "none",
            "spellcheck": "false",
        }


class Code(forms.Form):
    code = Line(
        label="The code in your app",
        help_text="Six digits. A new one comes every 30 seconds.",
        max_length=100,
        error_messages={"required": "Please write the code."},
    )

    def __init__(self, *args: Any, from_paper: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.widget.attrs |= {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        if from_paper:
            field.label, field.help_text = "One of your recovery codes", "It looks like this: abcde-fghjk-mnpqr"
            field.widget.attrs["autocomplete"] = "off"
        else:
            field.widget.attrs["inputmode"] = "numeric"


class WhichAddress(forms.Form):
    email = fields.Address()


class NewPassword(forms.Form):
    password = Password(
        label="Your new password",
        help_text=fields.LONG_PASSWORD,
        autocomplete="new-password",
        error_messages={"required": "Please choose a password."},
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.member = member

    def clean_password(self) -> str:
        return _good_for(self.member, self.cleaned_data["password"])


class ChangePassword(forms.Form):
    old_password = Password(
        label="Your password now",
        autocomplete="current-password",
        error_messages={"required": "Please write the password you have now."},
    )
    new_password = Password(
        label="Your new password",
        help_text=fields.LONG_PASSWORD,
        autocomplete="new-password",
        error_messages={"required": "Please choose a password."},
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.member = member

    def clean_new_password(self) -> str:
        return _good_for(self.member, self.cleaned_data["new_password"])


def _good_for(member: Member, password: str) -> str:
    fields.password_must_be_good(password, name=member.name, called=member.called, email=member.email)
    return password

"""Questions asked on more than one page of the members room."""

from typing import Any

from django import forms as django_forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from carecollective.errors import NotValid
from carecollective.form_text import Line, Paragraphs
from members.models import Member
from members.services.accounts import readable_address

ELSEWHERE = "elsewhere"
FEW = 8
LEAST_WORDS = 10
LONG_PASSWORD = "Use 12 or more letters. A short sentence works well."  # noqa: S105
PASSWORD_PROBLEMS = {
    "password_too_short": LONG_PASSWORD,
    "password_too_common": "Many people use this password, so it is easy to guess. Please choose another one.",
    "password_too_similar": "This is too much like your name or email. Please choose another one.",
}


class Address(django_forms.CharField):
    """An email address, in the one spelling we keep."""

    widget = django_forms.EmailInput

    def __init__(self, **options: Any):
        options.setdefault("label", "Your email")
        options.setdefault("error_messages", {"required": "Please write your email."})
        super().__init__(max_length=254, **options)
        self.widget.attrs |= {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none"}
        self.widget.attrs["spellcheck"] = "false"

    def clean(self, value: Any) -> str:
        written = super().clean(value)
        try:
            return readable_address(written)
        except NotValid as refusal:
            raise ValidationError(refusal.extras["fields"]["email"]) from refusal


class Caregiving(Paragraphs):
    def __init__(self) -> None:
        super().__init__(
            label="Tell us about your caregiving",
            help_text="Whom do you care for? What are your days like? A few lines are enough.",
            min_length=LEAST_WORDS,
            max_length=most("caregiving"),
            error_messages={"required": "Please tell us about your caregiving."},
        )


class Reason(Paragraphs):
    def __init__(
        self,
        label: str = "Why do you want to join?",
        help_text: str = "What would help you, or how would you like to help?",
        missing: str = "Please tell us why you want to join.",
    ) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            min_length=LEAST_WORDS,
            max_length=most("reason"),
            error_messages={"required": missing},
        )


def called() -> Line:
    line = Line(
        label="What should we call you?",
        help_text="Your first name is fine. Members see this.",
        max_length=most("called"),
        error_messages={"required": "Please tell us what to call you."},
    )
    line.widget.attrs["autocomplete"] = "nickname"
    return line


def town(current: str = "", or_elsewhere: bool = False, few: int = FEW) -> django_forms.Field:
    """From the operator's list; where there is none, people write it."""
    if not settings.SERVICE_AREA:
        line = Line(label="Which town do you live in?", max_length=most("town"))
        line.widget.attrs["autocomplete"] = "address-level2"
        return line
    towns = list(settings.SERVICE_AREA)
    # Somebody may have joined before the list was changed.
    towns += [current] if current and current not in towns else []
    choices = [(name, name) for name in towns]
    choices += [(ELSEWHERE, "My town is not on this list")] if or_elsewhere else []
    if len(choices) > few:
        choices.insert(0, ("", "Choose your town"))
    return django_forms.ChoiceField(
        label="Which town do you live in?",
        choices=choices,
        widget=django_forms.Select() if len(choices) > few else django_forms.RadioSelect(),
        error_messages={"required": "Please choose your town."},
    )


def password_must_be_good(password: str, **person: str) -> None:
    """Refuses in our own words what Django's checks refuse."""
    known = Member(**{name: value for name, value in person.items() if value})
    try:
        validate_password(password, known)
    except ValidationError as problem:
        codes = [one.code or "" for one in problem.error_list]
        raise ValidationError([PASSWORD_PROBLEMS.get(code, LONG_PASSWORD) for code in codes]) from problem


def most(name: str) -> int:
    """How long the column lets an answer be."""
    return int(Member._meta.get_field(name).max_length)  # type: ignore[union-attr,arg-type]

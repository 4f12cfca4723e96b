"""Offering help, answering an offer and talking, as forms that work without JavaScript."""

from typing import Any

from django import forms as django_forms

from carecollective import forms
from carecollective.form_text import Paragraphs
from messaging.models import words
from messaging.services.deciding import DECLINE, KEEP

EXAMPLE = "Example: Hi {asker}. I shop at the market on Tuesdays after 5 PM. I can drop your bags on the porch."
NO_NOTE, OWN = "", "own"
KIND_LINES = (
    "Thank you so much for offering. I have found help this time.",
    "Thank you for your kind offer. The day does not work for me this time.",
    "Thank you for thinking of me. I hope we can help each other another time.",
)


OTHERS = {
    KEEP: "We tell them nothing yet. They can still help if something comes up.",
    DECLINE: "They read that you have found another way this time.",
}


class OfferForm(forms.OnceForm):
    note = Paragraphs(
        min_length=words.OPENING_LEAST,
        max_length=words.TEXT_MOST,
        error_messages={"required": "Please write a few words to go with your offer."},
    )

    def __init__(self, *args: Any, asker: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["note"].label = f"Your note to {asker}"
        self.fields["note"].help_text = EXAMPLE.format(asker=asker)
        self.fields["note"].hint_is_below = True  # type: ignore[attr-defined]


class MessageForm(forms.OnceForm):
    content = Paragraphs(
        label="Your message",
        rows=3,
        max_length=words.TEXT_MOST,
        error_messages={"required": "Please write something first."},
    )


class EditForm(forms.Form):
    content = Paragraphs(
        label="Your message",
        max_length=words.TEXT_MOST,
        error_messages={"required": "Please write something, or delete the message instead."},
    )

    def __init__(self, *args: Any, **options: Any):
        # Over the thread it stands on one page with the box to write in, which has the same names.
        super().__init__(*args, auto_id="edit_%s", **options)


class StepForm(forms.Form):
    """A step that needs nothing but a yes."""

    def told(self) -> dict[str, Any]:
        """What the verb wants to know besides who and which."""
        return {}


class AcceptForm(StepForm):
    others = django_forms.ChoiceField(
        label="What about the other offers?",
        choices=[(KEEP, "Keep them open"), (DECLINE, "Thank them, and close them")],
        initial=KEEP,
        widget=forms.RadioCards(hints=OTHERS),
    )

    def __init__(self, *args: Any, has_others: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not has_others:
            del self.fields["others"]

    def told(self) -> dict[str, Any]:
        return {"others": self.cleaned_data.get("others", KEEP)}


class DeclineForm(StepForm):
    line = django_forms.ChoiceField(
        label="Send a kind no?",
        choices=[
            (NO_NOTE, "No, only the answer"),
            *((str(number), line) for number, line in enumerate(KIND_LINES)),
            (OWN, "In my own words"),
        ],
        initial=NO_NOTE,
        required=False,
        widget=forms.RadioCards(),
    )
    own = Paragraphs(
        label="Your own words",
        help_text="Only if you chose “In my own words”.",
        rows=3,
        max_length=words.TEXT_MOST,
        required=False,
    )

    def __init__(self, *args: Any, can_write: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not can_write:
            del self.fields["line"], self.fields["own"]

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or self.cleaned_data)
        line, own = cleaned.get("line", NO_NOTE), cleaned.get("own", "")
        if line == OWN and not own and "own" not in self.errors:
            self.add_error("own", "Please write your words, or choose another answer above.")
        if line not in (NO_NOTE, OWN) and own:
            self.add_error("line", "You chose a ready line and wrote your own words, too. Please choose one of them.")
        return cleaned

    def told(self) -> dict[str, Any]:
        """Words somebody wrote count, though they left “No, only the answer” ticked."""
        line, own = self.cleaned_data.get("line", NO_NOTE), self.cleaned_data.get("own", "")
        return {"note": own or (KIND_LINES[int(line)] if line not in (NO_NOTE, OWN) else "")}

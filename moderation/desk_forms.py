"""What moderators fill in at the desk."""

from typing import Any

from django import forms as django_forms

from carecollective import forms
from carecollective.form_text import Line, Paragraphs
from carecollective.rules import RULES
from members.models import Member
from moderation.models import Action, Case
from moderation.models.words import FACTS_MOST, LIMIT_DAYS, ON_APPEAL, STATEMENT_MOST, WHY_MOST
from moderation.services.eligible import decides_alone
from moderation.services.reading import MORE_MOST
from moderation.services.ruling import Ruling, can_be_hidden, words_for

PAUSE_DAYS = (*LIMIT_DAYS, 90)
MORE = 10
LENGTHS = [(days, "1 day" if days == 1 else f"{days} days") for days in PAUSE_DAYS]
HINTS = {
    Action.NOTHING.value: "Whoever reported it hears that, and nobody else.",
    Action.HIDE.value: "The words go. Nothing else changes.",
    Action.WARN.value: "They get our words. Nothing else changes.",
    Action.LIMIT.value: "10 messages a day, no new chats. For 1, 7 or 30 days.",
    Action.SUSPEND.value: "They can read, not write or post.",
    Action.BAN.value: "For good. A second moderator confirms it.",
    Action.CLOSE.value: "Both can still read the chat.",
    Action.REJECT.value: "They are no member any more, and may ask again.",
}
# Where no member reported it, nobody waits for an answer.
NOTHING_FOUND = "Nobody hears of it."
NOTHING_HELD = "The words that wait are sent now. Nobody hears of it otherwise."


class RulingForm(forms.Form):
    version = django_forms.IntegerField(widget=django_forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    rule = django_forms.TypedChoiceField(
        label="Which rule is it about?",
        choices=[(rule.number, f"{rule.number}. {rule.title}") for rule in RULES],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioCards,
    )
    action = django_forms.ChoiceField(label="What do you do?", required=False, widget=forms.RadioCards(hints=HINTS))
    days = django_forms.TypedChoiceField(
        label="For how long? (a limit or a pause)",
        choices=[*LENGTHS, ("", "Until a moderator lifts it (a pause only)")],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioCards,
    )
    look_again_on = django_forms.DateField(
        label="Look at it again on",
        help_text="For a pause or a ban. The desk reminds us on that day.",
        required=False,
        widget=forms.DateInput(),
        error_messages={"invalid": "Please write a day, such as 2026-12-01."},
    )
    hides = django_forms.BooleanField(label="Hide the words as well", required=False)
    facts = Paragraphs(
        label="What you looked at",
        help_text="The quoted words and their day. The person reads this.",
        max_length=FACTS_MOST,
        required=False,
        rows=4,
    )
    words = Paragraphs(label="Your words to them", max_length=STATEMENT_MOST, required=False, rows=5)
    reporter_words = Paragraphs(
        label="Your words to whoever reported it", max_length=STATEMENT_MOST, required=False, rows=3
    )
    alone_because = Line(
        label="Decide alone, because",
        help_text="Only for a ban without a second moderator. The statement tells this reason.",
        max_length=WHY_MOST,
        required=False,
    )

    def __init__(self, *args: Any, case: Case, moderator: Member, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for each in self.fields.values():
            # What is needed follows from the action, and the verb says it.
            each.depends = True  # type: ignore[attr-defined]
        action: Any = self.fields["action"]
        action.choices = [(each.value, each.label) for each in _actions(case)]
        self.fields["words"].label = f"Your words to {case.author.called}"
        texts = words_for(case)
        for name in _not_asked(case) | {"words", "reporter_words"} - texts:
            del self.fields[name]
        if "reporter_words" not in texts:
            nothing = NOTHING_HELD if case.is_held else NOTHING_FOUND
            # Each form has widgets of its own.
            action.widget.hints = HINTS | {Action.NOTHING.value: nothing}
        if decides_alone(moderator, case):
            self.fields["alone_because"].help_text = "Nobody else can decide this now. The statement tells your reason."

    def ruling(self) -> Ruling:
        known = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return Ruling(known.pop("action"), **{"hides": False} | known)


class WhyForm(forms.Form):
    why = Line(label="Why?", max_length=WHY_MOST, error_messages={"required": "Please say why, in a few words."})


class MoreForm(forms.Form):
    why = Line(
        label="Why do you need more?",
        max_length=WHY_MOST,
        error_messages={"required": "Please say why, in a few words."},
    )
    more = django_forms.IntegerField(widget=django_forms.HiddenInput, initial=MORE, min_value=MORE, max_value=MORE_MOST)

    def __init__(self, *args: Any, **kwargs: Any):
        # It stands beside another form that asks why.
        super().__init__(*args, auto_id="more_%s", **kwargs)


class ReverseForm(forms.Form):
    why = Line(
        label="Why do you take it back?",
        help_text="For our records.",
        max_length=WHY_MOST,
        error_messages={"required": "Please say why, in a few words."},
    )
    words = Paragraphs(
        label="Your words to them",
        max_length=STATEMENT_MOST,
        rows=4,
        error_messages={"required": "Please write what the person reads."},
    )


class PhraseForm(forms.Form):
    words = Paragraphs(
        label="Words to whom it is about",
        help_text="You can use {{ called }}, {{ rule }}, {{ until }} and {{ quote }}.",
        max_length=STATEMENT_MOST,
        rows=6,
    )
    reporter_words = Paragraphs(label="Words to whoever reported it", max_length=STATEMENT_MOST, rows=4)


def _not_asked(case: Case) -> set[str]:
    if case.is_appeal:
        return {"rule", "days", "look_again_on", "hides"}
    return set() if can_be_hidden(case) else {"hides"}


def _actions(case: Case) -> list[Action]:
    if case.is_appeal:
        return list(ON_APPEAL)
    found = [action for action in Action if action not in ON_APPEAL]
    if not case.conversation_id:
        found.remove(Action.CLOSE)
    if not can_be_hidden(case):
        found.remove(Action.HIDE)
    return found

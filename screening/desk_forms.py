"""What staff fill in about rules."""

from typing import Any

from django import forms as django_forms

from carecollective import forms
from carecollective.form_text import Line, Paragraphs
from carecollective.text import trim
from screening.models.rule import WHY_MOST
from screening.phrases import MOST_LETTERS
from screening.services.ruling import Draft, NewRule
from screening.words import Category

LANGUAGE = (
    "One phrase a line. A space stands for any gap, … for up to three words, ( | ) for a choice, ? for “or not”. "
    "Disguised letters are found by themselves."
)
SENTENCES = "One sentence a line. Make them up: never copy what a member wrote."


def _box(label: str, hint: str, most: int, rows: int = 6, required: bool = True) -> Paragraphs:
    return Paragraphs(label=label, help_text=hint, max_length=most, required=required, rows=rows)


class WhyForm(forms.Form):
    """Why a rule goes a step."""

    why = _box("Why?", "One sentence. It stands in the log for good.", WHY_MOST, rows=3)


class VersionForm(forms.Form):
    phrases = _box("What it looks for", LANGUAGE, MOST_LETTERS, rows=10)
    unless = _box("Unless this stands near it", LANGUAGE, MOST_LETTERS, rows=4, required=False)
    examples = _box("It must find each of these", SENTENCES, 8000)
    counter_examples = _box("It must find none of these", SENTENCES, 8000)
    why = _box("Why?", "What did you see that needs this?", WHY_MOST, rows=3)

    def draft(self) -> Draft:
        filled: dict[str, Any] = self.cleaned_data
        return Draft(
            phrases=filled["phrases"],
            unless=filled["unless"],
            examples=_sentences(filled["examples"]),
            counter_examples=_sentences(filled["counter_examples"]),
            why=filled["why"],
        )


class RuleForm(VersionForm):
    name = Line(label="What is the rule called?", max_length=60)
    category = django_forms.ChoiceField(label="What is it about?", choices=Category.choices)
    purpose = Line(label="What is it for?", max_length=WHY_MOST)
    field_order = ("name", "category", "purpose")

    def rule(self) -> NewRule:
        return NewRule(*(self.cleaned_data[name] for name in ("name", "category", "purpose")))


def _sentences(written: str) -> tuple[str, ...]:
    return tuple(sentence for sentence in map(trim, written.splitlines()) if sentence)

"""How good the first rules are: measured on sentences of caregivers and on lines that do harm."""

from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from screening import measuring
from screening.measuring import Share
from screening.words import Category
from tests.screening.test_evasion import rules

# A little below what is reached, on the half nobody looked at while rules were written.
LEAST_FOUND = {
    Category.THREAT: 0.8,
    Category.PROFANITY: 0.85,
    Category.SCAM: 0.9,
    Category.SPAM: 0.88,
    Category.PERSONAL: 0.85,
    Category.SELF_HARM: 0.9,
}


def test_the_sets_are_as_large_as_we_say_and_no_line_stands_twice() -> None:
    assert (len(measuring.benign()), len(set(measuring.benign()))) == (500, 500)
    assert (len(measuring.abusive()), len({line.text for line in measuring.abusive()})) == (300, 300)
    assert set(Counter(line.category for line in measuring.abusive())) == set(Category.values)
    assert not set(measuring.benign()) & {line.text for line in measuring.abusive()}


def test_at_most_one_harmless_sentence_in_a_hundred_is_found() -> None:
    for half in (*measuring.benign_halves(), [*measuring.benign_halves().known, *measuring.benign_halves().held_back]):
        wrong = measuring.alarms(rules(), half)
        assert len(wrong) <= 0.013 * len(half), wrong
    assert len(measuring.alarms(rules(), [measuring.Line("", text) for text in measuring.benign()])) <= 5


def test_at_most_five_of_500_harmless_sentences_warn_their_writer() -> None:
    assert len(measuring.warned(rules(), [measuring.Line("", text) for text in measuring.benign()])) <= 5


def test_the_fresh_sample_stands_apart() -> None:
    fresh = measuring.fresh()
    assert Counter(line.category for line in fresh) == {
        "": 220, "threat": 70, "profanity": 20, "potential_scam": 20, "spam": 20, "self_harm": 20, "personal_info": 10
    }  # fmt: skip
    assert not {line.text for line in fresh} & {*measuring.benign(), *(line.text for line in measuring.abusive())}


def test_of_fresh_sentences_one_in_a_hundred_is_found_where_none_should_be_and_most_where_they_should() -> None:
    fresh = measuring.fresh()
    wrong = measuring.alarms(rules(), [line for line in fresh if not line.category])
    assert len(wrong) <= 2, wrong
    for category, share in measuring.recall(rules(), [line for line in fresh if line.category]).items():
        assert share.found >= 0.8 * share.of, category


@pytest.mark.parametrize("category", Category.values)
def test_most_harmful_lines_are_found_in_both_halves(category: str) -> None:
    for half in measuring.abusive_halves():
        share: Share = measuring.recall(rules(), half)[category]
        assert share.found >= LEAST_FOUND[Category(category)] * share.of, measuring.missed(rules(), half)


@pytest.mark.django_db
def test_the_command_prints_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "LENGTHS", (1000,))
    told = StringIO()
    call_command("screening", "--show", stdout=told)
    lines = told.getvalue()
    for words in (
        "Harmless sentences",
        "held back",
        "fresh",
        "potential_scam",
        "self_harm",
        "per 1,000 characters",
        "threat: ",
    ):
        assert words in lines


@pytest.mark.django_db
def test_the_command_replays_one_rule() -> None:
    told = StringIO()
    call_command("screening", "replay", "selling", stdout=told)
    assert told.getvalue().startswith("selling 1 (warn): 0 right, 0 wrong and 0 missed of 0 decided texts;")
    with pytest.raises(CommandError, match="no rule called"):
        call_command("screening", "replay", "nothing")

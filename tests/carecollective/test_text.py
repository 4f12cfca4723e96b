"""What counts as text, whoever writes it and in whatever script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecollective.text import Unwritable, clean, clean_line, is_blank

UNSEEN = ["\u200b", "\u00a0", "\u2003", "\u3000", "\ufeff", "\u2060", "\u00ad", "\u115f", "\u3164", "\u2800", "\u180e"]
UNSEEN += ["\t", "\n", "\u2028", "\u034f", "\u061c", "\u202e", "\U000e0041", "\ufe0f"]


@pytest.mark.parametrize("unseen", UNSEEN, ids=lambda unseen: f"U+{ord(unseen):04X}")
def test_twelve_unseen_characters_are_no_text(unseen: str) -> None:
    assert clean(unseen * 12) == ""
    assert is_blank(unseen * 12)
    assert clean(f"{unseen * 3}Hello{unseen * 3}") == "Hello"


@pytest.mark.parametrize(
    "words",
    ["李文", "محمد", "Nguyễn Thị Hoa", "O’Neill", "Søren", "ইন্দিরা", "José-María", "Ѳеодоръ", "می‌خواهم", "क्षि", "𠮷野"],
)
def test_words_of_every_script_stay_as_they_are(words: str) -> None:
    assert clean(words) == unicodedata.normalize("NFC", words)


@pytest.mark.parametrize("words", ["Thank you ❤️", "👩‍👩‍👧", "👍🏽", "🇺🇸", "\U0001fae8"])
def test_an_emoji_keeps_its_colour_and_its_family(words: str) -> None:
    assert clean(f"  {words}\u200b ") == words


def test_letters_are_counted_in_one_form() -> None:
    assert len(clean("e\u0301" * 10)) == 10


@pytest.mark.parametrize("bad", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800", "a\udfffb"])
def test_what_cannot_be_shown_is_refused(bad: str) -> None:
    with pytest.raises(Unwritable):
        clean(f"Hello {bad} there")


def test_line_breaks_have_one_form() -> None:
    assert clean("one\r\ntwo\rthree") == "one\ntwo\nthree"


def test_a_name_has_one_line() -> None:
    assert clean_line("Mary\r\nJo\u2028Ann\tLee") == "Mary Jo Ann Lee"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_cleaning_twice_changes_nothing_more(words: str) -> None:
    assert clean(clean(words)) == clean(words)


def test_a_name_turns_no_writing_round() -> None:
    assert clean_line("\u202eAna\u202c") == "Ana"
    assert clean_line("a\u2066b\u2069c") == "abc"

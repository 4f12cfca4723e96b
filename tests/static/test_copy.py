"""Our words are plain: school grade 6 on the whole, and no long sentence above 9."""

import pytest

from tests.static.readability import grade, syllables, words_of
from tests.static.sentences import every_text

MOST_ON_THE_WHOLE, MOST_OF_ONE, LONG = 6.0, 9.0, 12
# Hard by the name of a service, which is what people ask for when they call.
WITH_A_NAME = "Eldercare Locator"


COUNTED = {
    1: "help place rules asked blocked don’t you",
    2: "offered little needed request people being question",
    3: "groceries area caregiver messages idea",
    4: "moderator community",
}


@pytest.mark.parametrize("number", COUNTED)
def test_syllables_are_counted(number: int) -> None:
    assert {word: syllables(word) for word in COUNTED[number].split()} == dict.fromkeys(COUNTED[number].split(), number)


def test_grades_are_as_flesch_and_kincaid_have_them() -> None:
    assert grade("The cat sat on the mat.") == pytest.approx(-1.45, abs=0.01)
    hard = "The organization facilitates interpersonal collaboration between participating individuals."
    assert grade(hard) > 20


def test_the_words_of_every_kind_of_file_are_found() -> None:
    texts = every_text()
    for one in (
        "Free, private, and close to home.",
        "Only our team sees your full name.",
        "We cannot find that. It may have been taken down.",
        "Use 12 or more letters. A short sentence works well.",
        "You are offline. Your words are still here; send them when you are back.",
    ):
        assert one in texts, one
    assert len(texts) > 400


def test_our_words_are_plain() -> None:
    texts = every_text()
    long = [text for text in texts if len(words_of(text)) >= LONG and WITH_A_NAME not in text]
    hard = {text: grade(text) for text in long if grade(text) > MOST_OF_ONE}
    lines = (f"{found:.1f} {text} ({', '.join(sorted(texts[text]))})" for text, found in hard.items())
    assert not hard, "\n".join(lines)
    assert grade(*texts) <= MOST_ON_THE_WHOLE

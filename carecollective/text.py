"""What counts as text: trimming, folding, counting and refusing, the same for every writer."""

import re
import unicodedata

MARKS_ON_A_LETTER = {0xFE0E, 0xFE0F}
BLANK_LETTERS = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0x1D159}
KEPT_CONTROLS = {"\n", "\t", "\r"}
# What turns the writing round inside a name would turn the words of ours beside it, too.
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
LINE_BREAKS = re.compile("[\r\n\t\u2028\u2029]+")

# Variation selectors, tags and points that will never be characters.
BLANK_RANGES = ((0xFE00, 0xFE0F), (0x180B, 0x180F), (0xE0000, 0xE0FFF), (0xFDD0, 0xFDEF), (0xFFFE, 0xFFFF))


class Unwritable(ValueError):
    """Text no member could have meant to write; its words are one plain sentence."""


def clean(value: str) -> str:
    """The text as it is counted and stored: readable, in one form, nothing unseen at its ends."""
    must_be_readable(value)
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    return trim(unicodedata.normalize("NFC", value))


def clean_line(value: str) -> str:
    """The same for a text of one line, such as a name or a title."""
    return clean(TURNS.sub("", LINE_BREAKS.sub(" ", value)))


def trim(value: str) -> str:
    """Removes white space and invisible characters of every kind from both ends."""
    start, end = 0, len(value)
    while start < end and is_invisible(value[start]):
        start += 1
    while end > start and is_invisible(value[end - 1]):
        end -= 1
    # The mark that makes a heart red belongs to the heart.
    if start < end < len(value) and ord(value[end]) in MARKS_ON_A_LETTER and not value[end - 1].isalnum():
        end += 1
    return value[start:end]


def is_invisible(character: str) -> bool:
    # Unassigned points stay visible: they are the emoji this Python does not know yet.
    if unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cc", "Cf"):
        return True
    point = ord(character)
    return point in BLANK_LETTERS or any(first <= point <= last for first, last in BLANK_RANGES)


def is_blank(value: str) -> bool:
    return not trim(value)


def must_be_readable(value: str) -> None:
    for character in value:
        category = unicodedata.category(character)
        if category == "Cs" or (category == "Cc" and character not in KEPT_CONTROLS):
            raise Unwritable("This text has a character that cannot be shown. Please remove it.")

"""Texts of the original as a column here can hold them."""

import unicodedata

from carecollective.text import KEPT_CONTROLS, clean, clean_line


def line_of(value: object, most: int) -> str:
    return clean_line(_readable(value))[:most].rstrip()


def text_of(value: object, most: int) -> str:
    return clean(_readable(value))[:most].rstrip()


def is_longer(value: object, most: int) -> bool:
    return len(clean(_readable(value))) > most


def _readable(value: object) -> str:
    """Without what nobody can have meant to write."""
    text = "" if value is None else str(value)
    return "".join(each for each in text if each in KEPT_CONTROLS or unicodedata.category(each) not in ("Cs", "Cc"))

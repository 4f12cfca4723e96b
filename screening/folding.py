"""Undoing disguises: one plain ASCII spelling of a text, with the way back to each place in the original.

Everything here looks at each character once, so its time grows with the length of the text and with nothing else.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import re2
from django.utils.functional import cached_property

from screening.confusables import LOOK_ALIKES, RANGES

# What has no ASCII spelling, such as an emoji or a letter of another script.
OTHER = "\x1a"
TABS = str.maketrans("\t\r", "  ")
BACK_TO_FRONT, FRONT_AGAIN = "\u202e", "\u202c"
# Beside anything else the sign of the euro is drawn for an e.
AROUND_SUMS = "€ 0123456789.,()\n"
LINE_ENDS = "\n\v\f\x85\u2028\u2029"
BLANKS = "\u2800\u3164\u115f\u1160\uffa0"
MOST_KEPT = 20_000

BYTES = re2.Options()
BYTES.encoding = re2.Options.Encoding.LATIN1
BYTES.log_errors = False

ONE = rb"[a-z0-9@$!]"
GAP = rb"[^a-z0-9@$!]{1,4}"
# Four and more single letters in a row: "g i f t", "k.i.l.l".
SPELLED = re2.compile(rb"(?:^|[^a-z0-9])(" + ONE + rb"(?:" + GAP + ONE + rb"){3,})(?:$|[^a-z0-9])", BYTES)
# A mark inside a word: "ki.ll", "gi*ft".
PARTED = re2.compile(rb"[a-z][.*_~|-][a-z]", BYTES)
MARKS = frozenset(b".*_~|-")


@dataclass(frozen=True)
class Folded:
    """`places[n]` is where the character `n` of the folded text stands in the original."""

    text: bytes
    places: Sequence[int]

    @cached_property
    def words(self) -> bytes:
        """What is looked for may go on in the next line."""
        return self.text.replace(b"\n", b" ")

    def original(self, start: int, end: int) -> tuple[int, int]:
        found = self.places[start:end]
        return min(found), max(found) + 1


@dataclass(frozen=True)
class Undone:
    """The text once more with its letters moved together; and what was spelled out alone, without any gaps."""

    whole: Folded
    runs: Folded


def fold(text: str) -> Folded:
    """Case, width, look-alike letters, accents and everything unseen are gone."""
    if text.isascii() and text.translate(TABS).replace("\n", " ").isprintable():
        return Folded(text.translate(TABS).lower().encode(), range(len(text)))
    pieces, places = [], []
    for place in _as_shown(text):
        character = text[place]
        piece = _kept.get(character) or _keep(character)
        if character == "€" and text[max(0, place - 1) : place + 2].strip(AROUND_SUMS):
            piece = "e"
        pieces.append(piece)
        places += [place] * len(piece)
    return Folded("".join(pieces).encode(), places)


def _as_shown(text: str) -> Iterable[int]:
    """Behind a mark, up to another one or the end of the line, a text is shown back to front."""
    if BACK_TO_FRONT not in text:
        return range(len(text))
    shown: list[int] = []
    turned: list[int] = []
    is_turned = False
    for place, character in enumerate(text):
        if character in (BACK_TO_FRONT, FRONT_AGAIN, "\n"):
            shown += reversed(turned)
            turned, is_turned = [], character == BACK_TO_FRONT
        (turned if is_turned else shown).append(place)
    return [*shown, *reversed(turned)]


def undo_gaps(folded: Folded) -> Undone | None:
    """The text with spelled-out and parted words made whole; None where there are none."""
    runs = [match.span(1) for match in SPELLED.finditer(folded.text)]
    if not runs and PARTED.search(folded.text) is None:
        return None
    whole, letters, places, last = [], bytearray(), [], 0
    for start, end in runs:
        run = _without_gaps(folded.text, start, end)
        whole += [*_without_marks(folded.text, last, start), *run]
        together = [place for place in run if _is_one(folded.text[place])]
        letters += bytes(folded.text[place] for place in together) + APART
        places += [folded.places[place] for place in (*together, together[-1])]
        last = end
    whole += _without_marks(folded.text, last, len(folded.text))
    return Undone(_taken(folded, whole), Folded(bytes(letters), places))


# Between two runs; no gap of any phrase.
APART = b"#"
WHITE = frozenset(b" \n")


def _taken(folded: Folded, kept: list[int]) -> Folded:
    return Folded(bytes(folded.text[place] for place in kept), [folded.places[place] for place in kept])


def _without_marks(text: bytes, start: int, end: int) -> list[int]:
    return [
        place
        for place in range(start, end)
        if not (
            text[place] in MARKS
            and start < place < end - 1
            and chr(text[place - 1]).isalpha()
            and chr(text[place + 1]).isalpha()
        )
    ]


def _without_gaps(text: bytes, start: int, end: int) -> list[int]:
    """A gap wider than the narrowest one of the run parts two words, and one space of it stays."""
    gaps, at = [], start + 1
    while at < end:
        after = at
        while not _is_one(text[after]):
            after += 1
        gaps.append((at, sum(text[place] in WHITE for place in range(at, after))))
        at = after + 1
    narrowest = min(width for _, width in gaps)
    wide = {at for at, width in gaps if width > narrowest}
    kept = []
    for place in range(start, end):
        if _is_one(text[place]):
            kept.append(place)
        elif place in wide:
            kept.append(next(white for white in range(place, place + 4) if text[white] in WHITE))
    return kept


def _is_one(byte: int) -> bool:
    return 97 <= byte <= 122 or 48 <= byte <= 57 or byte in b"@$!"


_kept: dict[str, str] = {}


def _keep(character: str) -> str:
    if len(_kept) > MOST_KEPT:
        _kept.clear()
    _kept[character] = folded = _fold_one(character)
    return folded


def _fold_one(character: str) -> str:
    if character in LOOK_ALIKES:
        return LOOK_ALIKES[character]
    if character in BLANKS or character.isspace():
        return "\n" if character in LINE_ENDS else " "
    kind = unicodedata.category(character)
    if kind in ("Mn", "Me", "Cf", "Cc"):
        return ""
    return _in_a_range(ord(character)) or _taken_apart(character)


def _in_a_range(point: int) -> str:
    return next((chr(ord("a") + point - first) for first in RANGES if first <= point < first + 26), "")


def _taken_apart(character: str) -> str:
    if character.isascii():
        return character.lower()
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    parts = unicodedata.normalize("NFKD", character)
    if parts == character:
        return OTHER if character == character.lower() else _fold_one(character.lower())
    folded = "".join(_fold_one(part) for part in parts)
    # A letter in brackets or with a point is that letter.
    letters = [letter for letter in folded if letter.isalnum()]
    return letters[0] if len(letters) == 1 else folded

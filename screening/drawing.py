"""Letters drawn with several signs, such as |< or (_), made into letters."""

import re2

from screening.confusables import DRAWINGS, SIGNS
from screening.folding import BYTES, Folded

_LETTERS = {drawing.encode(): letter for drawing, letter in DRAWINGS}
_SIGNS = {sign.encode(): letter for sign, letter in SIGNS.items()}
_DRAWN = "|".join(re2.escape(drawing) for drawing, _ in DRAWINGS)
_SIGN = "[" + "".join(re2.escape(sign) for sign in SIGNS) + "]"
HAS_DRAWINGS = re2.compile(f"{_DRAWN}|[a-z]{_SIGN}[a-z]|[a-z]{{2}}[#<]|[#<][a-z]{{2}}|(?:^|[^a-z])nn".encode(), BYTES)
# Two n are an m: at the beginning of a word, where no word has them, or wherever they stand.
DRAWING = tuple(re2.compile(f"({_DRAWN})|{two_n}".encode(), BYTES) for two_n in ("(?:^|[^a-z])(nn)", "(nn)"))
SIGN = re2.compile(f"({_SIGN})".encode(), BYTES)


def redraw(folded: Folded) -> list[Folded]:
    """The text again with letters for drawings, each way it may be read; none where there are none."""
    if HAS_DRAWINGS.search(folded.text) is None:
        return []
    read = [_redrawn(_redrawn(folded, drawing), SIGN) for drawing in DRAWING]
    return read[: 1 + (read[0].text != read[1].text)]


def _redrawn(folded: Folded, drawing: re2._Regexp) -> Folded:
    text = folded.text
    letters, places, last = bytearray(), [], 0
    for match in drawing.finditer(text):
        start, end = match.span(1) if match.group(1) else match.span(2)
        if (letter := _letter(text, start, end)) is not None:
            letters += text[last:start] + letter
            places += [*folded.places[last:start], folded.places[start]]
            last = end
    return Folded(bytes(letters + text[last:]), [*places, *folded.places[last:]])


def _letter(text: bytes, start: int, end: int) -> bytes | None:
    drawing = text[start:end]
    if drawing == b"nn":
        return b"m"
    if drawing in _SIGNS:
        beside = text[max(0, start - 1) : start] + text[end : end + 1]
        return _SIGNS[drawing].encode() if any(97 <= byte <= 122 or byte in b"01$" for byte in beside) else None
    return _LETTERS[drawing].encode()

"""Words that were cut in pieces, or written without gaps, made whole again: by the words the rules look for.

Where all pieces are words of their own they are left alone, so "be at" stays what it is. A piece is put together with
what follows only as long as some word begins like that, so the work grows with the length of the text alone.
"""

from collections.abc import Iterable
from functools import cache
from itertools import accumulate, islice
from pathlib import Path
from typing import NamedTuple

from screening import phrases
from screening.folding import Folded

ORDINARY = Path(__file__).parent / "sets" / "ordinary.txt"
# What stands between two pieces of one word at most, in letters; and how many pieces a word has.
GAP_MOST, PIECES_MOST = 4, 6
SHORTEST, LONGEST = 3, 16
# Shorter ones hold too little to be several words.
RUN_LEAST = 5
# In a run of so many letters some may belong to words nobody listed, in a shorter one none.
LONG_RUN = 12
UNKNOWN_COSTS = 4
# One of these in the middle of a word stands for the vowel it hides.
VOWELS = (b"a", b"e", b"i", b"o", b"u")
MARKS = frozenset((b".", b"*", b"_", b"-", b"~", b"|", b"#", b"%", b"\x1a"))

LETTERS = b"abcdefghijklmnopqrstuvwxyz0123456789@$'"
# An l is drawn like an i, and so is a 1: words are compared without telling them apart.
ALIKE = bytes.maketrans(b"l", b"i")
DRAWN = bytes.maketrans(b"l0134578@$", b"ioieastbas")
ONLY_WORDS = bytes(byte if byte in LETTERS else 32 for byte in range(256))


@cache
def ordinary() -> frozenset[bytes]:
    """Words as people here write them; pieces that are among them need no mending."""
    words = ORDINARY.read_bytes().split()
    return frozenset(form for word in words for form in (word, word.replace(b"'", b""), word + b"'s"))


class Change(NamedTuple):
    """Between two places of the text: what is left out, or put in."""

    start: int
    end: int
    put: bytes = b""


class Joined(NamedTuple):
    """Better is what leaves fewer odd pieces alone, then what is longer."""

    odds: int
    pieces: int
    at: int
    tells: bool


NOT_JOINED = Joined(0, 0, 0, False)


class Pieces:
    """The words of a text as they stand there, and which of them nobody knows."""

    def __init__(self, text: bytes, known: frozenset[bytes], known_alike: frozenset[bytes]):
        self.text = text
        self.starts: list[int] = []
        plain = text.translate(ONLY_WORDS)
        written = plain.split()
        unknown = {word for word in set(written) - known if not word.isdigit()}
        # Most texts have only words we know, whatever they say.
        odd = [nth for nth, word in enumerate(written) if word in unknown] if unknown else []
        self.words = plain.translate(ALIKE).split() if odd else written
        for nth in odd:
            if not written[nth].isalpha():
                self.words[nth] = written[nth].translate(DRAWN)
        self.odd = [nth for nth in odd if written[nth].isalpha() or self.words[nth] not in known_alike]
        self.strange = frozenset(self.odd)
        if self.odd:
            self._find(plain)

    def _find(self, text: bytes) -> None:
        at = 0
        for length in map(len, text.split()):
            while text[at] == 32:
                at += 1
            self.starts.append(at)
            at += length

    def end(self, nth: int) -> int:
        return self.starts[nth] + len(self.words[nth])

    def gap(self, nth: int) -> Change:
        """Between it and the next one."""
        return Change(self.end(nth), self.starts[nth + 1])


class Mender:
    """Knows the words of some rules."""

    def __init__(self, rules: Iterable[str]):
        telling = {word for one in rules for word in phrases.words(one) if SHORTEST <= len(word) <= LONGEST}
        self._written = ordinary() | telling
        self._telling = frozenset(word.translate(ALIKE) for word in telling)
        self._known = self._telling | {word.translate(ALIKE) for word in ordinary()}
        self._begun = frozenset(word[:length] for word in self._known for length in range(1, len(word) + 1))

    def mend(self, folded: Folded) -> Folded | None:
        """The text with its words whole; None where nothing was cut that any rule looks for."""
        pieces = Pieces(folded.text, self._written, self._known)
        changes = self._changes(pieces) if pieces.odd else []
        return _changed(folded, changes) if changes else None

    def _changes(self, pieces: Pieces) -> list[Change]:
        """For each word that was cut or run together; none at all where none of them is one of a rule."""
        made: list[Change] = []
        telling = done = 0
        for odd in pieces.odd:
            if odd < done:
                continue
            first = max(done, odd - PIECES_MOST + 1)
            joined = max(self._joined(pieces, at, odd) for at in range(first, odd + 1))
            if joined.pieces:
                made += [pieces.gap(joined.at + nth) for nth in range(joined.pieces - 1)]
                telling, done = telling + joined.tells, joined.at + joined.pieces
            elif changes := self._parted(pieces, odd) or self._hidden(pieces, done, odd):
                made, telling, done = made + changes, telling + 1, odd + 1
        return made if telling else []

    def _joined(self, pieces: Pieces, at: int, odd: int) -> Joined:
        """The most pieces from here on, past the odd one, that are one word together."""
        whole, odds, best = pieces.words[at], int(at in pieces.strange), NOT_JOINED
        for nth in range(at + 1, min(at + PIECES_MOST, len(pieces.words))):
            if whole not in self._begun or pieces.starts[nth] - pieces.end(nth - 1) > GAP_MOST:
                break
            whole += pieces.words[nth]
            odds += nth in pieces.strange
            # Words spelled out letter by letter are made whole elsewhere; here a part of one would be found.
            is_cut = len(whole) > nth - at + 1
            if nth >= odd and is_cut and len(whole) >= SHORTEST and whole in self._known:
                best = Joined(odds, nth - at + 1, at, whole in self._telling)
        return best

    def _hidden(self, pieces: Pieces, done: int, odd: int) -> list[Change]:
        """ "k.ll": a mark where a vowel was."""
        for nth in range(max(done, odd - 1), min(odd + 1, len(pieces.words) - 1)):
            start, end, _ = pieces.gap(nth)
            if pieces.text[start:end] in MARKS:
                for vowel in VOWELS:
                    if pieces.words[nth] + vowel + pieces.words[nth + 1] in self._telling:
                        return [Change(start, end, vowel)]
        return []

    def _parted(self, pieces: Pieces, odd: int) -> list[Change]:
        """The words a run of letters is made of, if there are any that cover it."""
        start, end = pieces.starts[odd], pieces.end(odd)
        if end - start < RUN_LEAST:
            return []
        run = pieces.text[start:end]
        for table in (ALIKE,) if run.isalpha() else (ALIKE, DRAWN):
            words = self._split(run.translate(table))
            if any(word in self._telling for word in words):
                starts = accumulate(map(len, words[:-1]), initial=start)
                return [Change(at, at, b" ") for at in islice(starts, 1, None)]
        return []

    def _split(self, run: bytes) -> list[bytes]:
        """The fewest known words, and as few letters outside of any as can be; nothing where too many are."""
        best: list[tuple[int, int, int]] = [(0, 0, 0), *[(len(run) * UNKNOWN_COSTS + 1, 0, 0)] * len(run)]
        for start in range(len(run)):
            cost, unknown, _ = best[start]
            is_letter = not 48 <= run[start] <= 57
            if cost + UNKNOWN_COSTS < best[start + 1][0]:
                best[start + 1] = (cost + UNKNOWN_COSTS, unknown + is_letter, start)
            for end in range(start + 1, min(start + LONGEST, len(run)) + 1):
                word = run[start:end]
                if word not in self._begun:
                    break
                if cost + 1 < best[end][0] and word in self._known:
                    best[end] = (cost + 1, unknown, start)
        if best[-1][1] > (len(run) // 5 if len(run) >= LONG_RUN else 0):
            return []
        return _back(run, best)


def _back(run: bytes, best: list[tuple[int, int, int]]) -> list[bytes]:
    """Letters outside of any word stay together."""
    words: list[bytes] = []
    end, was_outside = len(run), False
    while end:
        start = best[end][2]
        is_outside = best[end][0] - best[start][0] == UNKNOWN_COSTS
        if is_outside and was_outside:
            words[-1] = run[start:end] + words[-1]
        else:
            words.append(run[start:end])
        end, was_outside = start, is_outside
    return words[::-1]


def _changed(folded: Folded, changes: list[Change]) -> Folded:
    letters, places, last = bytearray(), [], 0
    for change in sorted(changes):
        letters += folded.text[last : change.start] + change.put
        places += [*folded.places[last : change.start], *[folded.places[change.start]] * len(change.put)]
        last = change.end
    return Folded(bytes(letters + folded.text[last:]), [*places, *folded.places[last:]])

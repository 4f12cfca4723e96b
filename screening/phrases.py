"""The language rules are written in: phrases, one a line, made into RE2 patterns.

A space stands for any gap between words, … for up to three words, ' for an apostrophe or none. The rest is RE2:
letters, ( | ), [ ], ?, {m,n}, \\d.
"""

from collections.abc import Iterable
from enum import Enum

import re2

from screening.folding import BYTES, OTHER

MOST_LETTERS = 16_000
# Of one rule in its costliest spelling, and of all that run: RE2's own count of what it has to go through for one
# letter at worst. Within it a rule is ready in a blink, and its work fits into the memory below.
MOST_STEPS, MOST_STEPS_TOGETHER = 80_000, 800_000
TOO_MUCH = "This looks for too much at once. Please make two rules of it, or use smaller numbers in { }."
# What RE2 may keep of its work; with less it is slower, never wrong.
MEMORY = 8 << 20
GAP = rf"""(?:[\s_*~|/+"'{OTHER}-]{{1,4}}|\.{{1,6}})"""
WORDS = r"(?:[ ,_~|/+]+[a-z0-9'$*@!-]+){0,3}"
DRAWN_LIKE = {
    "a": "[a4@*]",
    "b": "[b8]",
    "e": "[e3*]",
    "g": "[g9]",
    "i": "[i1!|*]",
    "l": "[l1|]",
    "o": "[o0*]",
    "s": "[s5$]",
    "t": "[t7]",
    "u": "[u*]",
}
REPEATS = "?*+{"


# Where a text has none of these, its letters are what they seem.
DISGUISED = re2.compile(
    "|".join(
        (
            r"[a-z][0134578@$|*]+[a-z]",
            r"(?:^|[^a-z0-9])[01357@$|*][a-z]{3}",
            r"[a-z]{2}[0134578@$|]{1,2}(?:$|[^a-z0-9])",
            *(letter * 3 for letter in "bcdefglmnoprstyz"),
            *(letter * 2 for letter in "ahijkquvwx"),
        )
    ).encode(),
    BYTES,
)


# To find the words in phrases: what is no letter itself, "card(s|holder)", "cards?".
NO_WORDS = re2.compile(rb"\\.|\[[^\]]*\]|\{[^}]*\}", BYTES)
WORD = re2.compile(rb"[a-z]+", BYTES)
ENDINGS = re2.compile(rb"([a-z]+)\(([a-z|]+)\)", BYTES)
MAYBE = re2.compile(rb"([a-z]+)\?", BYTES)


class Spelling(Enum):
    """How much a pattern forgives; each way costs more than the one before, and is asked only where it is needed."""

    AS_WRITTEN = 1
    # Each letter however often, and what is drawn like it.
    DISGUISED = 2
    # The same, for letters that were spelled out one by one, where no gap tells one word from the next.
    TOGETHER = 3


class NotAPattern(ValueError):
    """A phrase that cannot be read; its words are one plain sentence."""


def compiled(phrases: str, spelling: Spelling = Spelling.AS_WRITTEN) -> re2._Regexp:
    """Group 1 of a match is what was found."""
    body = "|".join(f"(?:{_made(line, spelling)})" for line in lines(phrases))
    source = f"({body})" if spelling is Spelling.TOGETHER else f"(?:^|[^a-z0-9])({body})(?:$|[^a-z0-9])"
    return re2.compile(source.encode("latin-1"), _options())


class Sieve:
    """Says which of many rules have a phrase in a text: it looks for their words first, all at once."""

    def __init__(self, rules: Iterable[str]):
        self.rules = frozenset(rules)
        self._rule_of: list[str] = []
        self._filter = re2.Filter()
        for phrases in sorted(self.rules):
            for line in lines(phrases):
                self._rule_of.append(phrases)
                source = f"(?:^|[^a-z0-9])(?:{_made(line, Spelling.AS_WRITTEN)})(?:$|[^a-z0-9])"
                self._filter.Add(source.encode("latin-1"), _options())
        if self._rule_of:
            self._filter.Compile()

    def found(self, text: bytes) -> set[str]:
        """Of which rules, each told by its phrases."""
        found = self._filter.Match(text) if self._rule_of else None
        return {self._rule_of[line] for line in found or ()}


def lines(phrases: str) -> list[str]:
    found = [line.strip() for line in phrases.lower().splitlines()]
    return [line for line in found if line]


def steps(phrases: str) -> int:
    """What a rule costs at worst, counted in its pattern and not in seconds, which swing with the machine."""
    return int(compiled(phrases, Spelling.TOGETHER).programsize)


def words(phrases: str) -> set[bytes]:
    """The words phrases are made of, with each ending they may have."""
    found: set[bytes] = set()
    for line in lines(phrases):
        plain = NO_WORDS.sub(b" ", line.replace("…", " ").replace("'", "").encode("latin-1"))
        found.update(WORD.findall(plain))
        for stem, endings in ENDINGS.findall(plain):
            found.update(stem + ending for ending in endings.split(b"|"))
        found.update(maybe[:-1] for maybe in MAYBE.findall(plain))
    return found


def must_be_readable(phrases: str) -> None:
    if not lines(phrases):
        raise NotAPattern("Please write at least one phrase.")
    if len(phrases) > MOST_LETTERS or not phrases.replace("…", "").isascii():
        raise NotAPattern(f"Phrases use plain letters, at most {MOST_LETTERS:,} of them.")
    for line in lines(phrases):
        try:
            found = any(compiled(line, spelling).search(b"") for spelling in Spelling)
        except re2.error as problem:
            raise NotAPattern(f"“{line[:60]}” cannot be read as a phrase.") from problem
        if found:
            raise NotAPattern(f"“{line[:60]}” would find something in an empty text.")
    if steps(phrases) > MOST_STEPS:
        raise NotAPattern(
            "This looks for too much at once. Please make two rules of it, or use smaller numbers in { }."
        )


def _options() -> re2.Options:
    options = re2.Options()
    options.encoding, options.log_errors = BYTES.encoding, False
    options.dot_nl, options.max_mem = True, MEMORY
    return options


def _made(phrase: str, spelling: Spelling) -> str:
    made, at = [], 0
    while at < len(phrase):
        length = _token(phrase, at)
        made.append(_one(phrase[at : at + length], phrase[at + length : at + length + 2], spelling))
        at += length
    return "".join(made)


def _token(phrase: str, at: int) -> int:
    if phrase[at] == "\\":
        return 2
    if phrase[at] in "[{":
        end = phrase.find("]" if phrase[at] == "[" else "}", at + 1)
        return (end if end > 0 else len(phrase)) - at + 1
    if phrase.startswith("(?:", at):
        return 3
    return 1


def _one(sign: str, after: str, spelling: Spelling) -> str:
    if sign.isalpha() and len(sign) == 1 and spelling is not Spelling.AS_WRITTEN:
        return _repeatable(DRAWN_LIKE.get(sign, sign) + "+", after)
    if sign == " ":
        return _repeatable(f"{GAP}?" if spelling is Spelling.TOGETHER else GAP, after)
    if sign == "…":
        # Words may follow it without a space of their own.
        return WORDS + ("" if not after or after[0] in " )|" or after == "( " else GAP)
    return {"(": "(?:", "'": "'?"}.get(sign, sign)


def _repeatable(made: str, after: str) -> str:
    return f"(?:{made})" if after[:1] and after[:1] in REPEATS else made

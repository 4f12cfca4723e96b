"""The language rules are written in: phrases, one a line, made into one RE2 pattern that forgives spelling tricks.

A letter stands for itself however often and for digits drawn like it, a space for any gap between words, … for up to
three words, ' for an apostrophe or none. The rest is RE2: ( | ), [ ], ?, {m,n}, \\d.
"""

import re2

from screening.folding import BYTES, OTHER

MOST_LETTERS = 6000
MEMORY = 32 << 20
GAP = rf"""(?:[\s_*~|/+"'{OTHER}-]{{1,4}}|\.)"""
WORDS = r"(?:[ \t,]+[a-z0-9'$*@!-]+){0,3}"
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


class NotAPattern(ValueError):
    """A phrase that cannot be read; its words are one plain sentence."""


def compiled(phrases: str, *, whole_words: bool = True) -> re2._Regexp:
    """Group 1 of a match is what was found. Without `whole_words`, gaps are free: for letters that were spelled out."""
    body = "|".join(f"(?:{_loosened(line, whole_words)})" for line in lines(phrases))
    source = f"(?:^|[^a-z0-9])({body})(?:$|[^a-z0-9])" if whole_words else f"({body})"
    return _compile(source)


def gate(sources: list[str]) -> re2._Regexp | None:
    """One pattern that finds something where any of these does, so most texts are read once."""
    bodies = [_loosened(line, True) for phrases in sources for line in lines(phrases)]
    return _compile("(?:^|[^a-z0-9])(?:" + "|".join(bodies) + ")(?:$|[^a-z0-9])") if bodies else None


def lines(phrases: str) -> list[str]:
    found = [line.strip() for line in phrases.lower().splitlines()]
    return [line for line in found if line]


def must_be_readable(phrases: str) -> None:
    if not lines(phrases):
        raise NotAPattern("Please write at least one phrase.")
    if len(phrases) > MOST_LETTERS or not phrases.replace("…", "").isascii():
        raise NotAPattern(f"Phrases use plain letters, {MOST_LETTERS} at most.")
    for line in lines(phrases):
        try:
            found = compiled(line).search(b"") or compiled(line, whole_words=False).search(b"")
        except re2.error as problem:
            raise NotAPattern(f"“{line[:60]}” cannot be read as a phrase.") from problem
        if found:
            raise NotAPattern(f"“{line[:60]}” would find something in an empty text.")


def _compile(source: str) -> re2._Regexp:
    options = re2.Options()
    options.encoding, options.log_errors = BYTES.encoding, False
    options.dot_nl, options.max_mem = True, MEMORY
    return re2.compile(source.encode("latin-1"), options)


def _loosened(phrase: str, whole_words: bool) -> str:
    made, at = [], 0
    while at < len(phrase):
        length = _token(phrase, at)
        made.append(_one(phrase[at : at + length], phrase[at + length : at + length + 2], whole_words))
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


def _one(sign: str, after: str, whole_words: bool) -> str:
    if sign.isalpha() and len(sign) == 1:
        return _repeatable(DRAWN_LIKE.get(sign, sign) + "+", after)
    if sign == " ":
        return _repeatable(GAP if whole_words else f"{GAP}?", after)
    if sign == "…":
        # Words may follow it without a space of their own.
        return WORDS + ("" if not after or after[0] in " )|" or after == "( " else GAP)
    return {"(": "(?:", "'": "'?"}.get(sign, sign)


def _repeatable(made: str, after: str) -> str:
    return f"(?:{made})" if after[:1] and after[:1] in REPEATS else made

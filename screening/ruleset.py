"""The rules of a moment, made ready to read texts with."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import re2

from screening import phrases
from screening.detectors import DETECTORS, Span
from screening.drawing import redraw
from screening.folding import Folded, fold, undo_gaps
from screening.mending import Mender
from screening.phrases import DISGUISED, Sieve, Spelling
from screening.verdicts import Finding
from screening.words import Category

# More places of one rule in one text tell nobody anything.
MOST_PLACES = 20
MOST_FOUND = 200
# "8111" is drawn like "bill"; what has fewer letters than this is a number.
LEAST_LETTERS = 3
# A short phrase stands by chance inside the letters of a longer word.
LEAST_IN_A_RUN = 7
# What takes a finding back stands this near to it, in the same sentence: nobody is less threatened for a word about
# groceries before it.
NEAR = 40
SENTENCE_ENDS = b".!?\n"


@dataclass(frozen=True)
class Running:
    """One version of a rule: `phrases` as its author wrote them, or the name of a `detector`."""

    rule: str
    category: str
    version: int
    state: str
    phrases: str = ""
    unless: str = ""
    detector: str = ""
    confidence: float = 0.0

    @property
    def kind(self) -> str:
        """Which warning it gives the writer."""
        if self.detector:
            return DETECTORS[self.detector][1]
        return "money" if self.category == Category.SCAM else ""

    def finding(self, text: Folded, span: Span) -> Finding:
        start, end = text.original(*span)
        return Finding(
            category=self.category,
            rule=self.rule,
            version=self.version,
            state=self.state,
            start=start,
            end=end,
            kind=self.kind,
            confidence=self.confidence,
        )

    def places(self, text: Folded, spelling: Spelling) -> Iterator[Span]:
        if self.detector:
            return DETECTORS[self.detector][0](text.words)
        least = LEAST_IN_A_RUN if spelling is Spelling.TOGETHER else LEAST_LETTERS
        found = self._phrases(text.words, spelling, least)
        return (span for span in found if not self._is_taken_back(text.text, span, spelling))

    def make_ready(self) -> None:
        for spelling in Spelling:
            _compiled(self.phrases, spelling)
            if self.unless:
                _compiled(self.unless, _unless_in(spelling))

    def _phrases(self, text: bytes, spelling: Spelling, least: int) -> Iterator[Span]:
        pattern, at = _compiled(self.phrases, spelling), 0
        while match := pattern.search(text, at):
            start, end = match.span(1)
            if sum(97 <= byte <= 122 for byte in text[start:end]) >= least:
                yield start, end
            # The gap after one is the gap before the next.
            at = max(end, at + 1)

    def _is_taken_back(self, text: bytes, span: Span, spelling: Spelling) -> bool:
        if not self.unless:
            return False
        return _compiled(self.unless, _unless_in(spelling)).search(_sentence_around(text, *span)) is not None


class Tools(NamedTuple):
    """What is made of the phrases of rules, once, whatever state each stands in."""

    patterns: frozenset[tuple[str, str]]
    sieve: Sieve
    mender: Mender


def _tools(rules: tuple[Running, ...]) -> Tools:
    for rule in rules:
        rule.make_ready()
    phrases = [rule.phrases for rule in rules]
    return Tools(frozenset((rule.phrases, rule.unless) for rule in rules), Sieve(phrases), Mender(phrases))


class Ruleset:
    """Made ready for every spelling at once, so that no text waits for it; `before` saves what did not change."""

    def __init__(self, rules: Iterable[Running], before: "Ruleset | None" = None):
        self.rules = tuple(rules)
        self.digest = _digest(self.rules)
        self._of_shapes = tuple(rule for rule in self.rules if rule.detector)
        self._of_phrases = tuple(rule for rule in self.rules if not rule.detector)
        self._tools: Tools = before._tools if before and before.covers(self.rules) else _tools(self._of_phrases)

    def covers(self, rules: Iterable[Running]) -> bool:
        """Whether all that these look for is ready here."""
        return all(rule.detector or (rule.phrases, rule.unless) in self._tools.patterns for rule in rules)

    def examine(self, text: str) -> tuple[Finding, ...]:
        found: list[Finding] = []
        for folded in _readings(text):
            found += self._in_words(folded)
            if mended := self._tools.mender.mend(folded):
                found += self._in_words(mended)
            if undone := undo_gaps(folded):
                found += self._in_words(undone.whole)
                if undone.runs.text:
                    found += _found(self.rules, undone.runs, Spelling.TOGETHER)
        return tuple(islice(_once_each(found), MOST_FOUND))

    def _in_words(self, text: Folded) -> Iterator[Finding]:
        yield from _found(self._of_shapes, text, Spelling.AS_WRITTEN)
        if DISGUISED.search(text.words):
            yield from _found(self._of_phrases, text, Spelling.DISGUISED)
            return
        # Most texts hold no phrase of any rule, and one look says so.
        if met := self._tools.sieve.found(text.words):
            yield from _found([rule for rule in self._of_phrases if rule.phrases in met], text, Spelling.AS_WRITTEN)


def _sentence_around(text: bytes, start: int, end: int) -> bytes:
    before, after = text[max(0, start - NEAR) : start], text[end : end + NEAR]
    begins = max(before.rfind(mark) for mark in SENTENCE_ENDS) + 1
    ends = min((at for mark in SENTENCE_ENDS if (at := after.find(mark)) >= 0), default=len(after))
    return before[begins:] + text[start:end] + after[:ends]


def _readings(text: str) -> Iterator[Folded]:
    folded = fold(text)
    yield folded
    yield from redraw(folded)


def _found(rules: Iterable[Running], text: Folded, spelling: Spelling) -> Iterator[Finding]:
    for rule in rules:
        for span in islice(rule.places(text, spelling), MOST_PLACES):
            yield rule.finding(text, span)


def _once_each(found: list[Finding]) -> Iterator[Finding]:
    """What was met a second time, with the letters moved together, is the same thing."""
    kept: list[Finding] = []
    for one in found:
        same = (other for other in kept if (other.rule, other.version) == (one.rule, one.version))
        if not any(other.start < one.end and one.start < other.end for other in same):
            kept.append(one)
            yield one


def _digest(rules: tuple[Running, ...]) -> str:
    written = sorted(repr(rule) for rule in rules)
    return hashlib.sha256("\n".join(written).encode()).hexdigest()[:16]


@lru_cache(maxsize=512)
def _compiled(source: str, spelling: Spelling = Spelling.AS_WRITTEN) -> re2._Regexp:
    return phrases.compiled(source, spelling)


def _unless_in(spelling: Spelling) -> Spelling:
    """Excuses are not disguised; only where all gaps are gone theirs are."""
    return spelling if spelling is Spelling.TOGETHER else Spelling.AS_WRITTEN

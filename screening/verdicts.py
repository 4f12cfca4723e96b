"""What a text was found to be, and what follows from it for the room that owns the text."""

from dataclasses import dataclass
from math import prod

from django.utils.functional import cached_property

from carecollective.errors import ContentBlocked
from screening.words import IN_FORCE, NEVER_STOPPED, WARNINGS, Category, Outcome, State, blocked_sentence

# Below this a member's texts are read by a person, whatever they say.
LOW_TRUST = 25
USUAL_TRUST = 75


@dataclass(frozen=True)
class Finding:
    """What one version of one rule found; `start` and `end` are places in the text as it was written."""

    category: str
    rule: str
    version: int
    state: str
    start: int
    end: int
    kind: str = ""
    confidence: float = 0.0

    @property
    def is_in_force(self) -> bool:
        return self.state in IN_FORCE

    @property
    def may_stop(self) -> bool:
        return self.is_in_force and self.category not in NEVER_STOPPED


@dataclass(frozen=True)
class GentleWarning:
    """What the writer reads before it goes."""

    category: str
    kind: str
    sentence: str


@dataclass(frozen=True)
class Verdict:
    findings: tuple[Finding, ...] = ()
    trust: int = USUAL_TRUST
    # Of the rules that were asked, so that a decision can say which ones they were.
    ruleset: str = ""

    @cached_property
    def in_force(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_in_force)

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(finding.category for finding in self.in_force))

    @property
    def confidence(self) -> float:
        """How sure we are that something was found: each further rule leaves less room for a mistake."""
        by_rule = {finding.rule: finding.confidence for finding in self.in_force}
        return round(1 - prod(1 - sure for sure in by_rule.values()), 3) if by_rule else 0.0

    @property
    def outcome(self) -> str:
        if self.is_blocked:
            return Outcome.BLOCK.value
        return (Outcome.REVIEW if self.is_held or self.is_flagged else Outcome.ALLOW).value

    @property
    def is_blocked(self) -> bool:
        return self._first_blocked is not None

    @property
    def is_held(self) -> bool:
        """Only the writer sees it until a moderator has read it."""
        if self.is_blocked:
            return False
        if self._is_trusted:
            return any(finding.may_stop and finding.state == State.HOLD for finding in self.in_force)
        return any(finding.category != Category.SELF_HARM for finding in self.in_force)

    @property
    def is_flagged(self) -> bool:
        """It is delivered, and a moderator reads it."""
        if self.is_blocked or self.is_held:
            return False
        return not self._is_trusted or any(finding.may_stop for finding in self.in_force)

    def must_not_be_blocked(self) -> None:
        if found := self._first_blocked:
            raise ContentBlocked(blocked_sentence(found.category), categories=list(self.categories))

    @property
    def has_personal_data(self) -> bool:
        """The text must be sealed where it is stored."""
        return Category.PERSONAL in self.categories

    @property
    def warnings(self) -> tuple[GentleWarning, ...]:
        found = {finding.kind: finding.category for finding in self.in_force if finding.kind in WARNINGS}
        return tuple(GentleWarning(found[kind], kind, words) for kind, words in WARNINGS.items() if kind in found)

    @property
    def tells_receiver(self) -> str:
        """Which sentence stands above the bubble for whoever gets it."""
        return "money" if Category.SCAM in self.categories else ""

    @property
    def shows_crisis_lines(self) -> bool:
        """To the writer alone; nobody else is told."""
        return Category.SELF_HARM in self.categories

    @property
    def _first_blocked(self) -> Finding | None:
        return next((one for one in self.in_force if one.may_stop and one.state == State.BLOCK), None)

    @property
    def _is_trusted(self) -> bool:
        return self.trust >= LOW_TRUST

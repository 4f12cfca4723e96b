"""How a decision or a report stands for the member who looks at it: for the pages and for the API."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.timezone import now

from members.models import Member
from moderation.asked import Asked, promised
from moderation.models import Action, Decision, Kind, Outcome, Report, Standing, State, Status
from moderation.statements import Statement, day, headline, outcome, statement

SIGNS = {
    State.WAITING: {"words": "Not certain yet", "icon": "clock", "tone": "info"},
    State.IN_FORCE: {"words": "In force", "icon": "info", "tone": "warn"},
    State.OVER: {"words": "Over", "icon": "check", "tone": "plain"},
    State.TAKEN_BACK: {"words": "Taken back", "icon": "check", "tone": "ok"},
}
A_WARNING = {"words": "A warning", "icon": "info", "tone": "plain"}
ASKED_AGAIN = {"words": "We look at it again", "icon": "clock", "tone": "info"}
WAITS = {"words": "Waits to be read", "icon": "clock", "tone": "info"}
ACTED = {"words": "Decided: we took action", "icon": "check", "tone": "ok"}
NO_BREACH = {"words": "Decided: no broken rule", "icon": "check", "tone": "plain"}

SECOND = "A second moderator looks at this before it is certain. You read here what comes of it."
OVER = "This has been over since {day}. You do not have to do anything."
TAKEN_BACK = "We took this back on {day}. It does not count any more, and what it stopped works again."
STAYS_ENDED = f"{TAKEN_BACK} Only requests and offers that it ended stay ended. You can start them again."
DECIDED_ANEW = "We look at it once more, and write to you when that is decided."
READ_BY = "A person reads it {when}."
LATE = "We are late with this, and we are sorry. A person reads it as soon as they can."
ONCE_MORE = "We looked again, and decide it anew. We email you when that is done."
CHANGED = "We looked again, and took back what we had decided. You can still block this person."
THINGS = {
    Kind.MESSAGE: "A message from {called}",
    Kind.CONVERSATION: "Your chat with {called}",
    Kind.HELP_REQUEST: "{called}’s request",
    Kind.MEMBER: "{called}",
}


class _Answerable:
    """What a decision about me and a report of mine have in common: one may ask for another look."""

    asked: list[Asked]

    @property
    def last_asked(self) -> Asked | None:
        return self.asked[0] if self.asked else None

    @property
    def waits_for_an_answer(self) -> bool:
        return bool(self.last_asked and self.last_asked.answer is None)

    def _can_ask_about(self, decision: Decision | None) -> bool:
        if decision is None or not decision.is_in_force or decision.is_on_appeal:
            return False
        has_asked = any(one.appeal.decision_id == decision.pk for one in self.asked)
        return not has_asked and now() <= decision.appeal_until


@dataclass(frozen=True)
class DecisionTold(_Answerable):
    """A decision, as the person reads it whom it is about."""

    decision: Decision
    reader: Member
    asked: list[Asked] = field(default_factory=list)

    @property
    def headline(self) -> str:
        return headline(self.decision)

    @property
    def statement(self) -> Statement:
        return statement(self.decision)

    @property
    def state(self) -> State:
        if self.decision.waits:
            return State.WAITING
        if not self.decision.is_in_force:
            return State.TAKEN_BACK
        return State.OVER if self._is_over else State.IN_FORCE

    @property
    def ended_at(self) -> datetime | None:
        if self.state == State.TAKEN_BACK and self.decision.overturned_by:
            return self.decision.overturned_by.decided_at
        return self._restriction_ended_at if self.state == State.OVER else None

    @property
    def message(self) -> str:
        """Only what the statement itself does not say."""
        ended = day(self.ended_at) if self.ended_at else ""
        if self.state == State.TAKEN_BACK:
            words = STAYS_ENDED if self._has_ended_something else TAKEN_BACK
            return (f"{words} {DECIDED_ANEW}" if self.decision.case.is_open else words).format(day=ended)
        if self.state == State.OVER:
            return OVER.format(day=ended) if ended else "This is over. You do not have to do anything."
        return SECOND if self.state == State.WAITING else ""

    @property
    def tone(self) -> str:
        return "ok" if self.state == State.TAKEN_BACK else "info"

    @property
    def taken_back_because(self) -> str:
        """Said to this person by whoever reversed it; an answer to somebody else's appeal is not theirs to read."""
        by = self.decision.overturned_by
        return str(by.clear_words) if by and by.case_id == self.decision.case_id else ""

    @property
    def chip(self) -> dict[str, str]:
        if self.waits_for_an_answer:
            return ASKED_AGAIN
        is_warning = self.state == State.IN_FORCE and self.decision.action == Action.WARN
        return A_WARNING if is_warning else SIGNS[self.state]

    @property
    def can_appeal(self) -> bool:
        return self._can_ask_about(self.decision)

    @property
    def _has_ended_something(self) -> bool:
        """Whoever has to leave loses what was open, and a decision is taken back only when people were told."""
        return self.decision.action in (Action.BAN, Action.REJECT)

    @property
    def _is_over(self) -> bool:
        if self.decision.action == Action.REJECT:
            return bool(self.decision.told_at and self.reader.is_approved)
        return self._restriction_ended_at is not None

    @property
    def _restriction_ended_at(self) -> datetime | None:
        # Asked together with the row (Decisions.read_by).
        ended: datetime | None = getattr(self.decision, "restriction_ended_at", None)
        is_over = ended is not None and ended <= now() and self.decision.action != Action.REJECT
        return ended if is_over else None


@dataclass(frozen=True)
class ReportTold(_Answerable):
    """A report, as the member reads it who made it; until the ten minutes are over, nothing has been decided."""

    report: Report
    asked: list[Asked] = field(default_factory=list)

    @property
    def what(self) -> str:
        return THINGS[Kind(self.report.target_kind)].format(called=self.report.author.called)

    @property
    def decision(self) -> Decision | None:
        decision = self.report.case.decision
        return decision if decision and decision.told_at else None

    @property
    def is_decided(self) -> bool:
        return self.decision is not None

    @property
    def status(self) -> str:
        """Not the row’s own, which knows of a decision before it is certain."""
        return str(Status.DECIDED if self.is_decided else Status.PENDING)

    @property
    def outcome(self) -> Outcome | None:
        if self.decision is None:
            return None
        return Outcome.ACTION_TAKEN if self.decision.is_breach and not self._is_changed else Outcome.NO_RULE_BROKEN

    @property
    def decided_at(self) -> datetime | None:
        if self.decision is None:
            return None
        by = self.decision.overturned_by
        return by.decided_at if by else self.decision.decided_at

    @property
    def message(self) -> str:
        if self.decision:
            return CHANGED if self._is_changed else outcome(self.decision)
        return ONCE_MORE if self.is_looked_at_again else promised(self.report.case, READ_BY, LATE)

    @property
    def chip(self) -> dict[str, str]:
        if self.waits_for_an_answer or self.is_looked_at_again:
            return ASKED_AGAIN
        if self.decision is None:
            return WAITS
        return ACTED if self.outcome == Outcome.ACTION_TAKEN else NO_BREACH

    @property
    def can_appeal(self) -> bool:
        return self._can_ask_about(self.decision)

    @property
    def _is_changed(self) -> bool:
        decision = self.report.case.decision
        return bool(decision and (decision.standing == Standing.OVERTURNED or decision.is_on_appeal))

    @property
    def is_looked_at_again(self) -> bool:
        """It was decided before, and somebody was right to ask. Read together with the row (Reports.read_back)."""
        return not self.is_decided and bool(getattr(self.report, "was_decided_before", False))

"""What a moderator wants to decide, checked against the case before anything is written."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.timezone import now

from carecollective.errors import NotValid
from carecollective.ports import reportable
from carecollective.rules import RULES
from carecollective.text import is_blank
from members.models import Member
from moderation.models import Action, Case, Side, Subject
from moderation.models.phrase import must_be_finished
from moderation.models.words import (
    BREACHES,
    FACTS_MOST,
    LIMIT_DAYS,
    ON_APPEAL,
    PAUSE_MOST_DAYS,
    STATEMENT_MOST,
    WHY_MOST,
)
from moderation.services.eligible import decides_alone

Problems = dict[str, list[str]]


@dataclass(frozen=True)
class Ruling:
    """`days` is the length of a limit or a pause; a pause without one lasts until somebody lifts it."""

    action: str
    rule: int | None = None
    days: int | None = None
    facts: str = ""
    words: str = ""
    reporter_words: str = ""
    hides: bool = False
    alone_because: str = ""
    look_again_on: date | None = None
    # Taken once, so that what was previewed is what is stored.
    at: datetime = field(default_factory=now)

    @property
    def is_breach(self) -> bool:
        return self.action in BREACHES

    @property
    def until(self) -> datetime | None:
        has_length = self.action in (Action.LIMIT, Action.SUSPEND) and self.days
        return self.at + timedelta(days=self.days or 0) if has_length else None

    @property
    def waits_for_a_second(self) -> bool:
        return self.action == Action.BAN and is_blank(self.alone_because)

    def must_fit(self, case: Case, moderator: Member) -> None:
        """Every problem at once, each at its field; nothing has been changed."""
        problems: Problems = {}
        self._ask_action(case, problems)
        self._ask_rule_and_length(problems)
        self._ask_texts(case, problems)
        if is_blank(self.alone_because) and decides_alone(moderator, case):
            problems["alone_because"] = ["Nobody else can decide this now. Please write down why you do."]
        if problems:
            raise NotValid(fields=problems)

    def _ask_action(self, case: Case, problems: Problems) -> None:
        if self.action not in Action.values:
            problems["action"] = ["Please choose what to do."]
        elif (self.action in ON_APPEAL) != case.is_appeal:
            problems["action"] = ["This does not fit what the case is about."]
        elif self.action == Action.CLOSE and not case.conversation_id:
            problems["action"] = ["There is no chat to close."]
        elif (self.action == Action.HIDE or self.hides) and not can_be_hidden(case):
            problems["action"] = ["There is nothing to hide."]

    def _ask_rule_and_length(self, problems: Problems) -> None:
        if self.is_breach and self.rule not in range(1, len(RULES) + 1):
            problems["rule"] = ["Please choose the rule that was broken."]
        if self.action == Action.LIMIT and self.days not in LIMIT_DAYS:
            problems["days"] = ["A limit lasts 1, 7 or 30 days."]
        if self.action == Action.SUSPEND and self.days is not None and not 1 <= self.days <= PAUSE_MOST_DAYS:
            problems["days"] = [f"A pause lasts from 1 to {PAUSE_MOST_DAYS} days, or until you lift it."]
        if self.look_again_on and self.look_again_on <= now().date():
            problems["look_again_on"] = ["Please choose a day to come."]

    def _needed(self, case: Case) -> set[str]:
        texts = words_for(case)
        if self.action in ON_APPEAL:
            return {"facts", *texts}
        return {"facts", *texts} if self.is_breach else texts - {"words"}

    def _ask_texts(self, case: Case, problems: Problems) -> None:
        needed = self._needed(case)
        for name, length in MOST.items():
            text = getattr(self, name)
            # Nobody can read what cannot be seen, needed or not.
            if is_blank(text) and (text or name in needed):
                problems[name] = [EMPTY[name]]
            elif len(text) > length:
                problems[name] = [f"Please use {length} letters or fewer."]
            else:
                _ask_finished(name, text, problems)


MOST = {"facts": FACTS_MOST, "words": STATEMENT_MOST, "reporter_words": STATEMENT_MOST, "alone_because": WHY_MOST}
EMPTY = {
    "facts": "Please write down what you looked at.",
    "words": "Please write what the person reads.",
    "reporter_words": "Please write what the reporter reads.",
    "alone_because": "Please write why you decide alone, or leave this empty.",
}


def _ask_finished(name: str, text: str, problems: Problems) -> None:
    try:
        must_be_finished(name, text)
    except NotValid as problem:
        problems |= problem.extras["fields"]


def words_for(case: Case) -> set[str]:
    """One text for each side that reads it: neither reads what is written to the other."""
    if not case.is_appeal:
        return {"words", "reporter_words"} if case.reports.exists() else {"words"}
    texts = {Side.AFFECTED: "words", Side.REPORTER: "reporter_words"}
    return {texts[Side(side)] for side in case.appeals.values_list("side", flat=True)}


def can_be_hidden(case: Case) -> bool:
    if case.target_kind == Subject.DECISION:
        return False
    return reportable()[case.target_kind].hide is not None

"""A decision in words: what each person reads of it, on the page and before anybody presses anything."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime

from moderation.models import Action, Case, Decision, Subject
from moderation.models.words import Source

THING = {
    Subject.MESSAGE: "a message you sent",
    Subject.CONVERSATION: "what you wrote in a chat",
    Subject.HELP_REQUEST: "your request",
    Subject.MEMBER: "how you use your account",
    Subject.DECISION: "an earlier decision",
}
HIDDEN = {Subject.MESSAGE: "one message you sent", Subject.HELP_REQUEST: "your request"}
BY_MEMBER = "A member reported it. A moderator read it and decided."
BY_RULE = "A rule of our software found it. A moderator read it and decided."
ALONE = "Usually a second moderator looks at a decision like this. This time one person decided alone, because: {why}"
APPEAL = (
    "If we got it wrong, tell us on this page until {until}."
    " Another moderator looks at it again, within 3 working days."
)
PER_DAY = 10


@dataclass(frozen=True)
class Statement:
    """What we did, what we looked at, which rule, how it was found, and what one can do now."""

    did: str
    looked_at: str
    rule: str
    words: str
    found: str
    appeal: str
    alone: str = ""

    @property
    def paragraphs(self) -> list[str]:
        parts = (self.did, self.looked_at, self.rule, self.words, self.found, self.alone, self.appeal)
        return [part for part in parts if part]


def statement(decision: Decision) -> Statement:
    rule = decision.broken_rule
    return Statement(
        did=what_we_did(decision),
        looked_at=str(decision.clear_facts),
        rule=f"Rule {rule.number} says: {rule.line}" if rule else "",
        words=str(decision.clear_words),
        found=BY_RULE if decision.found_by_rule else BY_MEMBER,
        appeal=APPEAL.format(until=day(decision.appeal_until)),
        alone=ALONE.format(why=decision.alone_because) if decision.alone_because else "",
    )


def what_we_did(decision: Decision) -> str:
    thing = Subject(decision.case.target_kind)
    did = {
        Action.HIDE: "",
        Action.WARN: f"We are writing to you about {THING[thing]}. Nothing else changes for you.",
        Action.LIMIT: f"You can send {PER_DAY} messages a day and start no new chats until {_end(decision)}.",
        Action.SUSPEND: f"We paused writing and posting for you until {_end(decision)}. You can still read everything.",
        Action.BAN: "You cannot take part in CARE Collective any more.",
        Action.CLOSE: "We closed the chat. You both can still read it.",
        Action.REJECT: "We took back your membership.",
        Action.OVERTURN: "We looked again and took our decision back.",
        Action.KEEP: "We looked again, and the decision stays.",
    }.get(Action(decision.action), "")
    return " ".join(filter(None, (_hid(decision, thing), did)))


def outcome(decision: Decision) -> str:
    """For whoever reported: whether we did something, never what it was."""
    return str(decision.clear_reporter_words)


def day(moment: datetime) -> str:
    return date_format(localtime(moment), "F j, Y")


def found_by_rule(case: Case) -> bool:
    return case.source == Source.RULE


def _hid(decision: Decision, thing: Subject) -> str:
    if decision.action != Action.HIDE and not decision.hides:
        return ""
    if decision.case.is_held:
        return "We did not send one message of yours." if thing == Subject.MESSAGE else "We did not post your request."
    return f"We hid {HIDDEN.get(thing, 'what you wrote')}."


def _end(decision: Decision) -> str:
    return day(decision.until) if decision.until else "a moderator lifts it"

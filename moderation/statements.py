"""A decision in words: what each person reads of it, on the page and before anybody presses anything."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone_name, localtime

from members.models import Member
from members.zones import first_zone
from moderation.models import Action, Case, Decision, Side, Subject
from moderation.models.words import Source

THING = {
    Subject.MESSAGE: "a message you sent",
    Subject.CONVERSATION: "what you wrote in a chat",
    Subject.HELP_REQUEST: "your request",
    Subject.MEMBER: "how you use your account",
    Subject.DECISION: "an earlier decision",
}
HIDDEN = {Subject.MESSAGE: "one message you sent", Subject.HELP_REQUEST: "your request"}
BY_MEMBER = "A member reported it. A moderator read it and decided this on {day}."
BY_RULE = "A rule of our software found it. No software decides here: a moderator read it and decided this on {day}."
BY_BOTH = (
    "A member reported it, and a rule of our software had marked it, too."
    " No software decides here: a moderator read it and decided this on {day}."
)
SECONDED = "A second moderator agreed."
AGAIN = "Another moderator read all of it again and decided this on {day}."
AGAIN_ALONE = "A moderator read all of it again and decided this on {day}."
ALONE = "Usually a second moderator looks at a decision like this. This time one person decided alone, because: {why}"
APPEAL = (
    "If we got it wrong, tell us on this page until {until}."
    " Another moderator looks at it again, within 3 working days."
)
CLOSING_WAITS = (
    "A moderator wants to close your account. A second moderator looks at this first."
    " Until then, you cannot write or post. You can still read everything."
)
KEPT = "We looked again, and our decision stays."
RIGHT = "We looked again. You were right."
ANEW = "We looked again, and took our decision back. Now we decide it anew."
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
    """The same for whoever decides and for whom it is about: days are those of the person it is about."""
    rule = decision.broken_rule
    with days_of(decision.affected):
        return Statement(
            did=what_we_did(decision),
            looked_at=str(decision.clear_facts),
            rule=f"Rule {rule.number} says: {rule.line}" if rule else "",
            words=str(decision.clear_words),
            found=_how_it_was_found(decision),
            # An answer to an appeal is the last word.
            appeal="" if decision.is_on_appeal else APPEAL.format(until=day(decision.appeal_until)),
            alone=ALONE.format(why=decision.alone_because) if decision.alone_because else "",
        )


def days_of(member: Member) -> AbstractContextManager[None]:
    """Days as they are where this person lives."""
    return timezone.override(first_zone(member.time_zone, get_current_timezone_name()))


def what_we_did(decision: Decision) -> str:
    thing = Subject(decision.case.target_kind)
    did = {
        Action.HIDE: "",
        Action.WARN: f"We are writing to you about {THING[thing]}. Nothing else changes for you.",
        Action.LIMIT: f"You can send {PER_DAY} messages a day and start no new chats until {_end(decision)}.",
        Action.SUSPEND: f"We paused writing and posting for you until {_end(decision)}. You can still read everything.",
        Action.BAN: CLOSING_WAITS
        if decision.waits
        else "You cannot take part in CARE Collective any more. You can still sign in to read this.",
        Action.CLOSE: "We closed the chat. You both can still read it.",
        Action.REJECT: "We took back your membership. You can still sign in to read this.",
        Action.OVERTURN: "We looked again and took our decision back.",
        Action.KEEP: "We looked again, and the decision stays.",
    }.get(Action(decision.action), "")
    return " ".join(filter(None, (_hid(decision, thing), did)))


def headline(decision: Decision) -> str:
    """The same in a few words, for the top of its page and for a list."""
    thing = Subject(decision.case.target_kind)
    return {
        Action.HIDE: _hid(decision, thing).rstrip("."),
        Action.WARN: f"We wrote to you about {THING[thing]}",
        Action.LIMIT: "We set a limit on your messages",
        Action.SUSPEND: "We paused writing and posting for you",
        Action.BAN: "We may have to close your account" if decision.waits else "We closed your account",
        Action.CLOSE: "We closed a chat of yours",
        Action.REJECT: "We took back your membership",
    }[Action(decision.action)]


def outcome(decision: Decision) -> str:
    """For whoever reported: whether we did something, never what it was."""
    return str(decision.clear_reporter_words)


def came_of(decision: Decision, *, opens_again: bool) -> str:
    """An answer to another look, in one sentence: where whoever reported it asked as well, it is decided anew."""
    if decision.action == Action.KEEP:
        return KEPT
    return ANEW if opens_again else RIGHT


def answer(decision: Decision, side: Side, *, opens_again: bool) -> list[str]:
    """To one who asked for another look: what came of it, our words to them, and why one person decided, if so."""
    came = came_of(decision, opens_again=opens_again)
    said = decision.clear_words if side == Side.AFFECTED else decision.clear_reporter_words
    alone = ALONE.format(why=decision.alone_because) if decision.alone_because else ""
    return [part for part in (came, str(said), alone) if part]


def day(moment: datetime) -> str:
    return date_format(localtime(moment), "F j, Y")


def found_by_rule(case: Case) -> bool:
    """Whether software had a part in it, whoever else reported it."""
    return case.finds.exists()


def _hid(decision: Decision, thing: Subject) -> str:
    if decision.case.is_held and decision.is_breach:
        # Whatever else was decided: words that waited and broke a rule go nowhere.
        return "We did not send one message of yours." if thing == Subject.MESSAGE else "We did not post your request."
    if decision.action != Action.HIDE and not decision.hides:
        return ""
    return f"We hid {HIDDEN.get(thing, 'what you wrote')}."


def _how_it_was_found(decision: Decision) -> str:
    said = _found(decision).format(day=day(decision.decided_at))
    return f"{said} {SECONDED}" if decision.seconded_by_id else said


def _found(decision: Decision) -> str:
    if decision.is_on_appeal:
        return AGAIN_ALONE if decision.alone_because else AGAIN
    if not decision.found_by_rule:
        return BY_MEMBER
    return BY_RULE if decision.case.source == Source.RULE else BY_BOTH


def _end(decision: Decision) -> str:
    return day(decision.until) if decision.until else "a moderator lifts it"

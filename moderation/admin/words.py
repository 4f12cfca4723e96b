"""What the desk says about a case and a decision, in words."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import now

from carecollective.rules import RULES
from moderation.models import Action, Decision, Reason, Standing
from moderation.reads_desk import SOURCES, Row
from moderation.services.effects import START, STEP
from screening.words import Category

SOON = timedelta(hours=4)
# What the screening room says it found, in its words.
FOUND = dict(Category.choices)
ABOUT = {
    "message": "A message",
    "conversation": "A chat",
    "help_request": "A request",
    "member": "A person",
    "decision": "A decision to look at again",
    "question": "A question to our team",
}
# Words that may hurt whoever reads them stay folded until they are asked for.
HARD = {Reason.HARASSMENT.label, Reason.INAPPROPRIATE.label}
HARD_FINDS = {"threat", "profanity", "self_harm"}


def clock(due_at: datetime, is_safety: bool) -> dict[str, str]:
    """How long until the promise is over: never by colour alone."""
    left = due_at - now()
    kind = "safety: " if is_safety else ""
    if left <= timedelta():
        return {"words": f"{kind}late by {_span(-left)}", "tone": "danger", "icon": "alert"}
    if left < SOON:
        return {"words": f"{kind}due soon, {_span(left)} left", "tone": "danger", "icon": "alert"}
    return {"words": f"{kind}{_span(left)} left", "tone": "warn" if is_safety else "plain", "icon": "clock"}


def ago(moment: datetime) -> str:
    return f"{_span(now() - moment, is_long=True)} ago"


def _span(span: timedelta, is_long: bool = False) -> str:
    minutes = max(1, int(span.total_seconds() // 60))
    hours, days = minutes // 60, minutes // 60 // 24
    if minutes < 60:
        return _many(minutes, "minute") if is_long else f"{minutes} min"
    if hours < 48:
        return _many(hours, "hour") if is_long else f"{hours} h"
    return _many(days, "day")


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def reasons(row: Row) -> list[str]:
    said = [Reason(reason).label for reason in row.reasons]
    return said + [f"{FOUND.get(name, name)} (found by a rule)" for name in row.categories]


def of_row(row: Row) -> dict[str, Any]:
    """A line of the queue, every number of it counted in this moment."""
    return {
        "row": row,
        "clock": clock(row.due_at, row.is_safety),
        "about": ABOUT[row.target_kind],
        "reasons": reasons(row),
        "appeal": appeal_about(row),
        "source": SOURCES[row.source],
        "author_record": f"{_many(row.author_reports, 'report')} in 30 days, {row.author_upheld} upheld",
        "reporter_record": _reporters(row),
        "outcome": Action(row.action).label if row.action else "",
        "standing": "" if row.standing in ("", Standing.IN_FORCE) else Standing(row.standing).label,
    }


def _reporters(row: Row) -> str:
    if not row.reporters:
        return ""
    record = f"{_many(row.reporter_reports, 'report')}, {row.reporter_upheld} upheld"
    return record if row.reporters == 1 else f"{record} together"


def appeal_about(row: Row) -> str:
    """“Appeal about case 12: limited for 7 days”"""
    if not (row.meant_action and row.meant_at):
        return ""
    what = MEANT[Action(row.meant_action)].format(length=_length(row.meant_at, row.meant_until))
    return f"Appeal about case {row.meant_number}: {what}"


def did(decision: Decision) -> str:
    """“Paused Ben for 7 days.”"""
    if decision.waits:
        called = decision.affected.called
        return f"Proposed to ban {called}. Until another moderator answers, {called} is paused."
    return _said(decision, 0)


def will(decision: Decision) -> str:
    """“This will pause Ben for 7 days.”"""
    if decision.waits:
        return f"This will pause {decision.affected.called}, and ask another moderator to confirm the ban."
    return _said(decision, 1)


# What was done, and what will be.
SAID = {
    Action.NOTHING: ("No rule broken.", "This will say that no rule was broken."),
    Action.HIDE: ("Hid what {called} wrote.", "This will hide what {called} wrote."),
    Action.WARN: ("Warned {called}.", "This will warn {called}."),
    Action.LIMIT: ("Limited {called} {length}.", "This will limit {called} {length}."),
    Action.SUSPEND: ("Paused {called} {length}.", "This will pause {called} {length}."),
    Action.BAN: ("Banned {called}.", "This will ban {called}."),
    Action.CLOSE: ("Closed the chat.", "This will close the chat."),
    Action.REJECT: ("Took back the membership of {called}.", "This will take back the membership of {called}."),
    Action.KEEP: ("The decision stays.", "The decision will stay."),
    Action.OVERTURN: ("Took the decision back.", "This will take the decision back."),
}
# In a few words, without a name.
MEANT = {
    Action.NOTHING: "no rule broken",
    Action.HIDE: "words hidden",
    Action.WARN: "warned",
    Action.LIMIT: "limited {length}",
    Action.SUSPEND: "paused {length}",
    Action.BAN: "banned",
    Action.CLOSE: "chat closed",
    Action.REJECT: "membership taken back",
}


def _said(decision: Decision, when: int) -> str:
    length = _length(decision.decided_at, decision.until)
    return SAID[Action(decision.action)][when].format(called=decision.affected.called, length=length)


def _length(since: datetime, until: datetime | None) -> str:
    return "for " + _many((until - since).days, "day") if until else "until somebody lifts it"


def suggested(action: Action | None, upheld: int) -> str:
    """The level the record suggests, and why; only a person decides it."""
    if action is None:
        return ""
    times = "one report was" if upheld == 1 else f"{upheld} reports were"
    return f"Suggested: {action.label}, because {times} upheld before this one."


def trust_made_of(trust: int, upheld: int) -> str:
    if not upheld:
        return f"{trust} of 100. Everybody starts at {START}, and no report was upheld."
    less = min(START, STEP * upheld)
    return f"{trust} of 100: {START} to start with, less {less} for {_many(upheld, 'upheld report')}."


def rule_line(number: int | None) -> str:
    return f"Rule {number}: {RULES[number - 1].title}" if number else ""

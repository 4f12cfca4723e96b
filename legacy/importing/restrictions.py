"""What people may not do: every restriction in force there holds here from the import on."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.formats import date_format

from carecollective.errors import NotPermitted
from legacy.importing.decided import Ruling, on_record, put_down, rule_of
from legacy.importing.errand import Errand
from legacy.importing.shape import RESTRICTIONS
from legacy.importing.source import Source
from legacy.importing.texts import line_of
from members.models import Level, Member, Restriction
from members.models.restriction import REASON_MOST
from members.services.access import end_every_way_in
from members.services.restrictions import PER_DAY
from moderation.models import Action, Subject
from moderation.services.effects import count_again

KIND = "restrictions"
NOBODY = "whom it is about is not here"
IS_OVER = "is over"
NO_LEVEL = "restricts nothing"
UNKNOWN = "had a level we do not know; the person is paused here"
NO_END = "was a limit without an end; here it ends after 30 days"
OTHER_LIMIT = f"had another number of messages a day; here it is {PER_DAY}"
NOBODY_ANSWERS = (
    "Somebody is restricted there, and nobody who decided it is here. Name an operator of this site who answers for"
    " it: --by EMAIL. Nobody stays unrestricted by mistake; run it again, and it goes on where it stopped."
)
LEVELS = {value: value for value in Level.values} | {
    "limit": "limited", "rate_limited": "limited", "restricted": "limited", "suspend": "suspended",
    "paused": "suspended", "muted": "suspended", "read_only": "suspended", "temporary_ban": "suspended",
    "ban": "banned", "permanent_ban": "banned", "blocked": "banned",
}  # fmt: skip
NOTHING = ("none", "warning", "warned", "")
ACTIONS = {Level.LIMITED: Action.LIMIT, Level.SUSPENDED: Action.SUSPEND, Level.BANNED: Action.BAN}
NO_REASON = "The moderators of our earlier site decided this. They wrote down no reason."
WORDS = "The moderators of our earlier site decided this on {day}. It holds here, too. They wrote: “{reason}”"
SHORT_WORDS = "The moderators of our earlier site decided this on {day}, and wrote down no reason. It holds here, too."
LONGEST_LIMIT = timedelta(days=30)


@dataclass
class _Found:
    id: UUID
    member_id: UUID
    by: Member
    level: Level
    row: dict[str, Any]


def bring(errand: Errand) -> None:
    if errand.source.has(RESTRICTIONS):
        for rows in errand.batches(_query(errand.source)):
            people = errand.known(row["r_user_id"] for row in rows)
            for row in rows:
                _bring(errand, row, people)


def _query(source: Source) -> str:
    order = f"{source.column(RESTRICTIONS, 'r', 'applied_at')}, {source.column(RESTRICTIONS, 'r', 'user_id')}"
    return f"SELECT {source.columns(RESTRICTIONS, 'r')} FROM {RESTRICTIONS} AS r ORDER BY {order}"  # noqa: S608


def _bring(errand: Errand, row: dict[str, Any], people: set[UUID]) -> None:
    key = row["r_id"] or _made_of(row)
    level = (row["r_restriction_level"] or "").strip().lower()
    if reason := _why_not(errand, row, people, level):
        errand.tally.skip(KIND, key, reason)
    elif Restriction.objects.filter(pk=key).exists():
        errand.tally.keep(KIND)
    else:
        found = _Found(key, row["r_user_id"], _by(errand, row), Level(LEVELS.get(level, Level.SUSPENDED)), row)
        _tell(errand, found, level)
        if not errand.is_dry:
            _restrict(errand, found)


def _why_not(errand: Errand, row: dict[str, Any], people: set[UUID], level: str) -> str:
    if row["r_user_id"] not in people:
        return NOBODY
    if level in NOTHING:
        return NO_LEVEL
    ends = row["r_expires_at"]
    is_over = row["r_lifted_at"] or row["r_is_active"] is False or (ends and ends <= errand.began_at)
    return IS_OVER if is_over else ""


def _by(errand: Errand, row: dict[str, Any]) -> Member:
    """Who decided it there, where they are somebody else and here."""
    found = Member.objects.filter(pk=row["r_applied_by"]).exclude(pk=row["r_user_id"]).first()
    on_the_way = errand.is_dry and row["r_applied_by"] in errand.known([row["r_applied_by"]])
    answers = found or errand.answers or (Member(pk=row["r_applied_by"]) if on_the_way else None)
    if answers is None or answers.pk == row["r_user_id"]:
        raise NotPermitted(NOBODY_ANSWERS)
    return answers


def _made_of(row: dict[str, Any]) -> UUID:
    """The same one for the same row, where it has no id."""
    return uuid5(row["r_user_id"] or UUID(int=0), f"{row['r_restriction_level']} {row['r_applied_at']}")


def _tell(errand: Errand, found: _Found, level: str) -> None:
    errand.tally.bring(KIND)
    if level not in LEVELS:
        errand.tally.change(KIND, found.id, UNKNOWN)
    if found.level == Level.LIMITED and not found.row["r_expires_at"]:
        errand.tally.change(KIND, found.id, NO_END)
    if found.level == Level.LIMITED and found.row["r_message_limit_per_day"] not in (None, PER_DAY):
        errand.tally.change(KIND, found.id, OTHER_LIMIT)


@transaction.atomic
def _restrict(errand: Errand, found: _Found) -> None:
    """From now on: nobody here broke it before it was here."""
    ends = found.row["r_expires_at"]
    if found.level == Level.LIMITED and ends is None:
        ends = errand.began_at + LONGEST_LIMIT
    ruling = _ruling(errand, found, ends)
    decision = put_down(ruling)
    member = Member.objects.select_for_update(no_key=True).get(pk=found.member_id)
    restriction = Restriction(
        id=found.id,
        member=member,
        decision_id=decision.pk,
        level=found.level,
        message_limit_per_day=PER_DAY if found.level == Level.LIMITED else None,
        rule=ruling.rule,
        reason=line_of(found.row["r_reason"], REASON_MOST) or NO_REASON,
        decided_by=found.by,
        ends_at=ends,
    )
    restriction.clear_facts = ruling.facts
    restriction.save(force_insert=True)
    if found.level == Level.BANNED:
        end_every_way_in(member)
    count_again(member.pk)
    on_record(decision)


def _ruling(errand: Errand, found: _Found, ends: Any) -> Ruling:
    reason = line_of(found.row["r_reason"], REASON_MOST)
    day = date_format(found.row["r_applied_at"] or errand.began_at, "F j, Y")
    words = WORDS.format(day=day, reason=reason) if reason else SHORT_WORDS.format(day=day)
    return Ruling(
        kind=Subject.MEMBER,
        target=found.member_id,
        conversation=None,
        affected=found.member_id,
        by=found.by,
        action=ACTIONS[found.level],
        rule=rule_of(reason),
        # Whoever wants another look has as long for it as anybody here.
        at=errand.began_at,
        until=ends,
        facts=words,
        words=words,
        reporter_words=words,
    )

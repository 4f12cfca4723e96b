"""What people reported: what nobody has looked at is a case here; what was settled there stays settled."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.formats import date_format

from carecollective.errors import NotFound
from carecollective.ports import Target, reportable
from legacy.importing.decided import Ruling, on_record, put_down, rule_of
from legacy.importing.errand import Errand
from legacy.importing.shape import LATER_CONVERSATIONS, LATER_MESSAGES, MESSAGES, REPORTS
from legacy.importing.source import Source
from legacy.importing.texts import line_of, text_of
from members.models import Member
from messaging.models import Conversation
from moderation.models import Action, Case, Decision, Kind, Report, Status, Subject
from moderation.models import Source as Came
from moderation.models.words import DESCRIPTION_MOST, SAFETY, Reason
from moderation.services import cases
from moderation.services.effects import count_again

KIND = "reports"
NO_REPORTER = "whoever reported it is not here"
NO_MESSAGE = "its message is not here"
NOT_ONE_OF_THE_TWO = "whoever reported it is not one of the two, or wrote it"
TWICE = "was reported by the same person before"
OPEN_AGAIN = "was settled there and nobody knows how; a moderator looks at it again"
REASONS = {value: value for value in Reason.values} | {
    "abuse": "harassment", "threat": "harassment", "hate_speech": "harassment", "fraud": "scam", "money": "scam",
    "privacy": "personal_info", "unsafe": "unsafe_visit", "safety": "unsafe_visit", "offensive": "inappropriate",
}  # fmt: skip
DISMISSED = ("dismissed", "rejected", "invalid", "no_action", "no_violation")
SETTLED = (*DISMISSED, "reviewed", "resolved", "actioned", "action_taken", "upheld", "closed")
DID_NOTHING = ("", "none", "no_action", "dismissed")
WORDS = "The moderators of our earlier site read this on {day}. They wrote: “{did}”"
READ = "The moderators of our earlier site read this on {day} and found no broken rule."
TO_REPORTER = "The moderators of our earlier site read your report on {day}."


@dataclass
class _Told:
    id: UUID
    row: dict[str, Any]
    reporter: Member
    target: Target
    # Who settled it there and what they did; None where somebody has to look at it.
    by: Member | None = None
    action: Action | None = None


def bring(errand: Errand) -> None:
    if errand.source.has(REPORTS):
        for rows in errand.batches(_query(errand.source)):
            people = errand.known(row["r_reported_by"] for row in rows)
            for row in rows:
                _bring(errand, row, people)


def _query(source: Source) -> str:
    """With whether the message is there, for whoever only tries."""
    where = [
        f"EXISTS (SELECT FROM {table} AS m WHERE {source.column(table, 'm', 'id')} = {_message(source)})"
        for table in (MESSAGES, LATER_MESSAGES, LATER_CONVERSATIONS)
        if source.has(table)
    ]
    order = f"{source.column(REPORTS, 'r', 'created_at')}, {source.column(REPORTS, 'r', 'id')}"
    there = " OR ".join(where) or "false"
    return f"SELECT {source.columns(REPORTS, 'r')}, {there} AS is_there FROM {REPORTS} AS r ORDER BY {order}"  # noqa: S608


def _message(source: Source) -> str:
    return source.column(REPORTS, "r", "message_id")


def _bring(errand: Errand, row: dict[str, Any], people: set[UUID]) -> None:
    key = row["r_id"] or uuid5(row["r_message_id"] or UUID(int=0), str(row["r_reported_by"]))
    if row["r_reported_by"] not in people:
        errand.tally.skip(KIND, key, NO_REPORTER)
    elif Report.objects.filter(pk=key).exists():
        errand.tally.keep(KIND)
    elif errand.is_dry:
        errand.tally.bring(KIND) if row["is_there"] else errand.tally.skip(KIND, key, NO_MESSAGE)
    else:
        _put_down(errand, key, row)


@transaction.atomic
def _put_down(errand: Errand, key: UUID, row: dict[str, Any]) -> None:
    try:
        target = reportable()[Kind.MESSAGE].find(None, row["r_message_id"])
    except NotFound:
        errand.tally.skip(KIND, key, NO_MESSAGE)
        return
    told = _Told(key, row, Member.objects.get(pk=row["r_reported_by"]), target)
    if reason := _why_not(told):
        errand.tally.skip(KIND, key, reason)
        return
    errand.tally.bring(KIND)
    _find_out_how_it_ended(errand, told)
    _save(errand, told)


def _why_not(told: _Told) -> str:
    thread = Conversation.objects.get(pk=told.target.conversation_id or told.target.id)
    two = {thread.requester_id, thread.helper_id} - {told.target.author_id}
    if told.reporter.pk not in two:
        return NOT_ONE_OF_THE_TWO
    before = Report.objects.filter(reporter=told.reporter, target_kind=told.target.kind, target_id=told.target.id)
    return TWICE if before.exists() else ""


def _find_out_how_it_ended(errand: Errand, told: _Told) -> None:
    status = (told.row["r_status"] or "").strip().lower()
    if status not in SETTLED:
        return
    decided = Member.objects.filter(pk=told.row["r_reviewed_by"]).first() or errand.answers
    did = (told.row["r_action_taken"] or "").strip().lower()
    is_known = status in DISMISSED or did not in DID_NOTHING
    if not is_known or decided is None or decided.pk in (told.target.author_id, told.reporter.pk):
        errand.tally.change(KIND, told.id, OPEN_AGAIN)
        return
    told.by, told.action = decided, Action.NOTHING if status in DISMISSED else Action.WARN


def _save(errand: Errand, told: _Told) -> None:
    """Sealed as it stands now, by the house; what happened first, then the case."""
    reason = REASONS.get((told.row["r_reason"] or "").strip().lower(), Reason.OTHER)
    row = Report(
        id=told.id,
        reporter=told.reporter,
        author_id=told.target.author_id,
        target_kind=told.target.kind,
        target_id=told.target.id,
        conversation_id=told.target.conversation_id,
        reason=reason,
        status=Status.DECIDED if told.action else Status.PENDING,
        created_at=told.row["r_created_at"] or errand.began_at,
    )
    row.clear_description = text_of(told.row["r_description"], DESCRIPTION_MOST)
    row.seal(reportable()[Kind.MESSAGE].evidence(None, told.target))
    decision = _decision(errand, told) if told.action else None
    row.case = decision.case if decision else _open_case(told, reason)
    row.save(force_insert=True)
    if decision:
        count_again(told.target.author_id)
        on_record(decision)


def _open_case(told: _Told, reason: str) -> Case:
    return cases.fold(told.target, Came.MEMBER, is_safety=reason in SAFETY)


def _decision(errand: Errand, told: _Told) -> Decision:
    assert told.by  # noqa: S101 (known together with what was done; this tells the types)
    assert told.action  # noqa: S101
    at = min(told.row["r_reviewed_at"] or told.row["r_created_at"] or errand.began_at, errand.began_at)
    day, did = date_format(at, "F j, Y"), line_of(told.row["r_action_taken"], 300)
    is_breach = told.action != Action.NOTHING
    words = WORDS.format(day=day, did=did) if is_breach else READ.format(day=day)
    ruling = Ruling(
        kind=Subject.MESSAGE,
        target=told.target.id,
        conversation=told.target.conversation_id,
        affected=told.target.author_id,
        by=told.by,
        action=told.action,
        rule=rule_of(f"{told.row['r_reason'] or ''} {did}"),
        at=at,
        until=None,
        facts=words,
        words=words,
        reporter_words=TO_REPORTER.format(day=day),
    )
    return put_down(ruling)

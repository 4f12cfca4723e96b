"""Reading what a case is about: only with the case open and on record; and whether it is still what was sealed."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.utils.dateparse import parse_datetime

import audit.services as audit
from carecollective.encryption import CannotOpen, fingerprint
from carecollective.errors import NotFound
from carecollective.ports import reportable
from members import roles
from members.models import Member
from messaging.models import MessageRecord
from moderation.models import Appeal, Case, Find, Report
from moderation.models.evidence import SealedEvidence
from moderation.services.cases import must_say_why
from moderation.services.eligible import must_be_able_to_take

# Nobody needs a whole life of a chat to decide about a message of it.
MORE_MOST = 100


@dataclass(frozen=True)
class Line:
    """One message as it stood; `is_as_sent` is what the digest made at sending says."""

    id: UUID
    sender_id: str
    called: str
    text: str
    first: str
    at: datetime | None
    is_edited: bool
    is_deleted: bool
    is_about: bool
    is_as_sent: bool

    @property
    def said(self) -> str:
        """The words somebody read; of a deleted message what is left."""
        return self.text or self.first


@dataclass(frozen=True)
class Exhibit:
    """One sealed piece of evidence, opened; damaged ones say so and show nothing."""

    sealed_at: datetime
    is_intact: bool
    lines: tuple[Line, ...] = ()
    # Of a request or a person: what it says of itself, by its name.
    facts: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    description: str = ""
    reporter: Member | None = None
    categories: tuple[str, ...] = ()

    @property
    def has_changed_words(self) -> bool:
        return any(not line.is_as_sent for line in self.lines)


@dataclass(frozen=True)
class CaseFile:
    case: Case
    exhibits: tuple[Exhibit, ...]
    appeals: tuple[Appeal, ...] = ()
    # What became of the message this is about, from its sending on.
    life: tuple[MessageRecord, ...] = ()
    # What stands further off in the chat now, where somebody asked for it with a reason.
    further: tuple[Line, ...] = ()

    @property
    def is_intact(self) -> bool:
        return all(exhibit.is_intact and not exhibit.has_changed_words for exhibit in self.exhibits)


@transaction.atomic
def read(moderator: Member, case_id: UUID) -> CaseFile:
    """With the case claimed; reading on keeps it claimed, and every reading is on record."""
    case = Case.objects.locked(case_id)
    if not (case.is_open and case.is_with(moderator)):
        # As if it were not there: private words are for whoever has the case, and for nobody else.
        raise NotFound()
    Case.objects.filter(pk=case.pk).update(**case.claim_of(moderator))
    return _opened("case_read", moderator, case)


@transaction.atomic
def read_decided(moderator: Member, case_id: UUID, why: str) -> CaseFile:
    """A case that is closed, for a reason that is kept: somebody asks, or it may have been wrong."""
    if not moderator.has_role(roles.MODERATOR):
        raise NotFound()
    must_say_why(why)
    case = Case.objects.one(case_id)
    must_be_able_to_take(moderator, case)
    return _opened("case_read", moderator, case, why)


@transaction.atomic
def read_more(moderator: Member, case_id: UUID, why: str, more: int) -> CaseFile:
    """So many more of the chat on either side, as it stands now: with the case open, for a reason that is kept."""
    case = Case.objects.locked(case_id)
    if not (case.is_open and case.is_with(moderator)):
        raise NotFound()
    must_say_why(why)
    origin = _origin(case)
    room = reportable().get(origin.target_kind)
    if room is None or room.more is None:
        raise NotFound()
    # As evidence comes back from where it is sealed: as JSON.
    found = orjson.loads(orjson.dumps(room.more(origin.target_id, min(max(more, 1), MORE_MOST))))
    Case.objects.filter(pk=case.pk).update(**case.claim_of(moderator))
    return replace(_opened("case_read_further", moderator, case, why), further=_lines(found))


def can_read_more(case: Case) -> bool:
    room = reportable().get(_origin(case).target_kind)
    return room is not None and room.more is not None


def _opened(action: str, moderator: Member, case: Case, why: str = "") -> CaseFile:
    origin = _origin(case)
    reports = origin.reports.select_related("reporter").order_by("number")
    finds = origin.finds.order_by("created_at")
    exhibits = [_of_report(report) for report in reports] + [_of_find(find) for find in finds]
    appeals = tuple(case.appeals.select_related("appellant", "decision__case", "decision__decided_by"))
    audit.record(action, actor=moderator, subject=case, reason=why, case_id=case.pk)
    return CaseFile(case, tuple(exhibits), appeals, _life(origin))


def _life(case: Case) -> tuple[MessageRecord, ...]:
    if not case.conversation_id:
        return ()
    about = MessageRecord.objects.filter(conversation_id=case.conversation_id, message_id=case.target_id)
    return tuple(about.order_by("id"))


def _origin(case: Case) -> Case:
    """An appeal is decided on what its decision was decided on."""
    appeal = case.appeals.select_related("decision__case").first()
    return appeal.decision.case if appeal else case


def _of_report(report: Report) -> Exhibit:
    exhibit = _exhibit(report)
    if not exhibit.is_intact:
        return exhibit
    return replace(
        exhibit,
        reason=report.get_reason_display(),
        description=str(report.clear_description),
        reporter=report.reporter,
    )


def _of_find(find: Find) -> Exhibit:
    return replace(_exhibit(find), categories=tuple(find.categories))


def _exhibit(row: Any) -> Exhibit:
    sealed: SealedEvidence = row
    if not sealed.is_intact:
        return Exhibit(row.created_at, is_intact=False)
    found = sealed.opened_evidence
    return Exhibit(row.created_at, is_intact=True, lines=_lines(found), facts=tuple(_facts(found)))


def _lines(found: dict[str, Any]) -> tuple[Line, ...]:
    people = {str(person["id"]): person["called"] for person in found.get("people", [])}
    about = str(found.get("message_id", ""))
    return tuple(_line(line, people, about) for line in found.get("messages", []))


def _line(line: dict[str, Any], people: dict[str, str], about: str) -> Line:
    sender = str(line["sender_id"])
    return Line(
        id=UUID(line["id"]),
        sender_id=sender,
        called=people.get(sender, ""),
        text=line["text"],
        first=line["first"],
        at=parse_datetime(line["created_at"]),
        is_edited=bool(line["edited_at"]),
        is_deleted=bool(line["deleted_at"]),
        is_about=line["id"] == about,
        is_as_sent=_is_as_sent(line),
    )


def _is_as_sent(line: dict[str, Any]) -> bool:
    """The digest is of what was sent, so of the first version where there were several; deleted words have none."""
    if line["deleted_at"] or not line["digest"]:
        return True
    try:
        return bool(fingerprint(line["first"] or line["text"], line["key_id"]) == line["digest"])
    except CannotOpen:
        return False


SHOWN_OF_A_REQUEST = ("title", "description", "exchange_offer", "called", "about", "town")


def _facts(found: dict[str, Any]) -> list[tuple[str, str]]:
    facts = [(name.replace("_", " "), str(found[name])) for name in SHOWN_OF_A_REQUEST if found.get(name)]
    if plan := found.get("plan"):
        facts += [("plan made by", plan["made_by"]), ("where to meet", plan["place"])]
    return facts

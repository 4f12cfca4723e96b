"""The people of a case, as whoever decides it has to know them: counted now, and only what decides."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from help_requests.models import HelpRequest
from members.models import Block, Member, Restriction
from messaging.models import Conversation
from messaging.services.thanking import helped_times_of
from moderation import reads_desk
from moderation.admin.words import did, trust_made_of
from moderation.models import Appeal, Case, Decision, Report, Standing
from moderation.services.reading import CaseFile

# So many of the past; the rest stands on their page.
RECENT = 12


@dataclass(frozen=True)
class Moment:
    """One entry of a person's time line."""

    at: datetime
    words: str
    case: Case
    is_upheld: bool = False


@dataclass(frozen=True)
class Person:
    """`trust`, `moments` and `restrictions` are told of the author only; of others the numbers are enough."""

    member: Member
    part: str
    requests: int
    offers: int
    helped: int
    blocked_by: int
    reports: int
    upheld: int
    is_author: bool = False
    trust: str = ""
    moments: list[Moment] = field(default_factory=list)
    restrictions: list[Restriction] = field(default_factory=list)


def people_of(file: CaseFile, reader: Member) -> list[Person]:
    """The author in full, then who asked again or reported, then the other of the two."""
    author = file.case.author
    parts = {author: "Whom it is about"}
    for member, part in _others(file):
        parts.setdefault(member, part)
    numbers = _numbers_of(parts)
    found = [Person(member, part, **numbers[member.pk]) for member, part in parts.items()]
    return [_in_full(found[0], reader), *found[1:]]


def shown_to(reader: Member, rows: QuerySet[Restriction]) -> QuerySet[Restriction]:
    """Without those from cases the reader is part of."""
    return rows.filter(decision_id__in=reads_desk.decisions_for(reader).values("pk"))


def restrictions_of(member: Member, reader: Member) -> QuerySet[Restriction]:
    holds = Q(lifted_at=None) & (Q(ends_at=None) | Q(ends_at__gt=Now()))
    rows = Restriction.objects.filter(member=member).select_related("decided_by", "lifted_by").annotate(holds=holds)
    return shown_to(reader, rows).order_by("-starts_at", "-id")


def moments_of(member: Member, reader: Member, most: int = RECENT) -> list[Moment]:
    """What was reported about them and what became of it, newest first."""
    rows = reads_desk.cases_for(reader).filter(author=member).select_related("decision__affected")
    return [_moment(case) for case in rows.order_by("-opened_at", "-id")[:most]]


def is_part_of_a_case_about(member: Member, reader: Member) -> bool:
    """Then even a number may tell what became of it, before it is told."""
    rows = Case.objects.filter(author=member)
    return rows.exclude(pk__in=reads_desk.cases_for(reader).values("pk")).exists()


def upheld_of(member: Member) -> int:
    return Decision.objects.upheld().filter(affected=member).count()


def _others(file: CaseFile) -> list[tuple[Member, str]]:
    found: list[tuple[Member, str]] = [(appeal.appellant, "Who asked us to look again") for appeal in file.appeals]
    found += [(exhibit.reporter, "Who reported it") for exhibit in file.exhibits if exhibit.reporter]
    chats = [file.case.conversation_id] if file.case.conversation_id else []
    for thread in Conversation.objects.filter(pk__in=chats).select_related("requester", "helper"):
        found += [(thread.requester, "The other one in the chat"), (thread.helper, "The other one in the chat")]
    return found


def _in_full(person: Person, reader: Member) -> Person:
    member = person.member
    return replace(
        person,
        is_author=True,
        trust=trust_made_of(member.trust, upheld_of(member)),
        moments=moments_of(member, reader),
        restrictions=list(restrictions_of(member, reader)[:RECENT]),
    )


def _numbers_of(people: Iterable[Member]) -> dict[UUID, dict[str, Any]]:
    """Each number of everybody in one statement, however many reported."""
    them = list(people)
    made = Report.objects.filter(reporter__in=them)
    counted = {
        "requests": _count(HelpRequest.objects.filter(requester__in=them), "requester"),
        "offers": _count(Conversation.objects.filter(helper__in=them), "helper"),
        "helped": helped_times_of(them),
        "blocked_by": _count(Block.objects.filter(blocked__in=them), "blocked"),
        "reports": _count(made, "reporter"),
        # Of what they reported, how much stood.
        "upheld": _count(made.filter(case__decision__in=Decision.objects.upheld()), "reporter"),
    }
    return {one.pk: {name: found.get(one.pk, 0) for name, found in counted.items()} for one in them}


def _count(rows: QuerySet[Any], column: str) -> dict[UUID, int]:
    return dict(rows.order_by().values_list(column).annotate(times=Count("*")))


def _moment(case: Case) -> Moment:
    decision = case.decision
    if decision is None:
        return Moment(case.opened_at, "Open." if case.is_open else "Put together with another case.", case)
    over = "" if decision.is_in_force else f" ({decision.get_standing_display()})"
    is_upheld = decision.is_breach and decision.standing == Standing.IN_FORCE
    return Moment(decision.decided_at, did(decision) + over, case, is_upheld)


def appealed(file: CaseFile) -> Decision | None:
    """The decision somebody wants looked at again."""
    appeal: Appeal | None = next(iter(file.appeals), None)
    return appeal.decision if appeal else None

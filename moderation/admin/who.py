"""The people of a case, as whoever decides it has to know them: counted now, and only what decides."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from members.models import Block, Member, Restriction
from messaging.models import Conversation
from messaging.services.thanking import helped_times
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
    """`moments` and `restrictions` are told of the author only; of others the numbers are enough."""

    member: Member
    part: str
    requests: int
    offers: int
    helped: int
    blocked_by: int
    reports: int
    upheld: int
    trust: str
    moments: list[Moment] = field(default_factory=list)
    restrictions: list[Restriction] = field(default_factory=list)


def people_of(file: CaseFile) -> list[Person]:
    """The author in full, then the other of the two, then who reported or asked again."""
    case = file.case
    found = [_person(case.author, "Whom it is about", is_in_full=True)]
    seen = {case.author_id}
    for member, part in _others(file):
        if member.pk not in seen:
            seen.add(member.pk)
            found.append(_person(member, part))
    return found


def restrictions_of(member: Member) -> QuerySet[Restriction]:
    holds = Q(lifted_at=None) & (Q(ends_at=None) | Q(ends_at__gt=Now()))
    rows = Restriction.objects.filter(member=member).select_related("decided_by", "lifted_by").annotate(holds=holds)
    return rows.order_by("-starts_at", "-id")


def moments_of(member: Member, most: int = RECENT) -> list[Moment]:
    """What was reported about them and what became of it, newest first."""
    rows = Case.objects.filter(author=member).select_related("decision__affected").order_by("-opened_at", "-id")
    return [_moment(case) for case in rows[:most]]


def upheld_of(member: Member) -> int:
    return Decision.objects.upheld().filter(affected=member).count()


def _others(file: CaseFile) -> list[tuple[Member, str]]:
    found: list[tuple[Member, str]] = [(appeal.appellant, "Who asked us to look again") for appeal in file.appeals]
    found += [(exhibit.reporter, "Who reported it") for exhibit in file.exhibits if exhibit.reporter]
    chats = [file.case.conversation_id] if file.case.conversation_id else []
    for thread in Conversation.objects.filter(pk__in=chats).select_related("requester", "helper"):
        found += [(thread.requester, "The other one in the chat"), (thread.helper, "The other one in the chat")]
    return found


def _person(member: Member, part: str, is_in_full: bool = False) -> Person:
    upheld = upheld_of(member)
    more: dict[str, Any] = {}
    if is_in_full:
        more = {"moments": moments_of(member), "restrictions": list(restrictions_of(member)[:RECENT])}
    return Person(
        member=member,
        part=part,
        requests=member.help_requests.count(),
        offers=member.conversations_started.count(),
        helped=helped_times(member),
        blocked_by=Block.objects.filter(blocked=member).count(),
        reports=Report.objects.filter(reporter=member).count(),
        upheld=_upheld_reports(member),
        trust=trust_made_of(member.trust, upheld),
        **more,
    )


def _upheld_reports(member: Member) -> int:
    """Of what they reported, how much stood."""
    return Report.objects.filter(reporter=member, case__decision__in=Decision.objects.upheld()).count()


def _moment(case: Case) -> Moment:
    decision = case.decision
    if decision is None:
        return Moment(case.opened_at, "Open.", case)
    over = "" if decision.is_in_force else f" ({decision.get_standing_display()})"
    is_upheld = decision.is_breach and decision.standing == Standing.IN_FORCE
    return Moment(decision.decided_at, did(decision) + over, case, is_upheld)


def appealed(file: CaseFile) -> Decision | None:
    """The decision somebody wants looked at again."""
    appeal: Appeal | None = next(iter(file.appeals), None)
    return appeal.decision if appeal else None

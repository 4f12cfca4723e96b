"""What the pages of this room read; each list is one statement, however long it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.lookups import Exact

from help_requests.models import HelpRequest, Status
from home.reads_sql import TALKS, UNREAD
from members.models import Member, VerificationStatus, blocked_with
from members.models.bans import IsBanned
from messaging.models import Conversation, Plan
from messaging.said import By
from messaging.standing import Standing, standing
from notifications.models import Notice

MOST_TALKS = 100
MOST_OWN = 30


@dataclass(frozen=True)
class Talk:
    """A conversation that may need its reader, with its plan; never one behind a block."""

    now: Standing
    plan: Plan | None
    # What the site's own line says, where one of those came last, and whose doing it was.
    happened: str
    by: By
    # The newest words are a thank-you.
    is_thanked: bool

    @property
    def found(self) -> dict[str, Any]:
        return self.now.found

    @property
    def id(self) -> str:
        return str(self.found["id"])

    @property
    def new(self) -> int:
        return int(self.found["unread_count"])

    @property
    def request_id(self) -> str:
        return str(self.found["help_request_id"])

    @property
    def title(self) -> str:
        return str((self.found["help_request"] or {}).get("title", ""))

    @property
    def is_under_way(self) -> bool:
        return self.now.is_accepted and self.now.request_status == Status.IN_PROGRESS

    def has_plan(self, at: datetime) -> bool:
        """One that is still to come, agreed or not."""
        return self.is_under_way and self.plan is not None and not self.plan.is_over(at)

    def has_plan_to_answer(self, at: datetime) -> bool:
        """The other one made or changed it, and waits for a yes."""
        side = "requester" if self.now.is_asker else "helper"
        return self.has_plan(at) and self.now.can_write and not (self.plan and self.plan.is_agreed_by(side))

    def has_plan_ahead(self, at: datetime) -> bool:
        return self.has_plan(at) and bool(self.plan and self.plan.is_agreed)

    def is_to_be_asked_how_it_went(self, at: datetime) -> bool:
        """From the morning after; a “not yet” said before the time was true, but no answer."""
        plan = self.plan
        if plan is None or not (self.now.can_say_it_helped and plan.is_agreed and plan.is_over(at)):
            return False
        return plan.answered_at is None or plan.answered_at < plan.starts_at


@dataclass(frozen=True)
class Unread:
    """Conversations with new words, and new notices; as many as are worth counting."""

    messages: int = 0
    notices: int = 0


@dataclass(frozen=True)
class Subject:
    """What a notice is about: the request's title, and the other person, where they may still be named."""

    title: str = ""
    who: str = ""


def unread(member: Member) -> Unread:
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, {"me": member.pk})
        return Unread(*(cursor.fetchone() or ()))


def talks(member: Member) -> tuple[list[Talk], bool]:
    """What matters now, the newest words first; and whether this member has ever asked for anything or offered."""
    with connection.cursor() as cursor:
        cursor.execute(TALKS, {"me": member.pk, "most": MOST_TALKS})
        rows, has_begun = cursor.fetchone() or ("[]", False)
    return [_talk(found, member) for found in orjson.loads(rows)], has_begun


def own_requests(member: Member) -> list[HelpRequest]:
    """What I ask for now."""
    rows = HelpRequest.objects.listed_for(member).filter(requester=member).with_people()
    return list(rows.order_by("-created_at", "-id")[:MOST_OWN])


def new_requests(member: Member, most: int) -> list[HelpRequest]:
    """Where a hand is still needed, and this member has not offered one."""
    talked_about = Conversation.objects.filter(help_request=OuterRef("pk"), helper=member)
    rows = HelpRequest.objects.listed_for(member).filter(~Q(requester=member), ~Exists(talked_about))
    return list(rows.filter(status=Status.OPEN).with_people().order_by("-created_at", "-id")[:most])


def person(member: Member, person_id: UUID) -> Member | None:
    """Somebody this member may look at: an approved account, and no block between the two."""
    people = Member.objects.approved().filter(~blocked_with(member, "pk"), pk=person_id)
    return people.annotate(hides_town=_hides_town(member)).first()


def requests_of(member: Member, person: Member, most: int) -> list[HelpRequest]:
    """What they ask for now, as this member may read it."""
    rows = HelpRequest.objects.listed_for(member).filter(requester=person, status=Status.OPEN)
    return list(rows.with_people().order_by("-created_at", "-id")[:most])


def subjects(member: Member, notices: list[Notice]) -> dict[tuple[str, str], Subject]:
    """By kind and id, as events name what they are about; what this member may not open has none."""
    talks, requests = (_ids(notices, kind) for kind in ("conversation", "helprequest"))
    found: dict[tuple[str, str], Subject] = {}
    for talk in _talks_told_of(member, talks):
        other = talk.other(member)
        title = talk.help_request.title_for(member) if talk.help_request else ""
        found["conversation", str(talk.pk)] = Subject(title, other.called if talk.may_be_named else "")
    for request in HelpRequest.objects.visible_to(member).filter(pk__in=requests).only("title"):
        found["helprequest", str(request.pk)] = Subject(request.title)
    return found


def _talks_told_of(member: Member, ids: list[str]) -> Any:
    approved = {f"{side}__verification_status": VerificationStatus.APPROVED for side in ("requester", "helper")}
    active = {f"{side}__is_active": True for side in ("requester", "helper")}
    none_is_banned = ~Q(IsBanned("requester")) & ~Q(IsBanned("helper"))
    may_be_named = (
        Q(**approved, **active) & none_is_banned & ~blocked_with(member, "requester") & ~blocked_with(member, "helper")
    )
    about = (f"help_request__{name}" for name in ("title", "moderation", "requester"))
    shown = (*about, "requester__called", "helper__called")
    rows = Conversation.objects.visible_to(member).filter(pk__in=ids).with_people().only(*shown)
    return rows.annotate(may_be_named=ExpressionWrapper(may_be_named, BooleanField()))


def _ids(notices: list[Notice], kind: str) -> list[str]:
    return [notice.event.about_id for notice in notices if notice.event.about_kind == kind]


def _hides_town(member: Member) -> Exists:
    """A request that keeps the town from this member keeps it on its asker's page, too."""
    rows = HelpRequest.objects.listed_for(member).filter(requester=OuterRef("pk"))
    return Exists(rows.filter(Exact(F("shown_town"), "")))


def _talk(found: dict[str, Any], member: Member) -> Talk:
    # Blocks were left out, so there is none to tell of.
    now = standing(found, member, has_blocked=False)
    plan = _plan(found["plan"]) if found["plan"] else None
    by = By.whom(found["said_by"], member)
    return Talk(now, plan, found["happened"] or "", by, bool(found["is_thanked"]))


def _plan(row: dict[str, Any]) -> Plan:
    fields = Plan._meta.concrete_fields
    return Plan(**{field.attname: field.to_python(row[str(field.column)]) for field in fields})

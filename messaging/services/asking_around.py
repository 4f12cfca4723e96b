"""Asking around: members who may be able to help hear, once, that a request still waits for its first offer."""

from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Greatest, Now

import audit.services as audit
import notifications.services as notifications
from carecollective.errors import HelpRequestUnavailable, NotPermitted
from help_requests.models import HelpRequest, LocationPrivacy, Status
from help_requests.models.visibility import IS_BY_A_MEMBER, IS_EXPIRED
from members import roles
from members.models import Member, blocked_with
from members.models.bans import IsBanned, IsRestricted
from messaging.models import Conversation, OfferState
from messaging.models import Status as Talk
from notifications.models import Emails, Event, Notice, Preferences

KIND = "request_needs_help"
WAITED = timedelta(hours=48)
# For one request, and for one person.
AGAIN_AFTER = timedelta(days=7)
LEFT_ALONE = timedelta(days=3)
MOST = 20

NOT_YOURS = "You asked for this yourself. Another moderator can ask around for you."
LATELY = "We asked around for this request in the last 7 days."
NOT_WAITING = "This request does not wait for a first offer any more."
NOBODY = "There is nobody we could ask now. Those who may help have offered, were asked lately, or want no mail."

# Two moderators at once would both find the same people free to be asked. Taken first of all, and by this verb alone.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('ask around'))"


@transaction.atomic
def ask_around(moderator: Member, request_id: UUID) -> int:
    """How many were asked; nobody hears of it who could not read the request anyway."""
    if not moderator.has_role(roles.MODERATOR):
        raise NotPermitted()
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
    request = HelpRequest.objects.locked_for_house(moderator, request_id)
    _must_wait_for_help(request, moderator)
    people = _who_could_help(request, moderator)
    if not people:
        raise NotPermitted(NOBODY)
    # By nobody: who of our team asks is on record, and no news.
    notifications.record(KIND, about=request, to=people)
    audit.record("asked_around", actor=moderator, subject=request, people=len(people))
    return len(people)


def lately_asked_for(requests: list[UUID]) -> set[UUID]:
    """For which of these we have asked around, and must wait."""
    return {UUID(event.about_id) for event in _asked_for(requests)}


def waiting_for_help() -> QuerySet[HelpRequest]:
    """Open for 48 hours without an offer. One that was taken back is none; one that was declined was one."""
    offers = Conversation.objects.filter(help_request=OuterRef("pk")).exclude(status=Talk.HELD)
    is_there = Q(IS_BY_A_MEMBER, ~Q(IsBanned("requester")), ~IS_EXPIRED, status=Status.OPEN, moderation="")
    rows = HelpRequest.objects.annotate(since=Greatest("created_at", "reopened_at"))
    rows = rows.filter(is_there, since__lte=Now() - WAITED)
    return rows.exclude(Exists(offers.exclude(offer_state=OfferState.WITHDRAWN)))


def _asked_for(requests: list[UUID]) -> QuerySet[Event]:
    about = {"about_kind": "helprequest", "about_id__in": [str(one) for one in requests]}
    return Event.objects.filter(kind=KIND, at__gt=Now() - AGAIN_AFTER, **about)


def _must_wait_for_help(request: HelpRequest, moderator: Member) -> None:
    if request.is_asked_by(moderator):
        raise NotPermitted(NOT_YOURS)
    if not waiting_for_help().filter(pk=request.pk).exists():
        raise HelpRequestUnavailable(NOT_WAITING)
    if _asked_for([request.pk]).exists():
        raise NotPermitted(LATELY)


def _who_could_help(request: HelpRequest, moderator: Member) -> list[Member]:
    """Who offered in that topic first, then neighbours, then who has helped with anything; at most so many."""
    talked = Conversation.objects.filter(helper=OuterRef("pk"))
    knows_it = Exists(talked.filter(help_request__category=request.category).exclude(status=Talk.HELD))
    has_helped = Exists(talked.filter(offer_state=OfferState.ACCEPTED))
    is_near = _lives_near(request)
    people = _who_may_be_written_to(request, moderator).filter(knows_it | is_near | has_helped)
    place = Case(When(knows_it, then=Value(0)), When(is_near, then=Value(1)), default=Value(2))
    ordered = people.annotate(place=place).order_by("place", "-created_at", "-id")
    # Asked of each: what they could open by themselves, with all its words.
    found = (person for person in ordered[: 2 * MOST] if _may_read(person, request))
    return [person for person, _ in zip(found, range(MOST), strict=False)]


def _lives_near(request: HelpRequest) -> Q:
    """By a town that the asker shows to everybody, or being asked would tell where they live."""
    is_shown = request.location_privacy == LocationPrivacy.PUBLIC and request.town
    return Q(town__iexact=request.town) if is_shown else Q(pk__in=[])


def _who_may_be_written_to(request: HelpRequest, moderator: Member) -> QuerySet[Member]:
    wants_no_mail = Preferences.objects.filter(member=OuterRef("pk"), email=Emails.OFF)
    lately = Notice.objects.filter(member=OuterRef("pk"), event__kind=KIND, event__at__gt=Now() - LEFT_ALONE)
    knows = Conversation.objects.filter(helper=OuterRef("pk"), help_request=request)
    away = Exists(wants_no_mail) | Exists(lately) | Exists(knows) | Q(IsRestricted("id"))
    people = Member.objects.approved().exclude(pk__in=[request.requester_id, moderator.pk])
    return people.filter(~away, ~Q(blocked_with(request.requester, "id")))


def _may_read(person: Member, request: HelpRequest) -> bool:
    return HelpRequest.objects.listed_for(person).filter(pk=request.pk).exists()

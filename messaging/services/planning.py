"""Making a plan after an accepted offer, agreeing to it, taking it back, and saying whether it helped."""

# Every verb holds the request first, then its conversation, then the member. The request's lock is the plan's, too.

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models.functions import Now
from django.utils.timezone import now

import notifications.services as notifications
from carecollective.errors import ContentBlocked, HelpRequestUnavailable, NotPermitted, NotValid, OfferStateChanged
from help_requests.models import HelpRequest
from help_requests.models import Status as RequestStatus
from help_requests.services.screened import examined, keep
from members.models import Member, Standing
from members.paused import Act
from members.services.restrictions import hold_allowed, take_one_message
from messaging.models import Conversation, Happening, Plan
from messaging.models.plan import Answer
from messaging.services import acquaintance, moves, requests
from messaging.services.talking import tell_in_thread

FARTHEST = timedelta(days=366)
NEEDS_A_HELPER = "A plan needs somebody whose offer was accepted, and a request that is not over."
ONLY_THE_TWO = "Only the person who asked and their helper can do this."
HAS_CHANGED = "The plan has changed in the meantime."
IS_OVER = "This day is over. Please choose a later one."
ONLY_A_PLACE = "Please write only where you meet. Other words go as a message."
PLAN = "plan"
TOO_FAR = "Please choose a day within a year."


@dataclass(frozen=True)
class Wish:
    """When and where, as the clocks of that zone will show it."""

    day: date
    time: time
    place: str
    time_zone: str

    @property
    def starts_at(self) -> datetime:
        """Of an hour that comes twice, the first; one that the clocks skip counts on: 2:30 is then 3:30."""
        return datetime.combine(self.day, self.time, tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)

    @property
    def words(self) -> tuple[Any, ...]:
        """As a plan keeps it: an hour that is really there."""
        there = self.starts_at.astimezone(ZoneInfo(self.time_zone))
        return there.date(), there.time(), self.place, self.time_zone

    def must_be_ahead(self) -> None:
        today = now().astimezone(ZoneInfo(self.time_zone)).date()
        if self.day < today:
            raise NotValid(fields={"date": [IS_OVER]})
        if self.day > today + FARTHEST:
            raise NotValid(fields={"date": [TOO_FAR]})


@dataclass(frozen=True)
class Together:
    """What two people are doing: the request, the offer that was accepted for it, and their plan, if any."""

    request: HelpRequest
    offer: Conversation | None
    plan: Plan | None

    @property
    def goes_on(self) -> bool:
        return self.offer is not None and self.request.status == RequestStatus.IN_PROGRESS


@transaction.atomic
def make_plan(member: Member, request_id: UUID, wish: Wish) -> Plan:
    """Makes it or changes it, and whoever does has agreed; the same plan again is a yes to it."""
    offer = _held(member, request_id)
    held, standing = _must_be_able_to_write(member, offer)
    wish.must_be_ahead()
    plan = Plan.objects.of(request_id)
    # One that was answered is history: the same words again are a new plan.
    if plan and not plan.answer and plan.words == wish.words:
        return _agree(plan, offer, member)
    take_one_message(member, standing)
    # A plan that nobody else sees is none, so what had to be checked first is refused.
    verdict = examined(wish.place, held.trust)
    if verdict.is_held:
        raise ContentBlocked(ONLY_A_PLACE)
    made = _write(offer, member, plan or Plan(help_request_id=request_id, conversation=offer), wish)
    keep(verdict, (PLAN, made.pk), member, conversation=offer.pk)
    _tell(offer, Happening.PLAN_CHANGED if plan else Happening.PLAN_MADE, member)
    return made


@transaction.atomic
def agree_to_plan(member: Member, request_id: UUID, version: int) -> Plan:
    """A yes to the version one has read, and to no other. Said twice, it changes nothing."""
    offer = _held(member, request_id)
    _must_be_able_to_write(member, offer)
    plan = Plan.objects.of(request_id)
    if plan is None or plan.version != version:
        raise OfferStateChanged(HAS_CHANGED, conversation_id=offer.pk, version=plan.version if plan else None)
    return _agree(plan, offer, member)


@transaction.atomic
def cancel_plan(member: Member, request_id: UUID) -> None:
    """By either of the two, blocked or not: nobody is held to a plan. Said twice, it changes nothing."""
    offer = _held(member, request_id)
    if Plan.objects.of(request_id):
        moves.cancel_plan(offer)
        _tell(offer, Happening.PLAN_CANCELLED, member)


@transaction.atomic
def answer_plan(asker: Member, request_id: UUID, answer: str) -> Plan | None:
    """Did it help? Yes ends the request, “it did not work” opens it for others. Said twice, it changes nothing.

    It works without a plan, too: the other may have taken it back while the question was on its way.
    """
    HelpRequest.objects.locked_for(asker, request_id).must_be_asked_by(asker)
    last = Plan.objects.last_of(request_id)
    if last and _is_said_already(asker, last, answer):
        return last
    is_yes = answer == Answer.YES
    offer = _held(asker, request_id, *([RequestStatus.COMPLETED] if is_yes else []))
    plans = Plan.objects.counting().filter(conversation=offer)
    plans.update(answer=answer, answered_at=Now(), updated_at=Now())
    if is_yes:
        requests.complete_request(asker, request_id)
    if answer == Answer.DID_NOT_WORK:
        requests.reopen_request(asker, request_id)
    return Plan.objects.filter(conversation=offer).order_by("-version").first()


def find(member: Member, request_id: UUID) -> Together:
    """For the two, and for nobody else."""
    request = HelpRequest.objects.one_for(member, request_id)
    _must_be_of_the_two(request, member)
    offer = Conversation.objects.accepted().with_people().filter(help_request=request).first()
    return Together(request, offer, Plan.objects.of(request_id))


def _held(member: Member, request_id: UUID, *also: RequestStatus) -> Conversation:
    """The accepted offer of a request that goes on, under the request's lock and its own."""
    request = HelpRequest.objects.locked_for(member, request_id)
    _must_be_of_the_two(request, member)
    accepted = Conversation.objects.accepted().filter(help_request=request_id).values_list("pk", flat=True).first()
    if accepted is None or request.status not in (RequestStatus.IN_PROGRESS, *also):
        raise HelpRequestUnavailable(NEEDS_A_HELPER)
    return Conversation.objects.locked_for(member, accepted)


def _must_be_of_the_two(request: HelpRequest, member: Member) -> None:
    if not (request.is_asked_by(member) or request.is_helped_by(member)):
        raise NotPermitted(ONLY_THE_TWO)


def _must_be_able_to_write(member: Member, offer: Conversation) -> tuple[Member, Standing]:
    found = hold_allowed(member, Act.MAKE_PLAN)
    offer.must_be_writable()
    acquaintance.must_not_be_blocked(offer)
    return found


def _write(offer: Conversation, member: Member, plan: Plan, wish: Wish) -> Plan:
    """A new version: only its maker has said yes, and everything about the old one is to be asked anew."""
    last = Plan.objects.last_of(plan.help_request_id)
    plan.version = last.version + 1 if last else 1
    plan.day, plan.time, plan.clear_place, plan.time_zone = wish.words
    plan.starts_at, plan.made_by, plan.updated_at = wish.starts_at, member, Now()
    plan.requester_agreed_at = plan.helper_agreed_at = None
    setattr(plan, f"{offer.side_of(member)}_agreed_at", Now())
    plan.reminded_at = plan.asked_at = plan.answered_at = None
    plan.answer = ""
    plan.save()
    return Plan.objects.get(pk=plan.pk)


def _agree(plan: Plan, offer: Conversation, member: Member) -> Plan:
    side = offer.side_of(member)
    if not plan.is_agreed_by(side):
        Plan.objects.filter(pk=plan.pk).update(**{f"{side}_agreed_at": Now()}, updated_at=Now())
        _tell(offer, Happening.PLAN_AGREED, member)
    return Plan.objects.get(pk=plan.pk)


def _tell(offer: Conversation, happening: Happening, member: Member) -> None:
    tell_in_thread(offer, happening, member)
    to, about = offer.still_there(offer.other(member)), {"about": offer, "help_request": offer.help_request_id}
    notifications.record(happening.value, to=to, actor=member, **about)


def _is_said_already(asker: Member, plan: Plan, answer: str) -> bool:
    """And what came of it still stands."""
    came_of_it: dict[str, RequestStatus] = {
        Answer.YES: RequestStatus.COMPLETED,
        Answer.NOT_YET: RequestStatus.IN_PROGRESS,
        Answer.DID_NOT_WORK: RequestStatus.OPEN,
    }
    request = HelpRequest.objects.one_for(asker, plan.help_request_id)
    return plan.answer == answer and request.status == came_of_it[answer]

"""Deciding about an offer: yes, no, taken back, made again. Each locks the request first, then the offers."""

from uuid import UUID

from django.db import transaction

import notifications.services as notifications
from carecollective.errors import HelpRequestUnavailable, NotPermitted, OfferStateChanged
from help_requests.models import HelpRequest
from help_requests.models import Status as RequestStatus
from help_requests.services import moving
from help_requests.services.screened import examined
from members.models import Member
from members.paused import Act
from members.services.restrictions import hold_allowed, take_one_message
from messaging.models import Conversation, Happening, OfferState, Status, Type
from messaging.models.conversation import CLOSED, NOT_WRITABLE
from messaging.services import acquaintance
from messaging.services.moves import cancel_plan, move_offer, withdraw
from messaging.services.talking import Spoken, say_words
from notifications.services import News

KEEP, DECLINE = "keep", "decline"
ONE_IS_ACCEPTED = "Somebody else's offer is accepted already."
BEING_CHECKED = "We are checking your words first."
IS_DONE = "This request is over, so its help cannot be taken back."


@transaction.atomic
def accept_offer(asker: Member, conversation_id: UUID, others: str = KEEP) -> Conversation:
    """Accepting is a promise: the request gets its helper; the other offers stay open or are declined kindly."""
    offer = _held(asker, conversation_id)
    offer.must_be_decided_by(asker)
    declined = _held_others(offer) if others == DECLINE else []
    take_offer(asker, offer)
    for other in declined:
        move_offer(other, OfferState.DECLINED, Happening.DECLINED, asker)
    _tell_helpers("offer_accepted", offer, declined, asker)
    return Conversation.objects.one_for(asker, conversation_id)


def take_offer(asker: Member, offer: Conversation) -> None:
    """The part of accepting that nobody has been told of yet: called under both locks, inside the transaction."""
    hold_allowed(asker, Act.ACCEPT)
    offer.must_go_to(OfferState.ACCEPTED)
    _must_be_open_to_an_acceptance(offer, asker)
    acquaintance.must_not_be_blocked(offer)
    moving.give_to(offer.asked_for, offer.helper)
    move_offer(offer, OfferState.ACCEPTED, Happening.ACCEPTED, asker)


@transaction.atomic
def decline_offer(asker: Member, conversation_id: UUID, note: str = "") -> Conversation:
    """Final, and said without a reason that hurts; a kind note goes into the thread before it."""
    offer = _held(asker, conversation_id)
    offer.must_be_decided_by(asker)
    offer.must_go_to(OfferState.DECLINED)
    if note:
        _say_kindly(offer, asker, note)
    move_offer(offer, OfferState.DECLINED, Happening.DECLINED, asker)
    notifications.record("offer_declined", about=offer, to=offer.still_there(offer.helper), actor=asker)
    return Conversation.objects.one_for(asker, conversation_id)


@transaction.atomic
def withdraw_offer(helper: Member, conversation_id: UUID) -> Conversation:
    """A helper who was accepted lets the request go, so it is open for others again."""
    offer = _held(helper, conversation_id)
    offer.must_be_offered_by(helper)
    offer.must_go_to(OfferState.WITHDRAWN)
    if offer.is_accepted:
        _give_back(offer)
    notifications.record_each(withdraw(offer, helper))
    return Conversation.objects.one_for(helper, conversation_id)


@transaction.atomic
def renew_offer(helper: Member, conversation_id: UUID) -> Conversation:
    """An offer that was taken back or rested is made again, with a new clock."""
    offer = _held(helper, conversation_id)
    offer.must_be_offered_by(helper)
    hold_allowed(helper, Act.OFFER_AGAIN)
    if offer.offer_state not in (OfferState.WITHDRAWN, OfferState.EXPIRED):
        raise OfferStateChanged(conversation_id=offer.pk, offer_state=offer.offer_state)
    if offer.status == Status.HELD:
        raise NotPermitted(BEING_CHECKED)
    if offer.status == Status.CLOSED and (offer.closed_by_id != helper.pk or not offer.can_go_on):
        raise NotPermitted(NOT_WRITABLE)
    HelpRequest.objects.one_for(helper, offer.asked_for.pk).must_be_current()
    acquaintance.must_not_be_blocked(offer)
    Conversation.objects.filter(pk=offer.pk, status=Status.CLOSED).update(
        status=Status.ACTIVE, closed_at=None, closed_by=None
    )
    move_offer(offer, OfferState.OFFERED, Happening.RENEWED, helper)
    notifications.record("offer_renewed", about=offer, to=offer.requester, actor=helper)
    return Conversation.objects.one_for(helper, conversation_id)


def _held(member: Member, conversation_id: UUID) -> Conversation:
    """The offer under its request's lock and its own, as it stands now."""
    found = Conversation.objects.one_for(member, conversation_id)
    HelpRequest.objects.hold(found.asked_for.pk)
    return Conversation.objects.locked_for(member, conversation_id)


def _must_be_open_to_an_acceptance(offer: Conversation, asker: Member) -> None:
    if offer.status == Status.CLOSED:
        raise OfferStateChanged(CLOSED, conversation_id=offer.pk, offer_state=offer.offer_state)
    request = HelpRequest.objects.one_for(asker, offer.asked_for.pk)
    request.must_be_readable()
    if request.status == RequestStatus.IN_PROGRESS:
        raise OfferStateChanged(ONE_IS_ACCEPTED, conversation_id=offer.pk, offer_state=offer.offer_state)
    request.must_be_current()


def _held_others(accepted: Conversation) -> list[Conversation]:
    """Before any member: whoever reports one of these threads and blocks holds it, and wants the members next."""
    waiting = Conversation.objects.offered().filter(help_request=accepted.help_request_id).exclude(pk=accepted.pk)
    return list(waiting.select_for_update(of=("self",), no_key=True).select_related("helper").order_by("pk"))


def _tell_helpers(kind: str, accepted: Conversation, declined: list[Conversation], asker: Member) -> None:
    heard = [offer for offer in declined if offer.still_there(offer.helper) and not acquaintance.are_blocked(offer)]
    told = [(kind, accepted), *(("offer_declined", offer) for offer in heard)]
    notifications.record_each(News(name, offer, offer.helper, asker) for name, offer in told)


def _say_kindly(offer: Conversation, asker: Member, note: str) -> None:
    """A note is a message, so it needs what a message needs."""
    held, standing = hold_allowed(asker, Act.SEND_MESSAGE)
    offer.must_be_writable()
    acquaintance.must_not_be_blocked(offer)
    take_one_message(asker, standing)
    say_words(offer, asker, Spoken(note, Type.STANDARD, examined(note, held.trust)))


def _give_back(offer: Conversation) -> None:
    if offer.asked_for.status != RequestStatus.IN_PROGRESS:
        raise HelpRequestUnavailable(IS_DONE)
    moving.take_from_helper(offer.asked_for)
    cancel_plan(offer)

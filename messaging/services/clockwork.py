"""What time does to offers: one reminder after a day, rest after two weeks. The worker comes here."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

import notifications.services as notifications
from help_requests.models import HelpRequest
from help_requests.models.visibility import IS_EXPIRED
from messaging.models import Conversation, Happening, Message, OfferState
from messaging.models.words import OFFER_LIFETIME, REMINDED_AFTER
from messaging.services import acquaintance
from messaging.services.moves import move_offer

BATCH = 500


def remind_of_offers() -> int:
    """Once per offer, while the request is open and its asker has neither decided nor written."""
    return sum(_remind_of(*offer) for offer in _some(_to_remind()))


def expire_offers() -> int:
    return sum(_expire(*offer) for offer in _some(_to_expire()))


def _to_remind() -> QuerySet[Conversation]:
    answered = Message.objects.filter(conversation=OuterRef("pk"), sender=OuterRef("requester"))
    waiting = (
        Conversation.objects.offered()
        .not_blocked()
        .filter(offered_at__lte=Now() - REMINDED_AFTER, reminded_at__isnull=True)
    )
    is_open = Exists(HelpRequest.objects.filter(pk=OuterRef("help_request"), status="open").exclude(IS_EXPIRED))
    return waiting.filter(is_open, ~Exists(answered), status="active")


def _to_expire() -> QuerySet[Conversation]:
    return Conversation.objects.offered().filter(offered_at__lte=Now() - OFFER_LIFETIME)


def _some(offers: QuerySet[Conversation]) -> list[tuple[UUID, UUID]]:
    return list(offers.order_by("offered_at").values_list("pk", "help_request")[:BATCH])


@transaction.atomic
def _remind_of(conversation_id: UUID, request_id: UUID) -> bool:
    HelpRequest.objects.hold(request_id)
    offer = _locked(_to_remind(), conversation_id)
    if offer is None:
        return False
    Conversation.objects.filter(pk=offer.pk).update(reminded_at=Now())
    notifications.record("offer_waiting", about=offer, to=offer.requester, actor=offer.helper)
    return True


@transaction.atomic
def _expire(conversation_id: UUID, request_id: UUID) -> bool:
    HelpRequest.objects.hold(request_id)
    offer = _locked(_to_expire(), conversation_id)
    if offer is None:
        return False
    move_offer(offer, OfferState.EXPIRED, Happening.EXPIRED, None)
    is_open = HelpRequest.objects.filter(pk=request_id, status="open").exclude(IS_EXPIRED).exists()
    if is_open and not acquaintance.are_blocked(offer):
        notifications.record("offer_expired", about=offer, to=offer.still_there(offer.requester, offer.helper))
    return True


def _locked(offers: QuerySet[Conversation], conversation_id: UUID) -> Conversation | None:
    """Still so, now that nobody else moves it."""
    Conversation.objects.hold(conversation_id)
    return offers.filter(pk=conversation_id).select_related("requester", "helper").first()

"""What becomes of somebody's requests and offers when they have to go: ended, and the others told neutrally."""

# Called by the verb that decides it (a ban, a membership taken back, an account closed), inside its transaction and
# before it holds a case or a member: requests first, then conversations, each by id.

from typing import Any

from django.db import connection
from django.db.models import Q

from help_requests.models import HelpRequest
from help_requests.models import Status as RequestStatus
from help_requests.models.words import CURRENT
from help_requests.services import moving
from members.models import Member
from messaging.models import Conversation, Happening, OfferState
from messaging.services import acquaintance
from messaging.services.moves import cancel_plan, move_offer, withdraw
from notifications.services import News

LEFT = "left"


def end_what_is_open(member: Member, actor: Member | None = None) -> list[News]:
    """Own requests are closed, open offers taken back, accepted help released; said twice, it changes nothing.

    `actor` is who decided, if it was somebody else; threads and notices name nobody but the member. What the others
    are to hear comes back: the verb records it together with its own news.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("What is open ends together with the reason for it.")
    requests = _held_requests(member)
    offers = _held_offers(member, requests)
    news: list[News] = []
    for request in requests:
        if request.requester_id == member.pk and request.status in CURRENT:
            news += _close(request, [offer for offer in offers if offer.help_request_id == request.pk], actor)
    for offer in offers:
        if offer.helper_id == member.pk:
            news += _take_back(offer, actor)
    return news


def _held_requests(member: Member) -> list[HelpRequest]:
    """Mine that go on, and those of others I have offered on or help with."""
    offered = _open_offers_of(member).values("help_request")
    rows = HelpRequest.objects.filter(Q(requester=member, status__in=CURRENT) | Q(pk__in=offered))
    for request_id in list(rows.order_by("pk").values_list("pk", flat=True)):
        HelpRequest.objects.hold(request_id)
    # As they stand now that nobody else moves them.
    return list(rows.order_by("pk").select_related("requester", "helper"))


def _held_offers(member: Member, requests: list[HelpRequest]) -> list[Conversation]:
    """My open offers, and the offers of others on my requests."""
    of_mine = Q(help_request__in=[request.pk for request in requests if request.requester_id == member.pk])
    waits = Q(offer_state__in=(OfferState.OFFERED, OfferState.ACCEPTED))
    rows = Conversation.objects.filter(waits, of_mine | Q(pk__in=_open_offers_of(member).values("pk")))
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    list(Conversation.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    return list(rows.filter(pk__in=ids).order_by("pk").with_people())


def _open_offers_of(member: Member) -> Any:
    """What waits for its answer, and what was accepted and is still under way; help that was given stays given."""
    mine = Conversation.objects.filter(helper=member)
    under_way = Q(offer_state=OfferState.ACCEPTED, help_request__status=RequestStatus.IN_PROGRESS)
    return mine.filter(Q(offer_state=OfferState.OFFERED) | under_way)


def _close(request: HelpRequest, offers: list[Conversation], actor: Member | None) -> list[News]:
    moving.close_for_good(request)
    for offer in offers:
        if offer.is_accepted:
            move_offer(offer, OfferState.OFFERED, Happening.RELEASED, None)
            cancel_plan(offer)
    heard = [offer for offer in offers if not acquaintance.are_blocked(offer)]
    return [News("request_closed", request, offer.helper, actor, {"ending": LEFT}) for offer in heard]


def _take_back(offer: Conversation, actor: Member | None) -> list[News]:
    if offer.is_accepted:
        moving.take_from_helper(offer.asked_for)
        cancel_plan(offer)
    news = withdraw(offer, actor)
    return [] if acquaintance.are_blocked(offer) else news

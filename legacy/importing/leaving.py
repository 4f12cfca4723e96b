"""Who was declined or banned there: what of theirs was open ends, as it would have here, and nobody is told."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from help_requests.models import HelpRequest
from help_requests.models.words import CURRENT
from legacy.importing.errand import Errand
from legacy.models import Newcomer
from members.models import Member, VerificationStatus
from members.models.bans import IsBanned
from messaging.models import Conversation, OfferState
from messaging.services import leaving

KIND = "help requests"
ENDED = "was open, and whoever asked was declined or banned there; it is closed here"


def end_what_is_open(errand: Errand) -> None:
    if errand.is_dry:
        return
    for member_id in _who_went():
        _end(errand, member_id)


def _who_went() -> list[UUID]:
    asks = HelpRequest.objects.filter(requester=OuterRef("pk"), status__in=CURRENT)
    offers = Conversation.objects.filter(helper=OuterRef("pk"), offer_state=OfferState.OFFERED)
    helps = HelpRequest.objects.filter(helper=OuterRef("pk"), status__in=CURRENT)
    gone = Member.objects.filter(Q(verification_status=VerificationStatus.REJECTED) | Q(IsBanned("id")))
    came = gone.filter(Exists(Newcomer.objects.filter(pk=OuterRef("pk"))))
    rows = came.filter(Exists(asks) | Exists(offers) | Exists(helps))
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _end(errand: Errand, member_id: UUID) -> None:
    member = Member.objects.get(pk=member_id)
    mine = HelpRequest.objects.filter(requester=member, status__in=CURRENT)
    for request_id in list(mine.values_list("pk", flat=True)):
        errand.tally.change(KIND, request_id, ENDED)
    # What others were to hear of it stays untold: nobody gets a notice of an import.
    leaving.end_what_is_open(member)

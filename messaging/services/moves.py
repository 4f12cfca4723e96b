"""What several verbs share: an offer goes to its next state, with its line in the thread."""

from django.db.models.functions import Now

from members.models import Member
from messaging.models import Conversation, Happening, OfferState, Plan, Status
from messaging.services.talking import tell_in_thread
from notifications.services import News


def move_offer(offer: Conversation, state: OfferState, happening: Happening, actor: Member | None) -> None:
    """Under the offer's lock, after it was asked whether it may go there."""
    Conversation.objects.filter(pk=offer.pk).update(**offer.now_in(state), updated_at=Now())
    tell_in_thread(offer, happening, actor)


def withdraw(offer: Conversation, actor: Member | None) -> list[News]:
    """What the other one is to hear of it: nothing where its words are checked, or they left."""
    was_accepted = offer.is_accepted
    move_offer(offer, OfferState.WITHDRAWN, Happening.WITHDRAWN, offer.helper)
    if offer.status == Status.HELD or not offer.still_there(offer.requester):
        return []
    return [News("offer_withdrawn", offer, offer.requester, actor, {"was_accepted": was_accepted})]


def cancel_plan(offer: Conversation) -> None:
    """A plan belongs to an accepted offer and ends with it."""
    Plan.objects.filter(conversation=offer, cancelled_at__isnull=True).update(cancelled_at=Now(), updated_at=Now())

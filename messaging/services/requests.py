"""Verbs that move a request and its offers together: done, taken back, opened again, changed, closed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

import notifications.services as notifications
from carecollective.errors import NotFound
from help_requests.models import Ending, HelpRequest
from help_requests.services import asking, moving
from members.models import Member
from messaging.models import Conversation, Happening, OfferState
from messaging.models.finding import NOT_FOUND
from messaging.services.deciding import take_offer
from messaging.services.moves import cancel_plan, move_offer
from messaging.services.talking import tell_in_thread


@transaction.atomic
def complete_request(member: Member, request_id: UUID, ending: str = Ending.HELPED_HERE) -> HelpRequest:
    """The accepted offer stays accepted: it is what happened."""
    before = HelpRequest.objects.locked_for(member, request_id)
    accepted = _held_accepted(request_id)
    after = moving.complete_request(member, request_id, ending, also_tell=_who_offered(before))
    for offer in accepted if before.is_current else []:
        tell_in_thread(offer, Happening.COMPLETED, member)
    return after


@transaction.atomic
def cancel_request(asker: Member, request_id: UUID) -> HelpRequest:
    before = HelpRequest.objects.locked_for(asker, request_id)
    accepted = _held_accepted(request_id)
    after = moving.cancel_request(asker, request_id, also_tell=_who_offered(before))
    _release(accepted, asker)
    return after


@transaction.atomic
def reopen_request(asker: Member, request_id: UUID) -> HelpRequest:
    HelpRequest.objects.hold(request_id)
    accepted = _held_accepted(request_id)
    after = moving.reopen_request(asker, request_id)
    if after.helper_id is None:
        _release(accepted, asker)
    return after


@transaction.atomic
def close_request(moderator: Member, request_id: UUID) -> HelpRequest:
    before = HelpRequest.objects.locked_for_house(moderator, request_id)
    accepted = _held_accepted(request_id)
    after = moving.close_request(moderator, request_id, also_tell=_who_offered(before))
    _release(accepted, None)
    return after


@transaction.atomic
def undo_ending(asker: Member, request_id: UUID) -> HelpRequest:
    """A request that was done goes on with its helper; one that was taken back is open, its offers as they are."""
    return moving.undo_ending(asker, request_id)


@dataclass(frozen=True)
class Changed:
    """A request as it reads now, and who was told that it reads differently."""

    request: HelpRequest
    told: list[Member]


@transaction.atomic
def change_request(asker: Member, request_id: UUID, **changes: Any) -> Changed:
    """People who offered hear that what they offered for reads differently now; nobody does, when it does not."""
    before = HelpRequest.objects.locked_for(asker, request_id)
    after = asking.change_request(asker, request_id, **changes)
    if after.updated_at == before.updated_at:
        return Changed(after, [])
    people = [*_who_offered(after), *([after.helper] if after.helper else [])]
    if people:
        notifications.record("request_changed", about=after, to=people, actor=asker)
    return Changed(after, people)


@transaction.atomic
def end_request(asker: Member, request_id: UUID, ending: str, helped_by: UUID | None = None) -> HelpRequest:
    """Why it is over, in the asker's words, says which way it ends; `helped_by` names an offer nobody said yes to."""
    if ending == Ending.NOT_NEEDED:
        return cancel_request(asker, request_id)
    if ending == Ending.HELPED_HERE and helped_by:
        _accept_late(asker, request_id, helped_by)
    return complete_request(asker, request_id, ending)


def _accept_late(asker: Member, request_id: UUID, conversation_id: UUID) -> None:
    """Who helped is the helper, so it counts for them and they can be thanked. That it is done tells them enough."""
    HelpRequest.objects.hold(request_id)
    offer = Conversation.objects.locked_for(asker, conversation_id)
    if offer.help_request_id != request_id:
        raise NotFound(NOT_FOUND)
    offer.must_be_decided_by(asker)
    if not offer.is_accepted:
        take_offer(asker, offer)


def _who_offered(request: HelpRequest) -> list[Member]:
    """Whose offers wait for an answer."""
    waiting = Conversation.objects.offered().not_blocked().filter(help_request=request)
    return [offer.helper for offer in waiting.select_related("helper")]


def _held_accepted(request_id: UUID) -> list[Conversation]:
    """The accepted offer, held before anybody is told: whoever writes in it tells people after its lock, too."""
    accepted = Conversation.objects.accepted().filter(help_request=request_id)
    return list(accepted.select_for_update(of=("self",), no_key=True).select_related("helper"))


def _release(accepted: list[Conversation], actor: Member | None) -> None:
    """The accepted offer is open again; who was told what stands with the verb."""
    for offer in accepted:
        move_offer(offer, OfferState.OFFERED, Happening.RELEASED, actor)
        cancel_plan(offer)

"""Saying thank you for a request that is done: once, in words that stand in the thread."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Count

import notifications.services as notifications
from carecollective.encryption import fingerprint
from carecollective.errors import HelpRequestUnavailable, IdempotencyKeyReused, NotValid
from help_requests.models import HelpRequest
from help_requests.models import Status as RequestStatus
from help_requests.services.screened import examined
from members.models import Member
from members.paused import Act
from members.services.restrictions import must_allow, take_one_message
from messaging.models import Conversation, Message, Thanks, Type
from messaging.models.holding import hold_thread
from messaging.models.sealing import message_place, readable
from messaging.services.talking import Spoken, say_words

NOT_DONE = "Thank-yous come when the request is done."
NO_HELPER = "Nobody's offer was accepted, so there is nobody to thank here."
THANKED = "You have thanked for this already."


@dataclass(frozen=True)
class Thanked:
    thanks: Thanks
    is_new: bool


@transaction.atomic
def thank(asker: Member, request_id: UUID, text: str, may_be_shown: bool = False, client_id: str = "") -> Thanked:
    """Once per request; the same client_id gives the same answer, even if the request was opened again since."""
    request = HelpRequest.objects.locked_for(asker, request_id)
    request.must_be_asked_by(asker)
    if earlier := of_request(request_id):
        return _again(earlier, text, client_id)
    thread = hold_thread(_helped_in(request), asker)
    known = thread.read_under_lock(client_id)
    if known.earlier:
        raise IdempotencyKeyReused()
    must_allow(known.standing, asker, Act.SEND_MESSAGE)
    thread.must_be_open(known.is_blocked)
    take_one_message(asker, known.standing)
    said, _ = say_words(thread, asker, Spoken(text, Type.THANKS, examined(text, thread.trust)), client_id)
    thanks = Thanks.objects.create(help_request_id=request_id, message_id=said.id, may_be_shown=may_be_shown)
    if said.sequence:
        about = ("conversation", thread.id)
        notifications.record("thanked", about=about, to=Member(pk=thread.helper_id), actor=asker, message=said.id)
    return Thanked(thanks, is_new=True)


def of_request(request_id: UUID) -> Thanks | None:
    thanks = Thanks.objects.select_related("message__conversation__helper")
    return thanks.filter(help_request=request_id).first()


def words_of(thanks: Thanks) -> str:
    """As it reads now; empty once it was deleted."""
    message: Message = thanks.message
    return readable(message.content, message.key_id, message_place(message.conversation_id, message.pk))


def helped_times(member: Member) -> int:
    """How many requests were done with this member's help."""
    return helped_times_of([member]).get(member.pk, 0)


def helped_times_of(members: Iterable[Member]) -> dict[UUID, int]:
    """The same for several at once; who has not helped yet is not in it."""
    done = HelpRequest.objects.filter(helper__in=members, status=RequestStatus.COMPLETED)
    return dict(done.order_by().values_list("helper").annotate(times=Count("*")))


def _again(earlier: Thanks, text: str, client_id: str) -> Thanked:
    message: Message = earlier.message
    if not client_id or message.client_id != client_id:
        raise NotValid(THANKED)
    if message.digest != fingerprint(text, message.key_id):
        raise IdempotencyKeyReused()
    return Thanked(earlier, is_new=False)


def _helped_in(request: HelpRequest) -> UUID:
    if request.status != RequestStatus.COMPLETED:
        raise HelpRequestUnavailable(NOT_DONE)
    accepted = Conversation.objects.accepted().filter(help_request=request).values_list("pk", flat=True).first()
    if accepted is None:
        raise HelpRequestUnavailable(NO_HELPER)
    return accepted

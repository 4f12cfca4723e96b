"""Starting a conversation: an offer to help, or words to somebody one knows. All of it is stored, or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

import notifications.services as notifications
from carecollective.database import new_id
from carecollective.errors import (
    ContentBlocked,
    ConversationExists,
    HelpRequestUnavailable,
    NotFound,
    RateLimited,
    Refusal,
    Warned,
)
from features import attempts, flag
from help_requests.services.screened import examined, keep
from members import limits
from members.models import Member
from members.paused import Act
from members.services.restrictions import must_allow
from messaging.models import Status, holding
from messaging.models.holding import NOT_APPROVED
from messaging.models.sealing import opening_place, put_away
from messaging.models.words import MESSAGE, Version
from messaging.models.writing import Opening, open_conversation
from messaging.services import acquaintance
from screening.verdicts import Verdict

TALK_ALREADY = "You already have a conversation with this member"


@dataclass(frozen=True)
class Started:
    id: UUID
    help_request_id: UUID | None
    status: str = Status.ACTIVE.value
    version: int = Version.V2.value


@transaction.atomic
def offer_help(helper: Member, request_id: UUID, text: str, client_id: str = "") -> Started:
    """The offer's words open the conversation with the person who asked; the same client_id gives the same answer."""
    earlier, standing = holding.started_before(helper.pk, client_id)
    if earlier:
        return _again(earlier, text, request_id=request_id)
    must_allow(standing, helper, Act.OFFER_HELP)
    if earlier := _take_one_of_the_hour(helper, client_id):
        return _again(earlier, text, request_id=request_id)
    helper.must_be_approved(NOT_APPROVED)
    asked = holding.hold_request(request_id, helper)
    asked.must_be_somebody_elses(helper)
    asked.must_be_current()
    with _after_all_else(helper, asked.requester_id, request_id):
        verdict = examined(text, asked.trust)
    opening = _opening(helper, asked.requester_id, Text(text, client_id, verdict), request_id)
    if not open_conversation(opening):
        return _why_not(opening, helper, text)
    keep(verdict, (MESSAGE, opening.id), helper, conversation=opening.id)
    return _tell(opening, helper, category=asked.category, urgency=asked.urgency)


@transaction.atomic
def start_direct(writer: Member, recipient_id: UUID, text: str, client_id: str = "") -> Started:
    """Words to a member who takes them from this writer; one conversation for each two people."""
    earlier, standing = holding.started_before(writer.pk, client_id)
    if earlier:
        return _again(earlier, text, recipient_id=recipient_id)
    must_allow(standing, writer, Act.START_CONVERSATION)
    if earlier := _take_one_of_the_hour(writer, client_id):
        return _again(earlier, text, recipient_id=recipient_id)
    held = Member.objects.held(writer)
    held.must_be_approved("Your account must be approved before you can start a conversation")
    acquaintance.must_be_reachable(writer, recipient_id)
    holding.hold_pair(writer.pk, recipient_id)
    with _after_all_else(writer, recipient_id):
        verdict = examined(text, held.trust)
    opening = _opening(writer, recipient_id, Text(text, client_id, verdict))
    if not open_conversation(opening):
        return _why_not(opening, writer, text)
    keep(verdict, (MESSAGE, opening.id), writer, conversation=opening.id)
    return _tell(opening, writer)


def _again(
    earlier: holding.Started, text: str, *, request_id: UUID | None = None, recipient_id: UUID | None = None
) -> Started:
    earlier.must_be_the_same(request_id, recipient_id, text)
    return Started(earlier.id, earlier.request_id, earlier.status, earlier.version)


def _take_one_of_the_hour(writer: Member, client_id: str) -> holding.Started | None:
    """Takes the limit's row, so one person's offers wait for each other; a rollback gives the hit back.

    Whoever sent the same key twice at once and has none left gets what the first of them started.
    """
    try:
        limits.take(limits.CONVERSATIONS, writer.pk)
    except RateLimited:
        earlier, _ = holding.started_before(writer.pk, client_id)
        if earlier:
            return earlier
        raise
    return None


@dataclass(frozen=True)
class Text:
    """The words of an opening, the writer's key for them, and what was found in them."""

    words: str
    client_id: str
    verdict: Verdict


def _opening(writer: Member, requester_id: UUID, text: Text, request_id: UUID | None = None) -> Opening:
    identifier, found = new_id(), text.verdict
    return Opening(
        id=identifier,
        requester_id=requester_id,
        helper_id=writer.pk,
        request_id=request_id,
        words=put_away(text.words, opening_place(identifier), is_personal=found.has_personal_data),
        client_id=text.client_id,
        is_held=found.is_held,
        caution=found.tells_receiver,
        version=flag.way_of(writer.pk),
    )


def tell_opened(conversation_id: UUID, requester_id: UUID, writer: Member, request_id: UUID | None) -> None:
    kind, about = ("offer_received", {"help_request": request_id}) if request_id else ("conversation_started", {})
    to = Member(pk=requester_id)
    notifications.record(kind, about=("conversation", conversation_id), to=to, actor=writer, **about)


def _tell(opening: Opening, writer: Member, **facts: str) -> Started:
    if not opening.is_held:
        tell_opened(opening.id, opening.requester_id, writer, opening.request_id)
    attempts.succeeded(
        attempts.START,
        version=opening.version,
        member_id=writer.pk,
        conversation_id=opening.id,
        help_request_id=opening.request_id,
        helper_id=writer.pk,
        requester_id=opening.requester_id,
        **facts,
    )
    status = (Status.HELD if opening.is_held else Status.ACTIVE).value
    return Started(opening.id, opening.request_id, status, opening.version)


@contextmanager
def _after_all_else(writer: Member, requester_id: UUID, request_id: UUID | None = None) -> Iterator[None]:
    """What stands in the way in any case is said before what is wrong with the words."""
    try:
        yield
    except (ContentBlocked, Warned):
        nothing = Opening(new_id(), requester_id, writer.pk, request_id, put_away("", ""))
        if acquaintance.conversation_of(nothing) or acquaintance.are_apart(requester_id, writer.pk):
            raise _in_the_way(nothing) from None
        raise


def _why_not(opening: Opening, writer: Member, text: str) -> Started:
    """A new statement sees what was committed while ours waited: the winner, a restriction, or a block."""
    earlier, standing = holding.started_before(opening.helper_id, opening.client_id)
    if earlier:
        limits.give_back(limits.CONVERSATIONS, opening.helper_id)
        return _again(earlier, text, request_id=opening.request_id, recipient_id=opening.requester_id)
    must_allow(standing, writer, Act.OFFER_HELP if opening.request_id else Act.START_CONVERSATION)
    raise _in_the_way(opening)


def _in_the_way(opening: Opening) -> Refusal:
    there = acquaintance.conversation_of(opening)
    # None stands there either: a block was in the way, and may have been taken back this moment.
    if there is None or acquaintance.are_apart(opening.requester_id, opening.helper_id):
        return HelpRequestUnavailable() if opening.request_id else NotFound()
    return ConversationExists(None if opening.request_id else TALK_ALREADY, conversation_id=there)

"""Offering help, and what becomes of an offer, over the API."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carecollective import errors
from carecollective.api import KEY, Endpoint, Nothing, one_key
from carecollective.schema import responses
from help_requests.services.screened import Told, telling
from members.authentication import ApprovedOnly
from members.doors import caller
from messaging import outputs, reads
from messaging.inputs import AcceptInput, DeclineInput, StartInput
from messaging.models import Conversation
from messaging.models.holding import NO_REQUEST
from messaging.services import closing, deciding, offering

TAG = ["offers"]
FAILED_TO_START = "Failed to start conversation. Please try again."
DECIDED = responses(
    {200: outputs.MovedOffer}, errors.OfferStateChanged, errors.HelpRequestUnavailable, errors.MemberRestricted
)


class StartConversation(Endpoint):
    """Offer help, in your own words. The person who asked and you can write to each other from then on."""

    failures = {"POST": FAILED_TO_START}

    @extend_schema(
        tags=TAG,
        operation_id="offer_help",
        summary="Offer help",
        parameters=[KEY],
        request=StartInput,
        responses=responses(
            {201: outputs.Started},
            errors.HelpRequestUnavailable,
            errors.ContentBlocked,
            errors.MemberRestricted,
            errors.ConversationExists,
            errors.IdempotencyKeyReused,
        ),
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        sent = self.body(StartInput)
        key = one_key(request, sent.get("client_id", ""))
        with telling() as told:
            begun = offering.offer_help(caller(request), request_id, sent["initial_message"], key)
        return started(begun, told)

    @extend_schema(
        tags=TAG,
        operation_id="list_offers",
        summary="The offers on my request",
        responses=responses({200: outputs.Offers}),
    )
    def get(self, request: Request, request_id: UUID) -> Response:
        caller(request).must_be_approved()
        found = reads.offers(caller(request), request_id)
        if found is None:
            raise errors.NotFound(NO_REQUEST)
        return Response({"success": True, "conversations": found, "total": len(found)})


class Accept(Endpoint):
    """By the person who asked. `others`: whether the other offers stay open or are declined kindly."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG, operation_id="accept_offer", summary="Say yes to an offer", request=AcceptInput, responses=DECIDED
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        others = self.body(AcceptInput)["others"]
        return moved(request, "Offer accepted", deciding.accept_offer(caller(request), conversation_id, others))


class Decline(Endpoint):
    """By the person who asked; final. A kind note goes into the conversation before it."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="decline_offer",
        summary="Say no to an offer",
        request=DeclineInput,
        responses=responses({200: outputs.MovedOffer}, errors.OfferStateChanged, errors.ContentBlocked),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        note = self.body(DeclineInput)["note"]
        return moved(request, "Offer declined", deciding.decline_offer(caller(request), conversation_id, note))


class _Act(Endpoint):
    """A verb that needs nothing but its conversation."""

    permission_classes = [ApprovedOnly]
    verb: Callable[..., Conversation]
    said = ""

    def act(self, request: Request, conversation_id: UUID) -> Response:
        self.body(Nothing)
        return moved(request, self.said, type(self).verb(caller(request), conversation_id))


class Withdraw(_Act):
    """By the helper. If they were accepted, the request is open for others again."""

    verb = staticmethod(deciding.withdraw_offer)
    said = "Offer taken back"

    @extend_schema(
        tags=TAG, operation_id="withdraw_offer", summary="Take an offer back", request=Nothing, responses=DECIDED
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        return self.act(request, conversation_id)


class Reoffer(_Act):
    """By the helper, when it was taken back or rested; also opens a conversation the helper closed."""

    verb = staticmethod(deciding.renew_offer)
    said = "Offer made again"

    @extend_schema(
        tags=TAG, operation_id="renew_offer", summary="Make an offer again", request=Nothing, responses=DECIDED
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        return self.act(request, conversation_id)


class Close(_Act):
    """By either side: nobody writes in it any more, both can go on reading. Saying it twice changes nothing."""

    verb = staticmethod(closing.close_conversation)
    said = "Conversation closed"

    @extend_schema(
        tags=["conversations"],
        operation_id="close_conversation",
        summary="Close a conversation",
        request=Nothing,
        responses=responses({200: outputs.MovedOffer}),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        return self.act(request, conversation_id)


def started(conversation: offering.Started, told: Told) -> Response:
    body: dict[str, Any] = {
        "success": True,
        "conversation_id": conversation.id,
        "help_request_id": conversation.help_request_id,
        "status": conversation.status,
        "version": conversation.version,
        "message": "Conversation created successfully",
    }
    # Only where there is something to say: the answer of an offer is fixed.
    if told.warnings:
        body["warnings"] = told.warnings
    return Response(body, status=201)


def moved(request: Request, message: str, conversation: Conversation) -> Response:
    found = reads.conversation(caller(request), conversation.pk)
    return Response({"success": True, "message": message, "conversation": found})

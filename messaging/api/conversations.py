"""Conversations and their messages over the API: the inbox, a thread, saying something, how far one has read."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carecollective import errors
from carecollective.api import KEY, Endpoint, json_answer, one_key
from carecollective.schema import responses
from help_requests.services.screened import telling
from members.authentication import ApprovedOnly
from members.doors import caller
from messaging import outputs, reads
from messaging.api.offers import FAILED_TO_START, started
from messaging.inputs import DirectInput, InboxInput, PositionInput, SendInput, SliceInput
from messaging.models import Conversation, Type
from messaging.services import offering, reading, talking

TAG = ["conversations"]
FAILED_TO_GET = "Failed to get conversation"


class Conversations(Endpoint):
    """Your own, the one with the newest message first."""

    failures = {"POST": FAILED_TO_START}
    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="list_conversations",
        summary="My conversations",
        parameters=[InboxInput],
        responses=responses({200: outputs.Inbox}),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(InboxInput)
        limit, cursor = asked["limit"], asked["cursor"]
        page = None if cursor else asked.get("page", 1)
        found = reads.inbox(caller(request), limit, cursor, (page - 1) * limit if page else 0)
        pagination = {
            "limit": limit,
            "total": found["total"],
            "has_more": found["has_more"],
            "next_cursor": found["next_cursor"],
            "page": page,
        }
        return Response({"success": True, "conversations": found["rows"], "pagination": pagination})

    @extend_schema(
        tags=TAG,
        operation_id="start_direct_conversation",
        summary="Write to a member",
        parameters=[KEY],
        request=DirectInput,
        responses=responses(
            {201: outputs.Started},
            errors.ContentBlocked,
            errors.MemberRestricted,
            errors.ConversationExists,
            errors.IdempotencyKeyReused,
        ),
    )
    def post(self, request: Request) -> Response:
        sent = self.body(DirectInput)
        key = one_key(request, sent.get("client_id", ""))
        member = caller(request)
        with telling() as told:
            begun = offering.start_direct(member, sent["recipient_id"], sent["initial_message"], key)
        return started(begun, told)


class OneConversation(Endpoint):
    """With its newest messages, the oldest of them first. The opening message is number 1."""

    failures = {"GET": FAILED_TO_GET}
    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="read_conversation",
        summary="A conversation with its messages",
        parameters=[SliceInput],
        responses=responses({200: outputs.Thread}),
    )
    def get(self, request: Request, conversation_id: UUID) -> HttpResponse:
        part = reads.Slice(**self.query(SliceInput))
        found, messages, pagination = reads.thread(caller(request), conversation_id, part)
        return json_answer(
            b'{"success":true,"conversation":%b,"messages":%b,"pagination":%b}' % (found, messages, pagination)
        )


class Messages(Endpoint):
    """`after` catches up with what was said meanwhile, `before` reads further back."""

    failures = {"GET": FAILED_TO_GET, "POST": "Failed to send message"}
    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="list_messages",
        summary="Messages of a conversation",
        parameters=[SliceInput],
        responses=responses({200: outputs.Messages}),
    )
    def get(self, request: Request, conversation_id: UUID) -> HttpResponse:
        part = reads.Slice(**self.query(SliceInput))
        _, messages, pagination = reads.thread(caller(request), conversation_id, part)
        return json_answer(b'{"success":true,"messages":%b,"pagination":%b}' % (messages, pagination))

    @extend_schema(
        tags=TAG,
        operation_id="send_message",
        summary="Say something",
        parameters=[KEY],
        request=SendInput,
        responses=responses(
            {200: outputs.Sent, 201: outputs.Sent},
            errors.ContentBlocked,
            errors.MemberRestricted,
            errors.IdempotencyKeyReused,
        ),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        sent = self.body(SendInput)
        key = one_key(request, sent.get("client_id", ""))
        with telling() as told:
            said = talking.send_message(caller(request), conversation_id, sent["content"], key, Type(sent["type"]))
        body: dict[str, Any] = {
            "success": True,
            "message_id": said.id,
            "conversation_id": conversation_id,
            "status": said.status,
            "sequence": said.sequence,
            "created_at": said.created_at,
            "encrypted": said.is_encrypted,
            "warnings": told.warnings,
            "message": "Message sent successfully",
        }
        return Response(body, status=201 if said.is_new else 200)


class Read(Endpoint):
    """Up to and with that message. It never goes back."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="mark_read",
        summary="Say how far you have read",
        request=PositionInput,
        responses=responses({200: outputs.Positions}),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        sequence = self.body(PositionInput)["sequence"]
        return _positions(request, reading.mark_read(caller(request), conversation_id, sequence))


class Delivered(Endpoint):
    """What has arrived on a device of yours. It never goes back."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="mark_delivered",
        summary="Say what has arrived",
        request=PositionInput,
        responses=responses({200: outputs.Positions}),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        sequence = self.body(PositionInput)["sequence"]
        return _positions(request, reading.mark_delivered(caller(request), conversation_id, sequence))


def _positions(request: Request, conversation: Conversation) -> Response:
    side = conversation.side_of(caller(request))
    positions = {
        "read_sequence": getattr(conversation, f"{side}_read"),
        "delivered_sequence": getattr(conversation, f"{side}_delivered"),
        "unread_count": getattr(conversation, f"{side}_unread"),
    }
    return Response({"success": True, **positions})

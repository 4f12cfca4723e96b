"""One message over the API: changing one's own words, and taking them back."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carecollective import errors
from carecollective.api import Endpoint, Nothing
from carecollective.schema import responses
from members.authentication import ApprovedOnly
from members.doors import caller
from messaging import outputs, reads
from messaging.inputs import EditInput
from messaging.services import changing

TAG = ["conversations"]


class OneMessage(Endpoint):
    """The opening message too: it has the id of its conversation."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="edit_message",
        summary="Change your own words, within 15 minutes",
        request=EditInput,
        responses=responses({200: outputs.ChangedMessage}, errors.ContentBlocked, errors.MemberRestricted),
    )
    def patch(self, request: Request, message_id: UUID) -> Response:
        content = self.body(EditInput)["content"]
        return _answer(request, "Saved.", changing.edit_message(caller(request), message_id, content))

    @extend_schema(
        tags=TAG,
        operation_id="delete_message",
        summary="Delete your own words",
        request=Nothing,
        responses=responses({200: outputs.ChangedMessage}),
    )
    def delete(self, request: Request, message_id: UUID) -> Response:
        self.body(Nothing)
        return _answer(request, "Deleted.", changing.delete_message(caller(request), message_id))


def _answer(request: Request, message: str, words: changing.Words) -> Response:
    body: dict[str, Any] = {"success": True, "message": message}
    item = reads.message(caller(request), words.conversation.pk, words.sequence, words.row.pk)
    return Response({**body, "item": item})

"""What moves a request together with its offers, over the API."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carecollective import errors
from carecollective.api import Endpoint, Nothing
from carecollective.schema import responses
from help_requests import api as help_requests
from help_requests.inputs import ChangeInput, CompleteInput
from help_requests.outputs import Moved, moved
from members.authentication import ApprovedOnly
from members.doors import caller
from messaging.services import requests

TAG = help_requests.TAG


class OneHelpRequest(help_requests.OneHelpRequest):
    """One request. Of one that is over, strangers learn only that."""

    @extend_schema(
        tags=TAG,
        operation_id="change_help_request",
        summary="Change a request",
        request=ChangeInput,
        responses=responses({200: Moved}, errors.HelpRequestUnavailable, errors.MemberRestricted),
    )
    def patch(self, request: Request, request_id: UUID) -> Response:
        changes = self.body(ChangeInput, partial=True)
        changed = requests.change_request(caller(request), request_id, **changes)
        return moved("Saved.", changed.request, caller(request))


class Complete(Endpoint):
    """By the asker or the accepted helper. Saying it twice changes nothing."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="complete_help_request",
        summary="Say that a request is done",
        request=CompleteInput,
        responses=responses({200: Moved}, errors.HelpRequestUnavailable),
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        ending = self.body(CompleteInput)["reason"]
        return moved("Done.", requests.complete_request(caller(request), request_id, ending), caller(request))


class Cancel(Endpoint):
    """By the asker. A helper who was accepted is told."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="cancel_help_request",
        summary="Take a request back",
        request=Nothing,
        responses=responses({200: Moved}, errors.HelpRequestUnavailable),
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        self.body(Nothing)
        return moved("Your request is closed.", requests.cancel_request(caller(request), request_id), caller(request))


class Reopen(Endpoint):
    """By the asker: open for 30 new days, without a helper."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="reopen_help_request",
        summary="Open a request again",
        request=Nothing,
        responses=responses({200: Moved}, errors.HelpRequestUnavailable, errors.MemberRestricted),
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        self.body(Nothing)
        return moved("Your request is up again.", requests.reopen_request(caller(request), request_id), caller(request))

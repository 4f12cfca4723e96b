"""Help requests over the API."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carecollective import errors
from carecollective.api import Endpoint, read
from carecollective.schema import responses
from help_requests import reads
from help_requests.inputs import BrowseInput, ChangeInput, CompleteInput, KeyInput, Nothing, PostInput
from help_requests.models import HelpRequest
from help_requests.outputs import Moved, OneRequest, RequestPage, as_json
from help_requests.services import asking, moving
from members.authentication import ApprovedOnly
from members.doors import caller
from members.models import Member

TAG = ["help requests"]
KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="The same as client_id in the body."
)
TWO_KEYS = "Idempotency-Key and client_id are the same key. Please send one of them."


class HelpRequestList(Endpoint):
    """Requests that can still be helped with; with `status`, your own and those you help with in that state."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="browse_help_requests",
        summary="Browse requests",
        parameters=[BrowseInput],
        responses=responses({200: RequestPage}),
    )
    def get(self, request: Request) -> Response:
        query = self.query(BrowseInput)
        limit, cursor = query.pop("limit"), query.pop("cursor")
        page = reads.browse(caller(request), reads.Filters(**query), limit, cursor)
        rows = [as_json(row, caller(request)) for row in page.rows]
        return Response({"success": True, "help_requests": rows, "pagination": page.as_json()})

    @extend_schema(
        tags=TAG,
        operation_id="post_help_request",
        summary="Ask for help",
        parameters=[KEY],
        request=PostInput,
        responses=responses({201: Moved}, errors.IdempotencyKeyReused),
    )
    def post(self, request: Request) -> Response:
        wish = self.body(PostInput)
        client_id = _one_key(request, wish.pop("client_id", ""))
        posted = asking.post_request(caller(request), asking.Wish(**wish), client_id)
        return _answer("Your request is up.", posted, caller(request), status=201)


class OneHelpRequest(Endpoint):
    """One request. Of one that is over, strangers learn only that."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG, operation_id="read_help_request", summary="Read a request", responses=responses({200: OneRequest})
    )
    def get(self, request: Request, request_id: UUID) -> Response:
        found = HelpRequest.objects.one_for(caller(request), request_id)
        return Response({"success": True, "help_request": as_json(found, caller(request))})

    @extend_schema(
        tags=TAG,
        operation_id="change_help_request",
        summary="Change a request",
        request=ChangeInput,
        responses=responses({200: Moved}, errors.HelpRequestUnavailable),
    )
    def patch(self, request: Request, request_id: UUID) -> Response:
        changes = self.body(ChangeInput, partial=True)
        changed = asking.change_request(caller(request), request_id, **changes)
        return _answer("Saved.", changed, caller(request))


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
        return _answer("Done.", moving.complete_request(caller(request), request_id, ending), caller(request))


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
        return _answer("Your request is closed.", moving.cancel_request(caller(request), request_id), caller(request))


class Reopen(Endpoint):
    """By the asker: open for 30 new days, without a helper."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="reopen_help_request",
        summary="Open a request again",
        request=Nothing,
        responses=responses({200: Moved}, errors.HelpRequestUnavailable),
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        self.body(Nothing)
        return _answer("Your request is up again.", moving.reopen_request(caller(request), request_id), caller(request))


def _answer(message: str, found: HelpRequest, member: Member, status: int = 200) -> Response:
    body: dict[str, Any] = {"success": True, "message": message, "help_request": as_json(found, member)}
    return Response(body, status=status)


def _one_key(request: Request, client_id: str) -> str:
    """Header and body name the same key; both and different is a mistake of the client."""
    header = request.headers.get("Idempotency-Key", "")
    if not header:
        return client_id
    key = str(read(KeyInput, {"client_id": header})["client_id"])
    if client_id not in ("", key):
        raise errors.NotValid(fields={"client_id": [TWO_KEYS]})
    return key

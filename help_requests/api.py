"""Help requests over the API."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carecollective import errors
from carecollective.api import KEY, Endpoint, one_key
from carecollective.schema import responses
from help_requests import reads
from help_requests.inputs import BrowseInput, PostInput
from help_requests.models import HelpRequest
from help_requests.outputs import Moved, OneRequest, RequestPage, as_json, moved
from help_requests.services import asking
from members.authentication import ApprovedOnly
from members.doors import caller

TAG = ["help requests"]


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
        responses=responses({201: Moved}, errors.MemberRestricted, errors.IdempotencyKeyReused),
    )
    def post(self, request: Request) -> Response:
        wish = self.body(PostInput)
        client_id = one_key(request, wish.pop("client_id", ""))
        posted = asking.post_request(caller(request), asking.Wish(**wish), client_id)
        return moved("Your request is up.", posted, caller(request), status=201)


class OneHelpRequest(Endpoint):
    """One request. Of one that is over, strangers learn only that. (Changing it stands with the offers: messaging.)"""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG, operation_id="read_help_request", summary="Read a request", responses=responses({200: OneRequest})
    )
    def get(self, request: Request, request_id: UUID) -> Response:
        found = HelpRequest.objects.one_for(caller(request), request_id)
        return Response({"success": True, "help_request": as_json(found, caller(request))})

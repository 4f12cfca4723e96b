"""What can be reported of a request, and what is sealed of it for moderators."""

from typing import Any
from uuid import UUID

from carecollective.errors import NotFound
from carecollective.ports import Reportable, Target
from help_requests.models import HelpRequest
from help_requests.services import withholding
from members.models import Member

KIND = "help_request"
WORDS = ("id", "title", "description", "exchange_offer", "category", "subcategory", "urgency", "status", "needed_by")
MOMENTS = (
    "created_at", "updated_at", "expires_at", "completed_at", "cancelled_at", "closed_at", "reopened_at", "hidden_at",
)  # fmt: skip


def find(member: Member | None, request_id: UUID) -> Target:
    request = _found(member, request_id)
    return Target(KIND, request.pk, request.requester_id, request.requester.called, request.title)


def evidence(reporter: Member | None, target: Target) -> dict[str, Any]:
    """Its words as they stand, also where strangers read them no more; the town only if the reporter knows it."""
    request = _found(reporter, target.id)
    return {
        **{name: getattr(request, name) for name in (*WORDS, *MOMENTS)},
        "moderation": request.moderation,
        "town": request.shown_town if reporter else request.town,
        "people": [{"id": request.requester_id, "called": request.requester.called}],
    }


def _found(reader: Member | None, request_id: UUID) -> HelpRequest:
    if reader:
        return HelpRequest.objects.one_for(reader, request_id)
    found = HelpRequest.objects.select_related("requester").filter(pk=request_id).first()
    if found is None:
        raise NotFound()
    return found


REPORTABLE = {
    KIND: Reportable(
        find,
        evidence,
        hide=withholding.hide,
        show=withholding.show,
        release=withholding.release,
    )
}

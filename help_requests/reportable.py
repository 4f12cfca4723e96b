"""What members can report of a request, and what is sealed of it for moderators."""

from typing import Any
from uuid import UUID

from carecollective.ports import Reportable, Target
from help_requests.models import HelpRequest
from members.models import Member

KIND = "help_request"
WORDS = ("id", "title", "description", "exchange_offer", "category", "subcategory", "urgency", "status", "needed_by")
MOMENTS = ("created_at", "updated_at", "expires_at", "completed_at", "cancelled_at", "closed_at", "reopened_at")


def find(member: Member, request_id: UUID) -> Target:
    request = HelpRequest.objects.one_for(member, request_id)
    return Target(KIND, request.pk, request.requester_id, request.requester.called, request.title)


def evidence(reporter: Member, target: Target) -> dict[str, Any]:
    """Its words as they stand, also where strangers read them no more; the town only if the reporter knows it."""
    request = HelpRequest.objects.one_for(reporter, target.id)
    return {
        **{name: getattr(request, name) for name in (*WORDS, *MOMENTS)},
        "town": request.shown_town,
        "people": [{"id": request.requester_id, "called": request.requester.called}],
    }


REPORTABLE = {KIND: Reportable(find, evidence)}

"""What the API says about a help request, and to whom."""

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from help_requests.models import Ending, HelpRequest, LocationPrivacy, Status, Urgency
from members.models import Member


def as_json(request: HelpRequest, member: Member) -> dict[str, Any]:
    """The request as this member may read it; the texts of an ended one stay with the people it was about."""
    is_own = request.is_asked_by(member)
    is_involved = is_own or request.is_helped_by(member)
    return {
        "id": request.pk,
        "title": request.title,
        "description": request.description if request.is_in_full else "",
        "category": request.category,
        "subcategory": request.subcategory,
        "urgency": request.urgency,
        "needed_by": request.needed_by,
        "is_ongoing": request.is_ongoing,
        "exchange_offer": request.exchange_offer if request.is_in_full else "",
        "town": request.shown_town or None,
        "location_privacy": request.location_privacy,
        "status": request.shown_status,
        "ending": request.ending if is_involved else "",
        "is_own": is_own,
        "requester": _person(request.requester),
        "helper": _person(request.helper) if is_involved else None,
        "created_at": request.created_at,
        # When it ended is between the same people: a request behind a block has no such moment to show.
        **{name: getattr(request, name) if request.is_in_full else None for name in MOMENTS},
    }


MOMENTS = (
    "updated_at",
    "expires_at",
    "in_progress_at",
    "completed_at",
    "cancelled_at",
    "closed_at",
    "reopened_at",
)


def moved(message: str, request: HelpRequest, member: Member, status: int = 200) -> Response:
    body = {"success": True, "message": message, "help_request": as_json(request, member)}
    return Response(body, status=status)


def _person(member: Member | None) -> dict[str, Any] | None:
    return {"id": member.pk, "called": member.called} if member else None


class Person(serializers.Serializer[Member]):
    id = serializers.UUIDField()
    called = serializers.CharField()


class RequestOutput(serializers.Serializer[HelpRequest]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    description = serializers.CharField(help_text="Empty for strangers once the request is over.")
    category = serializers.CharField()
    subcategory = serializers.CharField()
    urgency = serializers.ChoiceField(Urgency.values)
    needed_by = serializers.DateField(allow_null=True)
    is_ongoing = serializers.BooleanField()
    exchange_offer = serializers.CharField(help_text="What the asker can give back.")
    town = serializers.CharField(allow_null=True, help_text="null where this member may not know it.")
    location_privacy = serializers.ChoiceField(LocationPrivacy.values)
    status = serializers.ChoiceField(Status.values)
    ending = serializers.ChoiceField(["", *Ending.values], help_text="Why it is over, for the people it was about.")
    is_own = serializers.BooleanField()
    requester = Person()
    helper = Person(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField(
        allow_null=True, help_text="As all that follow: null for strangers once over."
    )
    expires_at = serializers.DateTimeField(allow_null=True)
    in_progress_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    reopened_at = serializers.DateTimeField(allow_null=True)


class Pagination(serializers.Serializer[Any]):
    limit = serializers.IntegerField()
    has_more = serializers.BooleanField()
    next_cursor = serializers.CharField(allow_null=True)


class RequestPage(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    help_requests = RequestOutput(many=True)
    pagination = Pagination()


class OneRequest(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    help_request = RequestOutput()


class Moved(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
    help_request = RequestOutput()

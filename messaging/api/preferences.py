"""How the caller wants to be written to and told, over the API."""

from typing import Any
from zoneinfo import available_timezones

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from carecollective.api import Endpoint, Hour, Input, Option, YesNo
from carecollective.schema import responses
from members.doors import caller
from messaging.services.preferences import change_preferences
from notifications import preferences
from notifications.models import Emails, ReceiveFrom
from notifications.models import Preferences as Chosen

TAG = ["preferences"]


class PreferencesInput(Input):
    can_receive_from = Option(ReceiveFrom.values, required=False)
    email = Option(Emails.values, required=False)
    quiet_hours_start = Hour(required=False, allow_null=True)
    quiet_hours_end = Hour(required=False, allow_null=True)
    # Empty, as the answer may have it: what the device says.
    time_zone = Option([*sorted(available_timezones()), ""], required=False)
    read_receipts = YesNo(required=False)
    presence = YesNo(required=False)


class PreferencesOutput(serializers.Serializer[Chosen]):
    can_receive_from = serializers.ChoiceField(ReceiveFrom.choices)
    email = serializers.ChoiceField(Emails.choices)
    quiet_hours_start = Hour(allow_null=True)
    quiet_hours_end = Hour(allow_null=True)
    time_zone = serializers.CharField(source="member.time_zone", help_text="Empty: what the device says.")
    read_receipts = serializers.BooleanField()
    presence = serializers.BooleanField()


class PreferencesAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    preferences = PreferencesOutput()


class Preferences(Endpoint):
    """Decisions of moderators arrive whatever is chosen here."""

    @extend_schema(
        tags=TAG,
        operation_id="read_preferences",
        summary="My preferences",
        responses=responses({200: PreferencesAnswer}),
    )
    def get(self, request: Request) -> Response:
        return _answer(preferences.of(caller(request)))

    @extend_schema(
        tags=TAG,
        operation_id="change_preferences",
        summary="Change some of my preferences",
        request=PreferencesInput,
        responses=responses({200: PreferencesAnswer}),
    )
    def put(self, request: Request) -> Response:
        return _answer(change_preferences(caller(request), **self.body(PreferencesInput)))


def _answer(chosen: Chosen) -> Response:
    return Response({"success": True, "preferences": PreferencesOutput(chosen).data})

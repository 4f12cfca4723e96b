"""What the API says about plans and thank-yous."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from carecollective.api import Hour
from messaging.models import Plan
from messaging.models.plan import Answer


class PlanOutput(serializers.Serializer[Plan]):
    id = serializers.UUIDField()
    date = serializers.DateField(source="day")
    time = Hour(help_text="As the clocks show it in that time zone.")
    place = serializers.CharField(source="clear_place")
    time_zone = serializers.CharField()
    starts_at = serializers.DateTimeField(help_text="The same moment, in UTC.")
    version = serializers.IntegerField(help_text="Higher with each change; a yes is to one version.")
    made_by_id = serializers.UUIDField(help_text="Who made this version, and so agreed to it.")
    requester_agreed = serializers.SerializerMethodField()
    helper_agreed = serializers.SerializerMethodField()
    agreed = serializers.BooleanField(source="is_agreed")
    answer = serializers.SerializerMethodField(help_text="Did it help? null: not said yet.")

    def get_requester_agreed(self, plan: Plan) -> bool:
        return plan.is_agreed_by("requester")

    def get_helper_agreed(self, plan: Plan) -> bool:
        return plan.is_agreed_by("helper")

    @extend_schema_field(serializers.ChoiceField(Answer.values, allow_null=True))
    def get_answer(self, plan: Plan) -> str | None:
        return plan.answer or None


class OnePlan(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    plan = PlanOutput(allow_null=True)


class MovedPlan(OnePlan):
    message = serializers.CharField()


class ThanksOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    help_request_id = serializers.UUIDField()
    conversation_id = serializers.UUIDField(source="message.conversation_id")
    message_id = serializers.UUIDField(help_text="The thank-you is a message of the conversation.")
    may_be_shown = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class Thanked(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
    thanks = ThanksOutput()

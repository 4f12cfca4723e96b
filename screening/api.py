"""What a writer would be warned of, before sending."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from carecollective.api import Endpoint, Input, Text
from carecollective.schema import responses
from members import limits
from members.authentication import ApprovedOnly
from members.doors import caller
from screening.services.examining import examine
from screening.words import WARNINGS, Category

# The longest text a member can write anywhere.
CONTENT_MOST = 1000


class CheckInput(Input):
    content = Text(least=1, most=CONTENT_MOST)


class WarningOutput(serializers.Serializer[Any]):
    category = serializers.ChoiceField(Category.values)
    kind = serializers.ChoiceField(list(WARNINGS))
    message = serializers.CharField(help_text="What the writer reads.", source="sentence")


class CheckAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    warnings = WarningOutput(many=True)
    crisis_lines = serializers.BooleanField(help_text="Show the writer whom to call when life feels too heavy.")


class Check(Endpoint):
    """Nothing is kept. What would be held or read by a moderator is not told: that would teach how to get around it."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=["messages"],
        operation_id="check_text",
        summary="What I would be warned of",
        request=CheckInput,
        responses=responses({200: CheckAnswer}),
    )
    def post(self, request: Request) -> Response:
        content = self.body(CheckInput)["content"]
        limits.take(limits.CHECKS, caller(request).pk)
        verdict = examine(content)
        warnings = WarningOutput(verdict.warnings, many=True).data
        return Response({"success": True, "warnings": warnings, "crisis_lines": verdict.shows_crisis_lines})

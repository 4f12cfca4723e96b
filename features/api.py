"""Which features the caller has."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from carecollective.api import Endpoint
from carecollective.schema import responses
from features import flag
from features.states import FLAG


class FeaturesAnswer(serializers.Serializer[Any]):
    messaging_v2 = serializers.BooleanField(help_text="Whether your new conversations go the new way.")


class Features(Endpoint):
    permission_classes = [AllowAny]

    @extend_schema(
        tags=["me"],
        summary="Which features I have",
        description="Without sign-in, what everybody has.",
        responses=responses({200: FeaturesAnswer}),
    )
    def get(self, request: Request) -> Response:
        member_id = request.user.pk if request.user.is_authenticated else None
        return Response({FLAG: flag.answer().has_in(member_id)})

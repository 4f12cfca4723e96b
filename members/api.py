"""The account over the API: oneself, and one's tokens."""

from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from carecollective.api import Endpoint, Input, Nothing, Option, Text
from carecollective.schema import responses
from members.doors import caller
from members.models import ApiToken, Member
from members.services import access, accounts, blocks


class ProfileInput(Input):
    called = Text(least=1, most=50, one_line=True, required=False)
    town = Text(least=1, most=200, one_line=True, required=False)
    about = Text(most=500, required=False)
    time_zone = Option(sorted(available_timezones()), required=False)


class TokenInput(Input):
    name = Text(least=1, most=100, one_line=True)


class ProfileOutput(serializers.Serializer[Member]):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    called = serializers.CharField()
    town = serializers.CharField()
    about = serializers.CharField()
    time_zone = serializers.CharField()
    verification_status = serializers.CharField()
    email_checked = serializers.BooleanField(source="has_confirmed_email")
    created_at = serializers.DateTimeField()


class ProfileAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    member = ProfileOutput()


class TokenOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    last_four = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_on = serializers.DateField(allow_null=True)


class TokensAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    tokens = TokenOutput(many=True)


class NewTokenAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    token = serializers.CharField(help_text="Shown this once.")
    details = TokenOutput()


class BlockAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    blocked = serializers.BooleanField(help_text="Whether you block this person now.")


class Me(Endpoint):
    @extend_schema(tags=["me"], summary="My account", responses=responses({200: ProfileAnswer}))
    def get(self, request: Request) -> Response:
        return Response({"success": True, "member": ProfileOutput(caller(request)).data})

    @extend_schema(
        tags=["me"],
        summary="Change my account",
        request=ProfileInput,
        responses=responses({200: ProfileAnswer}),
    )
    def patch(self, request: Request) -> Response:
        member = accounts.update_profile(caller(request), **self.body(ProfileInput))
        return Response({"success": True, "member": ProfileOutput(member).data})


class Tokens(Endpoint):
    @extend_schema(tags=["me"], summary="My tokens", responses=responses({200: TokensAnswer}))
    def get(self, request: Request) -> Response:
        tokens = ApiToken.objects.filter(member=caller(request)).order_by("-created_at", "-id")
        return Response({"success": True, "tokens": TokenOutput(tokens, many=True).data})

    @extend_schema(tags=["me"], summary="Make a token", request=TokenInput, responses=responses({201: NewTokenAnswer}))
    def post(self, request: Request) -> Response:
        token, text = access.make_token(caller(request), self.body(TokenInput)["name"])
        return Response({"success": True, "token": text, "details": TokenOutput(token).data}, status=201)


class OneToken(Endpoint):
    @extend_schema(tags=["me"], summary="Revoke a token", responses=responses({204: None}))
    def delete(self, request: Request, token_id: UUID) -> Response:
        access.revoke_token(caller(request), token_id)
        return Response(status=204)


class Blocking(Endpoint):
    """Both can be said twice. The other person is not told."""

    @extend_schema(
        tags=["members"],
        operation_id="block_member",
        summary="Block somebody",
        request=Nothing,
        responses=responses({200: BlockAnswer, 201: BlockAnswer}),
    )
    def post(self, request: Request, member_id: UUID) -> Response:
        self.body(Nothing)
        is_new = blocks.block(caller(request), member_id)
        return Response({"success": True, "blocked": True}, status=201 if is_new else 200)

    @extend_schema(
        tags=["members"],
        operation_id="unblock_member",
        summary="Take a block back",
        responses=responses({200: BlockAnswer}),
    )
    def delete(self, request: Request, member_id: UUID) -> Response:
        self.body(Nothing)
        blocks.unblock(caller(request), member_id)
        return Response({"success": True, "blocked": False})

"""The OpenAPI description: every operation names every refusal it can answer with."""

from functools import cache
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, inline_serializer
from rest_framework import serializers

from carecollective import errors, schema_examples

ALWAYS: tuple[type[errors.Refusal], ...] = (
    errors.NotValid,
    errors.NotSignedIn,
    errors.NotPermitted,
    errors.CsrfFailed,
    errors.NotFound,
    errors.MethodNotAllowed,
    errors.PayloadTooLarge,
    errors.UnsupportedMediaType,
    errors.RateLimited,
    errors.ServerFault,
    errors.ServiceUnavailable,
)


def responses(success: dict[int, Any], *more: type[errors.Refusal]) -> dict[int, Any]:
    """The answers of one operation: its successes, what anything can answer, and its own refusals."""
    by_status: dict[int, list[type[errors.Refusal]]] = {}
    for refusal in (*ALWAYS, *more):
        by_status.setdefault(refusal.status, []).append(refusal)
    refused = {status: _refusals(tuple(found)) for status, found in by_status.items()}
    return refused | {status: _success(status, answer) for status, answer in success.items()}


def _success(status: int, answer: Any) -> Any:
    if not (isinstance(answer, type) and issubclass(answer, serializers.BaseSerializer)):
        return answer
    example = OpenApiExample("Success", value=schema_examples.of_answer(answer), status_codes=[str(status)])
    return OpenApiResponse(answer, examples=[example])


@cache
def _refusals(refusals: tuple[type[errors.Refusal], ...]) -> OpenApiResponse:
    codes = [refusal.code for refusal in refusals]
    return OpenApiResponse(
        inline_serializer(
            "Refusal" + "".join(code.title().replace("_", "") for code in codes),
            {
                "success": serializers.BooleanField(help_text="always false"),
                "error": serializers.ChoiceField(codes),
                "message": serializers.CharField(),
                "request_id": serializers.CharField(),
                "fields": serializers.DictField(child=serializers.ListField(), required=False),
                "retry_after": serializers.IntegerField(required=False),
                "requires_approval": serializers.BooleanField(required=False),
                "conversation_id": serializers.UUIDField(required=False),
                "offer_state": serializers.CharField(required=False, allow_null=True),
            },
        ),
        description="; ".join(f"{refusal.code}: {refusal.sentence}" for refusal in refusals),
        examples=[_example(refusal) for refusal in refusals],
    )


def _example(refusal: type[errors.Refusal]) -> OpenApiExample:
    value = schema_examples.of_refusal(refusal)
    return OpenApiExample(refusal.code, value=value, status_codes=[str(refusal.status)])


class FieldSchema(OpenApiSerializerFieldExtension):
    """Our own fields say themselves what they take."""

    target_class = "carecollective.api.Strict"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return dict(self.target.describe())


class TokenSchema(OpenApiAuthenticationExtension):
    target_class = "members.authentication.Token"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}


class SessionSchema(OpenApiAuthenticationExtension):
    target_class = "members.authentication.Session"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}

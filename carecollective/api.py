"""What every endpoint shares: input read through one serializer, fields that never guess."""

import re
import uuid
from collections.abc import Mapping
from datetime import time
from functools import cache
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from carecollective.errors import NotValid
from carecollective.text import Unwritable, clean, clean_line

MOST_OPTIONS_SHOWN = 40
MOST_KEY = 100
TWO_KEYS = "Idempotency-Key and client_id are the same key. Please send one of them."
KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="The same as client_id in the body."
)
CANONICAL_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
CANONICAL_HOUR = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")
CANONICAL_ID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Endpoint(APIView):
    """A view that reads its input through one serializer; `failures` are its own sentences for faults of ours."""

    failures: Mapping[str, str] = {}

    def body(self, serializer: type["Input"], *, partial: bool = False) -> dict[str, Any]:
        data: Any = self.request.data
        return read(serializer, data, partial=partial)

    def query(self, serializer: type["Input"]) -> dict[str, Any]:
        return read(serializer, self.request.query_params.dict())


def read(serializer: type["Input"], data: Mapping[str, Any], *, partial: bool = False) -> dict[str, Any]:
    return dict(_reader(serializer, partial).run_validation(data))


@cache
def _reader(serializer: type["Input"], partial: bool) -> "Input":
    """One for all requests: making its fields anew costs more than reading a body, and nothing of a body stays."""
    return serializer(partial=partial)


class Input(serializers.Serializer[Any]):
    """Refuses every field it does not know, so nobody can claim to be someone else in a body."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise NotValid("Please send one JSON object.")
        unknown = [name for name in data if name not in self.fields]
        if unknown:
            raise NotValid(fields={name[:100]: ["This field is not known here."] for name in unknown[:20]})
        return super().to_internal_value(data)


class Nothing(Input):
    """A body with no fields: who acts comes from the sign-in, on what from the address."""


class Strict(serializers.Field[Any, Any, Any, Any]):
    """A field that takes one kind of value and says in the API description which."""

    def describe(self) -> dict[str, Any]:
        return {}

    def to_representation(self, value: Any) -> Any:
        return value


class Text(Strict):
    """A text as `text.clean` leaves it, counted after trimming."""

    default_error_messages = {
        "not_text": "This must be text.",
        "too_short": "This must be at least {least} characters long.",
        "too_long": "This can be at most {most} characters long.",
        "empty": "Please fill this in.",
    }

    def __init__(self, *, most: int, least: int = 0, one_line: bool = False, **options: Any):
        self.least, self.most, self.one_line = least, most, one_line
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_text")
        try:
            text = clean_line(data) if self.one_line else clean(data)
        except Unwritable as problem:
            raise serializers.ValidationError(str(problem)) from problem
        if len(text) > self.most:
            self.fail("too_long", most=self.most)
        if len(text) < self.least:
            self.fail("too_short" if text else "empty", least=self.least)
        return text

    def describe(self) -> dict[str, Any]:
        return {"type": "string", "minLength": self.least, "maxLength": self.most}


class Option(Strict):
    """One of a few known words."""

    default_error_messages = {"unknown": "Please choose one of: {options}."}

    def __init__(self, options: list[str], **more: Any):
        self.options = options
        super().__init__(**more)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.options:
            self.fail("unknown", options=", ".join(self.options[:MOST_OPTIONS_SHOWN]))
        return data

    def describe(self) -> dict[str, Any]:
        # A very long list, such as the time zones, is no use to a reader.
        return {
            "type": "string",
            **({"enum": self.options} if len(self.options) <= MOST_OPTIONS_SHOWN else {}),
        }


class YesNo(Strict):
    default_error_messages = {"not_yes_no": "This must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("not_yes_no")
        return data

    def describe(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Day(serializers.DateField):
    """A calendar day as YYYY-MM-DD and nothing like it."""

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str) or not CANONICAL_DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


class Hour(Strict):
    """A time of day as HH:MM and nothing like it."""

    default_error_messages = {"not_an_hour": "This must be a time like 21:30."}

    def to_internal_value(self, data: Any) -> time:
        if not isinstance(data, str) or not CANONICAL_HOUR.fullmatch(data):
            self.fail("not_an_hour")
        return time.fromisoformat(data)

    def to_representation(self, value: time) -> str:
        return f"{value:%H:%M}"

    def describe(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{CANONICAL_HOUR.pattern}$", "example": "21:30"}


class Count(Strict):
    """A whole number in a query string or a body."""

    default_error_messages = {"out_of_range": "This must be a whole number from {least} to {most}."}

    def __init__(self, *, least: int, most: int, **options: Any):
        self.least, self.most = least, most
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str) and data.isascii() and data.isdigit() and len(data) < 10:
            data = int(data)
        if not isinstance(data, int) or isinstance(data, bool) or not self.least <= data <= self.most:
            self.fail("out_of_range", least=self.least, most=self.most)
        return data

    def describe(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class AnyId(Strict):
    default_error_messages = {"not_an_id": "This is not an id we know."}

    def to_internal_value(self, data: Any) -> uuid.UUID:
        # UUID() also takes braces, urn: and no hyphens; one id has one spelling here.
        if not isinstance(data, str) or not CANONICAL_ID.fullmatch(data):
            self.fail("not_an_id")
        return uuid.UUID(data)

    def describe(self) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}


class KeyInput(Input):
    """The caller's own name for what they send: the same again is the same thing, not a second one."""

    client_id = Text(least=1, most=MOST_KEY, one_line=True, required=False)


def one_key(request: Request, client_id: str) -> str:
    """Header and body name the same key; both and different is a mistake of the client."""
    header = request.headers.get("Idempotency-Key", "")
    if not header:
        return client_id
    key = str(read(KeyInput, {"client_id": header})["client_id"])
    if client_id not in ("", key):
        raise NotValid(fields={"client_id": [TWO_KEYS]})
    return key


def json_answer(body: bytes, status: int = 200) -> HttpResponse:
    """For answers that are JSON already."""
    return HttpResponse(body, content_type="application/json", status=status)


class PageInput(Input):
    """How much of a list, and from where."""

    limit = Count(least=1, most=50, default=20)
    cursor = Text(most=500, default="")

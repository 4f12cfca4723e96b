"""What an answer looks like: an example for every code, made from its description and from words people would use."""

from typing import Any

from rest_framework import serializers

from carecollective.api import Strict
from carecollective.errors import Refusal

AN_ID = "01998a7c-5f0e-7c3a-9d41-3f2b6a8e1c55"
ANOTHER_ID = "01998a7c-6021-7b9e-8a10-c4d2f7b3a901"
A_MOMENT = "2026-01-20T17:04:00Z"
REQUEST_ID = "7f3k2m9q"

# By the name of the field; everything else by its kind.
WORDS: dict[str, Any] = {
    "success": True,
    "called": "Ana",
    "name": "Ana Torres",
    "email": "ana@example.org",
    "town": "Springfield",
    "title": "Pick up groceries on Tuesday",
    "description": "The market on Oak Street has all of it.",
    "category": "groceries-meals",
    "subcategory": "shopping-delivery",
    "exchange_offer": "I can bake bread.",
    "initial_message": "Hi Ana. I shop at the market on Tuesdays after 5 PM. I can drop your bags on the porch.",
    "content": "Tuesday is fine. Thank you!",
    "place": "The porch of the blue house",
    "question": "How do I change my town?",
    "about": "I look after my father.",
    "time_zone": "America/Chicago",
    "message": "Saved.",
    "last_four": "x7Qa",
    "token": "care_…",
    "next_cursor": None,
    "version": 2,
    "requester_agreed": True,
    "helper_agreed": True,
    "agreed": True,
    "answer": None,
    "words": "It was a joke between friends. We have known each other for years.",
    "statement": "We hid one message you sent.",
    "ended_at": None,
    "happening": None,
    "deleted_at": None,
    "edited_at": None,
    "closed_at": None,
}

# What a refusal brings besides its code and its sentence.
EXTRAS: dict[str, dict[str, Any]] = {
    "validation_error": {"fields": {"initial_message": ["Initial message must be at least 10 characters long"]}},
    "conversation_exists": {"conversation_id": AN_ID},
    "offer_state_changed": {"conversation_id": AN_ID, "offer_state": "accepted"},
    "user_restricted": {
        "restriction_level": "suspended",
        "until": A_MOMENT,
        "appeal_url": f"/decisions/{AN_ID}/",
        "reason": "You wrote words that scared another member.",
        "rule": 2,
    },
    "rate_limited": {"retry_after": 40},
    "service_unavailable": {"retry_after": 5},
}


def of_refusal(refusal: type[Refusal]) -> dict[str, Any]:
    said = {"success": False, "error": refusal.code, "message": refusal.sentence, "request_id": REQUEST_ID}
    return said | EXTRAS.get(refusal.code, {})


def of_answer(answer: type[serializers.BaseSerializer[Any]]) -> Any:
    return _of(answer())


def _of(field: Any, name: str = "") -> Any:
    if isinstance(field, serializers.ListSerializer):
        return [_of(field.child)]
    if isinstance(field, serializers.Serializer):
        return {inner: _of(kind, inner) for inner, kind in field.fields.items()}
    if isinstance(field, serializers.ListField):
        return [_of(field.child, name)]
    if isinstance(field, serializers.ChoiceField):
        return next(iter(field.choices))
    if name in WORDS:
        return WORDS[name]
    if isinstance(field, Strict):
        return _of_strict(field.describe(), name)
    return next((made for kind, made in KINDS if isinstance(field, kind)), name)


def _of_strict(described: dict[str, Any], name: str) -> Any:
    known = {"boolean": False, "integer": described.get("minimum", 2)}
    return described.get("example") or (described.get("enum") or [known.get(described.get("type", ""), name)])[0]


KINDS: tuple[tuple[type[Any], Any], ...] = (
    (serializers.UUIDField, AN_ID),
    (serializers.BooleanField, False),
    (serializers.IntegerField, 2),
    (serializers.DateTimeField, A_MOMENT),
    (serializers.DateField, "2026-01-20"),
    (serializers.TimeField, "17:00"),
)

"""Asking what one would be warned of, before sending."""

import pytest
from rest_framework.test import APIClient

from members import limits
from members.models import Member
from screening.models import KeptVerdict
from screening.words import WARNINGS
from tests.cast import client_of

pytestmark = pytest.mark.django_db

CHECK = "/api/messaging/check"


def test_a_writer_hears_what_to_think_about(asker: Member) -> None:
    text = "Call 417-555-0134 or Venmo me $40. My card is 4111 1111 1111 1111. I want to die."
    answer = client_of(asker).post(CHECK, {"content": text}, format="json")
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "crisis_lines": True,
        "warnings": [
            {
                "category": "personal_info",
                "kind": "phone",
                "message": "This looks like a phone number. Use Share contact so you can take it back later.",
            },
            {
                "category": "personal_info",
                "kind": "secret",
                "message": WARNINGS["secret"],
            },
            {
                "category": "potential_scam",
                "kind": "money",
                "message": "Asking for money is not allowed here (rule 5).",
            },
        ],
    }
    assert KeptVerdict.objects.count() == 0


@pytest.mark.parametrize("text", ["See you at five.", "I will kill you.", "You are an idiot."])
def test_nobody_learns_what_would_be_held_or_read(asker: Member, text: str) -> None:
    answer = client_of(asker).post(CHECK, {"content": text}, format="json").json()
    assert answer == {"success": True, "warnings": [], "crisis_lines": False}


def test_only_members_ask(waiting: Member) -> None:
    assert APIClient().post(CHECK, {"content": "Hello"}, format="json").status_code == 401
    assert client_of(waiting).post(CHECK, {"content": "Hello"}, format="json").status_code == 403


@pytest.mark.parametrize(
    "body", [{}, {"content": ""}, {"content": "​"}, {"content": 5}, {"content": "w" * 1001}, {"content": "a", "by": 1}]
)
def test_what_is_no_text_is_refused(asker: Member, body: dict[str, object]) -> None:
    answer = client_of(asker).post(CHECK, body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")


def test_nobody_tries_words_out_without_end(asker: Member) -> None:
    for _ in range(limits.CHECKS.most):
        limits.take(limits.CHECKS, asker.pk)
    assert client_of(asker).post(CHECK, {"content": "Hello"}, format="json").status_code == 429

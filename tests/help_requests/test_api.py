"""Help requests over the API: shapes, refusals, and what a hostile client gets."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from help_requests import categories
from help_requests.models import HelpRequest
from members.models import Member
from tests.cast import browser_of, client_of
from tests.factories.help_requests import HelpRequestFactory, helped_by

pytestmark = pytest.mark.django_db

LIST = "/api/help-requests"
WISH = {"title": "Pick up groceries on Tuesday", "category": "groceries-meals"}


def post(member: Member, body: Any, **headers: str) -> Any:
    return client_of(member).post(LIST, body, format="json", headers=headers)


def refused(answer: Any) -> tuple[int, str]:
    body = answer.json()
    assert body["success"] is False
    assert body["message"]
    return answer.status_code, body["error"]


def test_posting_answers_with_the_request(asker: Member) -> None:
    answer = post(asker, WISH | {"subcategory": "shopping-delivery", "needed_by": "2099-01-31", "urgency": "urgent"})
    assert answer.status_code == 201
    told = answer.json()
    assert told["success"] is True
    assert told["help_request"]["status"] == "open"
    assert told["help_request"]["needed_by"] == "2099-01-31"
    assert told["help_request"]["is_own"] is True
    assert told["help_request"]["requester"] == {"id": str(asker.pk), "called": "Ana"}


def test_every_topic_and_kind_of_the_table_is_taken(asker: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("members.limits.take", lambda limit, subject: None)
    for topic in categories.CATEGORIES:
        for kind in ["", *topic.kinds]:
            answer = post(asker, WISH | {"category": topic.slug, "subcategory": kind})
            assert answer.status_code == 201, (topic, kind)


def test_the_same_key_in_header_or_body_is_one_request(asker: Member) -> None:
    first = post(asker, WISH, **{"Idempotency-Key": "k1"})
    again = post(asker, WISH | {"client_id": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["help_request"] == again.json()["help_request"]
    assert refused(post(asker, WISH | {"client_id": "k1", "urgency": "urgent"})) == (409, "idempotency_key_reused")
    assert refused(post(asker, WISH | {"client_id": "k2"}, **{"Idempotency-Key": "k1"})) == (400, "validation_error")
    assert HelpRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Hm"),
        ("title", "x" * 101),
        ("title", "\u200b" * 12),
        ("title", "\t" * 12),
        ("title", 12345),
        ("title", None),
        ("title", "a\u0000bcdef"),
        ("description", "x" * 1001),
        ("description", None),
        ("category", "money"),
        ("category", ["groceries-meals"]),
        ("subcategory", "pets"),
        ("urgency", "CRITICAL"),
        ("needed_by", "31.1.2099"),
        ("needed_by", "2099-02-30"),
        ("needed_by", "2020-01-01"),
        ("needed_by", 20990131),
        ("is_ongoing", "true"),
        ("is_ongoing", 1),
        ("exchange_offer", "x" * 301),
        ("town", "x" * 201),
        ("location_privacy", "nobody"),
        ("client_id", ""),
        ("client_id", "x" * 101),
        ("client_id", 7),
        ("status", "completed"),
        ("requester", "someone"),
        ("requester_id", "someone"),
        ("helper", "someone"),
        ("expires_at", "2099-01-01T00:00:00Z"),
        ("id", "01890a5d-ac96-774b-bcce-b302099a8057"),
    ],
)
def test_what_cannot_be_is_named_and_nothing_is_stored(asker: Member, field: str, value: Any) -> None:
    answer = post(asker, WISH | {field: value})
    assert refused(answer) == (400, "validation_error")
    assert not HelpRequest.objects.exists()


@pytest.mark.parametrize("field", ["title", "category"])
def test_what_must_be_there_is_asked_for(asker: Member, field: str) -> None:
    body = {name: value for name, value in WISH.items() if name != field}
    answer = post(asker, body)
    assert refused(answer) == (400, "validation_error")
    assert field in answer.json()["fields"]


def test_texts_are_stored_trimmed_in_one_form(asker: Member) -> None:
    answer = post(asker, WISH | {"title": "\u200b  Caf\u0065\u0301 run\u00a0\n ", "description": " one\r\ntwo "})
    told = answer.json()["help_request"]
    assert told["title"] == "Caf\u00e9 run"
    assert told["description"] == "one\ntwo"


def test_the_eleventh_post_of_the_day_says_when_to_come_back(asker: Member) -> None:
    for _ in range(10):
        assert post(asker, WISH).status_code == 201
    answer = post(asker, WISH)
    assert refused(answer) == (429, "rate_limited")
    assert int(answer["Retry-After"]) == answer.json()["retry_after"] > 0


def test_people_who_wait_are_told_so_everywhere(waiting: Member) -> None:
    request = HelpRequestFactory()
    client, one = client_of(waiting), f"{LIST}/{request.pk}"
    answers = [
        client.get(LIST),
        client.post(LIST, WISH, format="json"),
        client.get(one),
        client.patch(one, {}, format="json"),
        *(client.post(f"{one}/{verb}", {}, format="json") for verb in ("complete", "cancel", "reopen")),
    ]
    for answer in answers:
        assert refused(answer) == (403, "permission_denied")
        assert answer.json()["requires_approval"] is True


def test_strangers_are_asked_to_sign_in() -> None:
    request = HelpRequestFactory()
    for path in (LIST, f"{LIST}/{request.pk}"):
        assert refused(APIClient().get(path)) == (401, "not_authenticated")


def test_a_session_needs_its_csrf_token(asker: Member) -> None:
    browser = browser_of(asker)
    browser.handler.enforce_csrf_checks = True
    answer = browser.post(LIST, json.dumps(WISH), content_type="application/json")
    assert refused(answer) == (403, "csrf_failed")


def test_changing_answers_with_the_change(asker: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    answer = client_of(asker).patch(f"{LIST}/{request.pk}", {"urgency": "critical"}, format="json")
    assert answer.status_code == 200
    assert answer.json()["help_request"]["urgency"] == "critical"
    assert answer.json()["help_request"]["title"] == request.title


@pytest.mark.parametrize("body", [{"status": "open"}, {"title": "Hm"}, {"helper": None}, {"client_id": "k"}])
def test_a_change_of_anything_else_is_refused(asker: Member, body: dict[str, Any]) -> None:
    request = HelpRequestFactory(requester=asker)
    answer = client_of(asker).patch(f"{LIST}/{request.pk}", body, format="json")
    assert refused(answer) == (400, "validation_error")


def test_the_moves_of_a_request(asker: Member, helper: Member, outsider: Member) -> None:
    request = helped_by(helper, requester=asker)
    one = f"{LIST}/{request.pk}"

    def move(member: Member, verb: str, body: Any = None) -> Any:
        return client_of(member).post(f"{one}/{verb}", body or {}, format="json")

    assert refused(move(outsider, "complete")) == (403, "permission_denied")
    assert refused(move(helper, "cancel")) == (403, "permission_denied")
    assert move(asker, "complete", {"reason": "helped_elsewhere"}).json()["help_request"]["status"] == "completed"
    assert refused(move(asker, "cancel")) == (400, "help_request_unavailable")
    assert refused(client_of(asker).patch(one, {"urgency": "normal"}, format="json"))[1] == "help_request_unavailable"
    assert move(asker, "reopen").json()["help_request"]["status"] == "open"
    assert move(asker, "cancel").json()["help_request"]["status"] == "cancelled"
    assert refused(move(asker, "complete", {"reason": "expired"})) == (400, "validation_error")
    assert refused(move(asker, "reopen", {"status": "open"})) == (400, "validation_error")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=51", "limit=x", "page=1", "mine=1", "category=money", "urgency=now", "status=lost",
        "sort=oldest", "cursor=abc", "cursor=W10", "town=" + "x" * 201, "q=" + "x" * 201, "q=%00",
    ],
)  # fmt: skip
def test_a_strange_query_is_refused(asker: Member, query: str) -> None:
    assert refused(client_of(asker).get(f"{LIST}?{query}")) == (400, "validation_error")


def test_the_list_pages_by_cursor(asker: Member) -> None:
    HelpRequestFactory.create_batch(3)
    first = client_of(asker).get(f"{LIST}?limit=2").json()
    assert first["pagination"]["has_more"] is True
    second = client_of(asker).get(f"{LIST}?limit=2&cursor={first['pagination']['next_cursor']}").json()
    assert second["pagination"] == {"limit": 2, "has_more": False, "next_cursor": None}
    assert len({row["id"] for row in first["help_requests"] + second["help_requests"]}) == 3


@pytest.mark.parametrize("identifier", ["1", "x", "01890a5d-ac96-774b-bcce-b302099a8057", "%00", "new"])
def test_an_unknown_id_is_not_found(asker: Member, identifier: str) -> None:
    client = client_of(asker)
    assert refused(client.get(f"{LIST}/{identifier}")) == (404, "not_found")
    assert refused(client.post(f"{LIST}/{identifier}/complete", {}, format="json")) == (404, "not_found")


def test_reading_one_request_takes_one_statement(outsider: Member) -> None:
    request = HelpRequestFactory(in_progress=True)
    client = client_of(outsider)
    # A real caller's look-up brings it along.
    assert not outsider.is_banned
    with CaptureQueriesContext(connection) as asked:
        client.get(f"{LIST}/{request.pk}")
    assert len(asked) == 1

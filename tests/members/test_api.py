"""The account over the API."""

import uuid
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from audit.models import AuditEntry
from members.models import ApiToken, Member
from members.services import access
from tests.cast import browser_of, client_of
from tests.factories.members import MemberFactory

pytestmark = pytest.mark.django_db


def bearer(text: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


def test_without_signing_in_there_is_nothing_to_see() -> None:
    answer = APIClient().get("/api/me")
    assert answer.status_code == 401
    assert answer.json()["error"] == "not_authenticated"
    assert answer["WWW-Authenticate"] == "Bearer"


def test_i_see_my_account_and_nothing_of_staff(asker: Member) -> None:
    answer = client_of(asker).get("/api/me").json()
    assert answer["success"] is True
    assert set(answer["member"]) == {
        "id", "email", "name", "called", "town", "about", "time_zone", "verification_status", "email_checked",
        "created_at",
    }  # fmt: skip


def test_a_waiting_person_may_see_their_account(waiting: Member) -> None:
    for checked in (True, False):
        member = client_of(waiting if checked else MemberFactory(unchecked=True)).get("/api/me").json()["member"]
        assert (member["verification_status"], member["email_checked"]) == ("pending", checked)


def test_i_change_my_account(asker: Member) -> None:
    answer = client_of(asker).patch("/api/me", {"called": " Anita ", "time_zone": "America/New_York"}, format="json")
    assert answer.json()["member"]["called"] == "Anita"
    asker.refresh_from_db()
    assert asker.time_zone == "America/New_York"


@pytest.mark.parametrize(
    "field",
    [
        "verification_status",
        "is_staff",
        "is_superuser",
        "email",
        "id",
        "created_at",
        "password",
        "groups",
        "email_confirmed_at",
    ],
)
def test_nobody_gives_themselves_what_is_not_theirs_to_give(asker: Member, field: str) -> None:
    answer = client_of(asker).patch("/api/me", {"called": "New", field: True}, format="json")
    assert answer.status_code == 400
    assert answer.json()["fields"] == {field: ["This field is not known here."]}
    asker.refresh_from_db()
    assert asker.called == "Ana"


@pytest.mark.parametrize(
    "value",
    ["", "\u200b" * 12, 5, None, ["Ana"], {"a": 1}, True, "x" * 51, "a\x00b"],
    ids=lambda value: repr(value)[:12],
)
def test_a_name_must_be_a_name(asker: Member, value: object) -> None:
    answer = client_of(asker).patch("/api/me", {"called": value}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")


def test_a_token_is_shown_once_and_opens_the_door(asker: Member) -> None:
    made = client_of(asker).post("/api/tokens", {"name": "my phone"}, format="json")
    assert made.status_code == 201
    text = made.json()["token"]
    assert bearer(text).get("/api/me").json()["member"]["id"] == str(asker.pk)
    listed = client_of(asker).get("/api/tokens")
    assert text not in listed.content.decode()
    assert listed.json()["tokens"][0]["name"] == "my phone"
    assert not ApiToken.objects.filter(digest=text).exists()
    assert AuditEntry.objects.get().action == "token_made"


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER"])
def test_the_word_bearer_may_be_written_as_one_likes(asker: Member, kind: str) -> None:
    _, text = access.make_token(asker, "phone")
    assert APIClient().get("/api/me", headers={"authorization": f"{kind} {text}"}).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic abc", "Bearer care_" + "a" * 43, "Token ü"])
def test_a_token_that_is_not_ours_opens_nothing(header: str) -> None:
    answer = APIClient().get("/api/me", headers={"authorization": header})
    assert (answer.status_code, answer.json()["error"]) == (401, "not_authenticated")


def test_a_revoked_token_opens_nothing(asker: Member) -> None:
    token, text = access.make_token(asker, "phone")
    assert client_of(asker).delete(f"/api/tokens/{token.pk}").status_code == 204
    assert bearer(text).get("/api/me").status_code == 401


def test_somebody_elses_token_is_not_found_and_stays(asker: Member, outsider: Member) -> None:
    token, text = access.make_token(asker, "phone")
    foreign = client_of(outsider).delete(f"/api/tokens/{token.pk}")
    absent = client_of(outsider).delete(f"/api/tokens/{uuid.uuid4()}")
    assert foreign.status_code == absent.status_code == 404
    assert {**foreign.json(), "request_id": ""} == {**absent.json(), "request_id": ""}
    assert bearer(text).get("/api/me").status_code == 200


def test_the_eleventh_token_of_a_day_is_refused(asker: Member) -> None:
    for number in range(10):
        access.make_token(asker, f"token {number}")
    answer = client_of(asker).post("/api/tokens", {"name": "one more"}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (429, "rate_limited")
    assert int(answer["Retry-After"]) == answer.json()["retry_after"] > 86_000


def test_a_declined_persons_token_opens_nothing(asker: Member) -> None:
    _, text = access.make_token(asker, "phone")
    Member.objects.filter(pk=asker.pk).update(verification_status="rejected")
    assert bearer(text).get("/api/me").status_code == 401


def test_a_session_needs_its_csrf_token_and_a_bearer_does_not(asker: Member) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(asker)
    refused = browser.patch("/api/me", {"called": "Eve"}, content_type="application/json")
    assert (refused.status_code, refused.json()["error"]) == (403, "csrf_failed")
    _, text = access.make_token(asker, "phone")
    allowed = bearer(text).patch("/api/me", {"called": "Anita"}, format="json")
    assert allowed.status_code == 200


def test_a_session_works_for_reading(asker: Member) -> None:
    answer = browser_of(asker).get("/api/me")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"


def test_reading_my_account_with_a_token_takes_one_statement(asker: Member, django_assert_num_queries) -> None:
    _, text = access.make_token(asker, "phone")
    client = bearer(text)
    client.get("/api/me")
    with django_assert_num_queries(1):
        client.get("/api/me")


def test_a_declined_or_waiting_person_makes_no_token_that_wakes_up_later(declined: Member, waiting: Member) -> None:
    for person in (declined, waiting):
        answer = client_of(person).post("/api/tokens", {"name": "later"}, format="json")
        assert (answer.status_code, answer.json()["requires_approval"]) == (403, True)
    assert not ApiToken.objects.exists()


def test_a_declined_person_changes_nothing(declined: Member) -> None:
    assert client_of(declined).patch("/api/me", {"called": "New"}, format="json").status_code == 403


def test_a_town_we_do_not_serve_is_refused(asker: Member, settings: Any) -> None:
    settings.SERVICE_AREA = ["Nixa", "Ozark"]
    assert client_of(asker).patch("/api/me", {"town": "Paris"}, format="json").status_code == 400
    for town in ("Ozark", "Ozark"):
        assert client_of(asker).patch("/api/me", {"town": town}, format="json").status_code == 200


def test_a_body_in_chunks_is_refused_and_not_taken_for_an_empty_one(asker: Member) -> None:
    answer = client_of(asker).patch("/api/me", {"called": "Anita"}, format="json", HTTP_TRANSFER_ENCODING="chunked")
    assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")


def test_a_body_that_says_it_is_huge_is_refused_before_it_is_read(asker: Member) -> None:
    answer = client_of(asker).patch("/api/me", {"called": "Anita"}, format="json", CONTENT_LENGTH="99999999999")
    assert (answer.status_code, answer.json()["error"]) == (413, "payload_too_large")

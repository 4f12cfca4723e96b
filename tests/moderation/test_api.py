"""Reporting over the API: who may, what it answers, and the list of one's own."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from rest_framework.test import APIClient

from members import limits
from members.models import Block, Member
from messaging.models import Conversation
from moderation.models import Reason, Report
from tests.cast import client_of
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to, say

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]
RUDE = {"reason": "harassment"}


@pytest.fixture
def thread(asker: Member, helper: Member) -> Conversation:
    return offer_to(asker, helper)


def message(identifier: UUID) -> str:
    return f"/api/messaging/messages/{identifier}/report"


def person(identifier: UUID) -> str:
    return f"/api/members/{identifier}/report"


def post(member: Member, address: str, body: Any = RUDE) -> tuple[int, dict[str, Any]]:
    answer = client_of(member).post(address, body, format="json")
    return answer.status_code, answer.json()


def refused(member: Member, address: str, body: Any = RUDE) -> tuple[int, str]:
    status, answer = post(member, address, body)
    return status, answer["error"]


def test_each_kind_of_thing_has_its_address(asker: Member, helper: Member, thread: Conversation) -> None:
    addresses = {
        "message": message(say(helper, thread)),
        "conversation": f"/api/messaging/conversations/{thread.pk}/report",
        "member": person(helper.pk),
    }
    for kind, address in addresses.items():
        status, answer = post(asker, address)
        made = Report.objects.get(pk=answer.pop("report_id"))
        assert (status, made.target_kind, made.reporter, made.author) == (201, kind, asker, helper)
        assert answer == {
            "success": True,
            "number": made.case.number,
            "status": "pending",
            "message": "Thank you. A person reads this within 24 hours.",
        }


def test_a_request_is_reported_by_who_may_open_it(asker: Member, outsider: Member, thread: Conversation) -> None:
    status, answer = post(outsider, f"/api/help-requests/{thread.help_request_id}/report")
    assert status == 201
    assert Report.objects.get(pk=answer["report_id"]).author == asker


def test_why_in_own_words_and_a_block(asker: Member, helper: Member, thread: Conversation) -> None:
    body = {"reason": "other", "description": "  It was the tone.\u200b ", "also_block": True}
    _, answer = post(asker, message(thread.pk), body)
    assert Report.objects.get(pk=answer["report_id"]).clear_description == "It was the tone."
    assert Block.objects.get().blocked == helper


@pytest.mark.parametrize("reason", Reason.values)
def test_every_reason_is_taken(asker: Member, helper: Member, reason: str) -> None:
    assert post(asker, person(helper.pk), {"reason": reason})[0] == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reason"),
        ({"reason": "boring"}, "reason"),
        ({"reason": ["spam"]}, "reason"),
        ({"reason": "spam", "description": "x" * 501}, "description"),
        ({"reason": "spam", "description": None}, "description"),
        ({"reason": "spam", "also_block": "yes"}, "also_block"),
        ({"reason": "spam", "reporter_id": str(uuid4())}, "reporter_id"),
    ],
)
def test_what_cannot_be_used_is_named(asker: Member, helper: Member, body: Any, field: str) -> None:
    status, answer = post(asker, person(helper.pk), body)
    assert (status, answer["error"], list(answer["fields"])) == (400, "validation_error", [field])
    assert not Report.objects.exists()


def test_500_letters_fit(asker: Member, helper: Member) -> None:
    assert post(asker, person(helper.pk), {"reason": "spam", "description": " " + "ü" * 500})[0] == 201


def test_ones_own_is_refused(asker: Member, helper: Member, thread: Conversation) -> None:
    own = [
        (helper, message(thread.pk)),
        (asker, f"/api/help-requests/{thread.help_request_id}/report"),
        (asker, person(asker.pk)),
    ]
    for member, address in own:
        assert refused(member, address) == (400, "validation_error")


def test_twice_is_told_so(asker: Member, thread: Conversation) -> None:
    assert post(asker, message(thread.pk))[0] == 201
    assert refused(asker, message(thread.pk)) == (409, "already_reported")


def test_foreign_and_absent_are_answered_alike(outsider: Member, helper: Member, thread: Conversation) -> None:
    said = say(helper, thread)
    for address in ("/api/messaging/messages/{}/report", "/api/messaging/conversations/{}/report"):
        answers = []
        for identifier in (thread.pk, said, uuid4()):
            status, answer = post(outsider, address.format(identifier))
            answer.pop("request_id")
            answers.append((status, answer))
        assert answers[0] == answers[1] == answers[2]
        assert answers[0][0] == 404


def test_the_sixth_in_an_hour_waits(asker: Member) -> None:
    for other in MemberFactory.create_batch(limits.REPORTS.most):
        assert post(asker, person(other.pk))[0] == 201
    assert refused(asker, person(other.pk)) == (409, "already_reported")
    answer = client_of(asker).post(person(MemberFactory().pk), RUDE, format="json")
    assert (answer.status_code, answer.json()["error"]) == (429, "rate_limited")
    assert int(answer["Retry-After"]) == answer.json()["retry_after"] > 3500


def test_members_only(waiting: Member, declined: Member, helper: Member) -> None:
    assert APIClient().post(person(helper.pk), RUDE, format="json").status_code == 401
    for nobody in (waiting, declined):
        assert refused(nobody, person(helper.pk)) == (403, "permission_denied")
        assert client_of(nobody).get("/api/reports").status_code == 403
    assert not Report.objects.exists()


class TestMyReports:
    def test_newest_first_and_only_mine(
        self, asker: Member, helper: Member, outsider: Member, thread: Conversation
    ) -> None:
        post(asker, message(thread.pk))
        post(asker, person(outsider.pk), {"reason": "spam", "description": "Sells vitamins."})
        post(helper, person(outsider.pk))
        answer = client_of(asker).get("/api/reports").json()
        about = [(row["target_kind"], row["target_id"], row["reason"], row["status"]) for row in answer["reports"]]
        assert about == [
            ("member", str(outsider.pk), "spam", "pending"),
            ("message", str(thread.pk), "harassment", "pending"),
        ]
        assert set(answer["reports"][0]) == {
            "id", "number", "target_kind", "target_id", "reason", "status", "created_at",
            "outcome", "message", "can_appeal", "appeal",
        }  # fmt: skip
        assert answer["pagination"] == {"limit": 20, "has_more": False, "next_cursor": None}

    def test_page_by_page(self, asker: Member) -> None:
        for other in MemberFactory.create_batch(5):
            post(asker, person(other.pk))
        found: list[int] = []
        cursor = ""
        for _ in range(3):
            answer = client_of(asker).get("/api/reports", {"limit": "2", "cursor": cursor}).json()
            found += [row["number"] for row in answer["reports"]]
            cursor = answer["pagination"]["next_cursor"]
        assert cursor is None
        assert len(found) == 5
        assert found == sorted(found, reverse=True)

    def test_nobody_learns_what_was_said_about_them(self, asker: Member, helper: Member) -> None:
        post(asker, person(helper.pk))
        assert client_of(helper).get("/api/reports").json()["reports"] == []

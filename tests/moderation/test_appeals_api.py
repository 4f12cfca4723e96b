"""Decisions about oneself, outcomes of reports, and asking for another look, over the API."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.timezone import now
from rest_framework.test import APIClient

from members import limits
from members.models import LimitHits, Member
from members.services import access
from moderation.models import Action, Appeal, Decision, Kind, Report
from moderation.services import appealing, reporting, undoing
from moderation.services.reporting import Complaint
from tests.cast import browser_of, client_of
from tests.factories.members import MemberFactory
from tests.factories.moderation import FACTS, WORDS, another_moderator, decide, reported_message, ten_minutes_pass
from tests.factories.restrictions import decision as a_decision

pytestmark = pytest.mark.django_db
JOKE = "It was a joke."


@pytest.fixture
def report(asker: Member, helper: Member) -> Report:
    return reported_message(asker, helper)


def of_decision(made: Decision) -> str:
    return f"/api/decisions/{made.pk}/appeal"


def of_report(report: Report) -> str:
    return f"/api/reports/{report.pk}/appeal"


def post(member: Member, address: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    answer = client_of(member).post(address, {"words": JOKE} if body is None else body, format="json")
    return answer.status_code, answer.json()


def refused(member: Member, address: str, body: Any = None) -> tuple[int, str]:
    status, answer = post(member, address, body)
    return status, answer["error"]


def mine(member: Member) -> dict[str, Any]:
    row: dict[str, Any] = client_of(member).get("/api/reports").json()["reports"][0]
    return {name: row[name] for name in ("status", "outcome", "can_appeal")} | {"message": row["message"]}


def test_an_outcome_is_told_when_it_is_certain(report: Report, asker: Member, moderator: Member) -> None:
    waiting = mine(asker)
    assert waiting["message"].startswith("A person reads it by ")
    made = decide(moderator, report.case, Action.SUSPEND, days=7)
    assert mine(asker) == waiting == waiting | {"status": "pending", "outcome": None, "can_appeal": False}
    ten_minutes_pass(made)
    assert mine(asker) == {
        "status": "decided",
        "outcome": "action_taken",
        "can_appeal": True,
        "message": "Thank you. We looked and took action.",
    }
    undoing.reverse(moderator, made.pk, "A joke.", "We are sorry.")
    assert mine(asker) == {
        "status": "decided",
        "outcome": "no_rule_broken",
        "can_appeal": False,
        "message": "We looked again, and took back what we had decided. You can still block this person.",
    }


def test_a_reporter_asks_again_once_and_hears_the_answer(report: Report, asker: Member, moderator: Member) -> None:
    made = decide(moderator, report.case, Action.NOTHING, rule=None)
    assert refused(asker, of_report(report)) == (403, "permission_denied")
    ten_minutes_pass(made)
    status, answer = post(asker, of_report(report), {"words": f" {JOKE}\u200b "})
    assert status == 201
    appeal = answer["appeal"]
    assert (appeal["words"], appeal["answer"], appeal["answered_at"]) == (JOKE, None, None)
    assert answer["message"] == f"Thank you. {appeal['message']}"
    status, answer = post(asker, of_report(report))
    assert (status, answer["error"]) == (409, "already_reported")
    assert answer["message"] == "You asked us to look at this again. A person will."
    decide(another_moderator(), Appeal.objects.get().case, Action.KEEP, rule=None, reporter_words="We stay with it.")
    row = client_of(asker).get("/api/reports").json()["reports"][0]
    assert row["appeal"]["answer"] == "We stay with it."
    assert row["outcome"] == "no_rule_broken"


def test_my_decisions_with_their_statement(report: Report, helper: Member, moderator: Member) -> None:
    made = decide(moderator, report.case, Action.LIMIT, days=7)
    answer = client_of(helper).get("/api/decisions").json()
    assert answer["pagination"] == {"limit": 20, "has_more": False, "next_cursor": None}
    (row,) = answer["decisions"]
    statement = row.pop("statement")
    assert FACTS in statement
    assert WORDS in statement
    assert "10 messages a day" in statement[0]
    times = {name: row.pop(name) for name in ("until", "decided_at", "appeal_until")}
    assert all(times.values())
    assert row == {
        "id": str(made.pk),
        "action": "limit",
        "rule": 5,
        "found_by_rule": True,
        "state": "in_force",
        "ended_at": None,
        "message": "",
        "can_appeal": True,
        "appeal": None,
    }
    assert client_of(moderator).get("/api/decisions").json()["decisions"] == []


def test_each_state_of_a_decision(asker: Member, helper: Member, moderator: Member) -> None:
    one, two, three = (reported_message(asker, helper).case for _ in range(3))
    waits = decide(moderator, one, Action.BAN)
    back = decide(moderator, two)
    undone = decide(moderator, three)
    undoing.undo(moderator, undone.pk)
    ten_minutes_pass(back)
    undoing.reverse(moderator, back.pk, "A joke.", "We are sorry.")
    rows = client_of(helper).get("/api/decisions").json()["decisions"]
    assert [(row["id"], row["state"], row["can_appeal"]) for row in rows] == [
        (str(back.pk), "taken_back", False),
        (str(waits.pk), "waiting", False),
    ]
    assert rows[0]["ended_at"]


def test_page_by_page(helper: Member) -> None:
    made = [str(a_decision(affected=helper).pk) for _ in range(5)]
    found: list[str] = []
    cursor = ""
    for _ in range(3):
        answer = client_of(helper).get("/api/decisions", {"limit": "2", "cursor": cursor}).json()
        found += [row["id"] for row in answer["decisions"]]
        cursor = answer["pagination"]["next_cursor"]
    assert cursor is None
    assert found == made[::-1]


def test_who_it_is_about_appeals_once_in_time(report: Report, helper: Member, moderator: Member) -> None:
    made = decide(moderator, report.case)
    assert post(helper, of_decision(made))[0] == 201
    status, answer = post(helper, of_decision(made))
    assert (status, answer["error"]) == (409, "already_reported")
    assert len(LimitHits.objects.get(name="appeals").moments) == 1
    assert client_of(helper).get("/api/decisions").json()["decisions"][0]["appeal"]["words"] == JOKE
    second = MemberFactory()
    other = decide(moderator, reporting.report(helper, Kind.MEMBER, second.pk, Complaint("spam")).case)
    ten_minutes_pass(other)
    undoing.reverse(moderator, other.pk, "A joke.", "We are sorry.")
    assert refused(second, of_decision(other)) == (409, "case_already_decided")


def test_after_six_months_it_is_too_late(helper: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    made = a_decision(affected=helper)
    monkeypatch.setattr(appealing, "now", lambda: now() + timedelta(days=184))
    status, answer = post(helper, of_decision(made))
    assert (status, answer["error"]) == (403, "permission_denied")
    assert answer["message"] == "The time to ask for another look at this decision is over."


@pytest.mark.parametrize("action", [Action.BAN, Action.REJECT])
def test_whom_we_sent_away_calls_by_session(action: Action, report: Report, helper: Member, moderator: Member) -> None:
    token = access.make_token(helper, "mine")[1]
    made = decide(moderator, report.case, action, alone_because="It could not wait.")
    ten_minutes_pass(made)
    by_token = APIClient(headers={"Authorization": f"Bearer {token}"})
    assert by_token.get("/api/decisions").status_code == 401
    browser = browser_of(Member.objects.get(pk=helper.pk))
    (row,) = browser.get("/api/decisions").json()["decisions"]
    assert (row["id"], row["can_appeal"]) == (str(made.pk), True)
    assert browser.post(of_decision(made), {"words": JOKE}, content_type="application/json").status_code == 201
    assert browser.get("/api/reports").status_code == 403
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(helper)
    answer = careful.post(of_decision(made), {"words": JOKE}, content_type="application/json")
    assert answer.json()["error"] == "csrf_failed"


def test_foreign_and_absent_are_answered_alike(
    report: Report, asker: Member, helper: Member, moderator: Member
) -> None:
    made = decide(moderator, report.case)
    ten_minutes_pass(made)
    for somebody, address in ((asker, "/api/decisions/{}/appeal"), (helper, "/api/reports/{}/appeal")):
        answers = []
        for identifier in (made.pk, report.pk, uuid4()):
            status, answer = post(somebody, address.format(identifier))
            answer.pop("request_id")
            answers.append((status, answer))
        assert answers[0] == answers[1] == answers[2]
        assert answers[0][0] == 404
    assert APIClient().get("/api/decisions").status_code == 401
    assert APIClient().post(of_decision(made), {"words": JOKE}, format="json").status_code == 401
    assert not Appeal.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "words"),
        ({"words": ""}, "words"),
        ({"words": "\u2060\u00ad"}, "words"),
        ({"words": "x" * 1001}, "words"),
        ({"words": 7}, "words"),
        ({"words": None}, "words"),
        ({"words": "x\x00"}, "words"),
        ({"words": "x", "appellant": str(uuid4())}, "appellant"),
    ],
)
def test_what_cannot_be_used_is_named(helper: Member, body: Any, field: str) -> None:
    made = a_decision(affected=helper)
    status, answer = post(helper, of_decision(made), body)
    assert (status, list(answer["fields"])) == (400, [field])
    assert not Appeal.objects.exists()


def test_the_sixth_in_an_hour_waits(helper: Member) -> None:
    for _ in range(limits.APPEALS.most):
        assert post(helper, of_decision(a_decision(affected=helper)))[0] == 201
    assert refused(helper, of_decision(a_decision(affected=helper))) == (429, "rate_limited")
    assert Appeal.objects.count() == limits.APPEALS.most


def test_the_download_has_them_and_knows_no_more_than_the_pages(
    report: Report, asker: Member, helper: Member, moderator: Member
) -> None:
    made = decide(moderator, report.case, Action.SUSPEND, days=7)
    appealing.appeal_decision(helper, made.pk, JOKE)
    theirs = browser_of(asker).get("/my-data/download/").json()
    assert (theirs["reports"][0]["status"], theirs["reports"][0]["outcome"]) == ("pending", None)
    assert theirs["decisions_about_me"] == []
    (row,) = browser_of(helper).get("/my-data/download/").json()["decisions_about_me"]
    assert (row["standing"], row["asked_again"][0]["words"]) == ("in_force", JOKE)
    assert FACTS in row["statement"]

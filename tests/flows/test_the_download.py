"""What a member takes away: all they wrote, told and chose here, in one file, and nothing that is somebody else's."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Member
from members.services import blocks
from messaging.services import changing
from moderation.models import Kind
from moderation.services import asking, reporting
from moderation.services.reporting import Complaint
from notifications import preferences
from tests.cast import browser_of
from tests.factories.messaging import WORDS, accepted, offer_to, say
from tests.members.pages.sent import said

pytestmark = pytest.mark.django_db
ADDRESS = "/my-data/download/"


def taken_by(member: Member) -> dict[str, Any]:
    answer = browser_of(member).get(ADDRESS)
    assert answer["Content-Disposition"].startswith("attachment")
    found: dict[str, Any] = json.loads(answer.content)
    return found


def test_it_has_every_kind_of_thing(asker: Member, helper: Member, outsider: Member) -> None:
    thread = offer_to(asker, helper)
    gone = say(helper, thread, "I take this back.")
    say(helper, thread, "See you on Tuesday.")
    say(asker, thread, "Ring twice, please.")
    changing.delete_message(helper, gone)
    preferences.change(helper, email="daily")
    blocks.block(helper, outsider.pk)
    reporting.report(helper, Kind.MEMBER, outsider.pk, Complaint("spam", "Sells vitamins."))
    asking.ask(helper, "How do I change my town?")
    mine = taken_by(helper)
    assert set(mine) == {
        "account", "decisions", "tokens", "blocked", "alerts", "help_requests", "messages", "reports", "questions",
        "request_being_written", "restrictions", "decisions_about_me", "earlier_system",
    }  # fmt: skip
    assert [row["words"] for row in mine["messages"]] == [WORDS, "", "See you on Tuesday."]
    assert mine["messages"][1]["deleted_at"]
    assert mine["alerts"]["email"] == "daily"
    assert mine["blocked"][0]["called"] == "Olga"
    assert (mine["reports"][0]["reason"], mine["reports"][0]["description"]) == ("spam", "Sells vitamins.")
    assert mine["questions"][0]["question"] == "How do I change my town?"
    assert mine["help_requests"] == []
    theirs = taken_by(asker)
    assert [row["title"] for row in theirs["help_requests"]] == [thread.help_request.title]  # type: ignore[union-attr]
    assert [row["words"] for row in theirs["messages"]] == ["Ring twice, please."]


def test_what_the_site_tells_is_nobodys_words(asker: Member, helper: Member) -> None:
    accepted(asker, helper)
    assert taken_by(asker)["messages"] == []


def test_nothing_in_it_is_somebody_elses(asker: Member, helper: Member) -> None:
    """Neither their words nor what they said about one, nor who it was that blocked one."""
    thread = offer_to(asker, helper)
    say(asker, thread, "Ring twice, please.")
    reporting.report(asker, Kind.MESSAGE, thread.pk, Complaint("other", "It was the tone.", also_block=True))
    mine = json.dumps(taken_by(helper))
    for theirs in ("Ring twice", "the tone", asker.email, asker.password, helper.password):
        assert theirs not in mine


def test_what_one_asked_of_it_costs_the_same(asker: Member, helper: Member) -> None:
    browser, counts = browser_of(helper), []
    for _ in range(2):
        offer_to(asker, helper)
        asking.ask(helper, "How do I change my town?")
        with CaptureQueriesContext(connection) as statements:
            browser.get(ADDRESS)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 17


def test_the_page_says_what_the_file_has(declined: Member, asker: Member) -> None:
    for member in (declined, asker):
        page = said(browser_of(member).get("/my-data/"))
        assert "your requests, your messages, your reports and your questions" in page
        assert "Download it as a file" in page

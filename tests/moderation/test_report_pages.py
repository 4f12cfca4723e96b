"""What one reported: what came of it, when it is certain, and asking for another look."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from members.models import Member
from members.services import blocks
from moderation.models import Action, Appeal, Case, Decision, Kind, Report
from moderation.services import appealing, reporting, undoing
from moderation.services.reporting import Complaint
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.factories.moderation import another_moderator, decide, reported_message, ten_minutes_pass
from tests.members.pages.sent import said

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]
NO_BREACH = "Thank you. We looked and found no broken rule. You can still block this person."
AGAIN = "Please read it again."


@pytest.fixture
def report(asker: Member, helper: Member) -> Report:
    return reported_message(asker, helper, description="He asked twice.")


def page_of(report: Report) -> str:
    return f"/reports/{report.pk}/"


def acted(report: Report, moderator: Member, **more: object) -> Decision:
    made = decide(moderator, report.case, Action.SUSPEND, days=7, **more)
    ten_minutes_pass(made)
    return made


def found_nothing(report: Report, moderator: Member) -> Decision:
    made = decide(moderator, report.case, Action.NOTHING, rule=None, reporter_words=NO_BREACH)
    ten_minutes_pass(made)
    return made


def test_until_it_is_certain_it_waits(report: Report, asker: Member, moderator: Member) -> None:
    browser = browser_of(asker)
    for is_decided in (False, True):
        if is_decided:
            decide(moderator, report.case, Action.SUSPEND, days=7)
        listed, page = said(browser.get("/reports/")), said(browser.get(page_of(report)))
        for text in (listed, page):
            assert "A person reads it by" in text
            assert "tomorrow" in text
        assert "Waits to be read" in listed
        assert f"Thank you. Case {report.case.number}." in page
        assert "He asked twice." in page
        assert "took action" not in listed + page
        assert "<textarea" not in page
    assert browser.post(page_of(report), {"words": AGAIN}).status_code == 403


def test_a_late_report_is_owned_up_to(report: Report, asker: Member) -> None:
    Case.objects.filter(pk=report.case_id).update(due_at=now() - timedelta(hours=1))
    assert "We are late with this, and we are sorry." in said(browser_of(asker).get("/reports/"))


def test_action_was_taken_and_nothing_leaks_of_it(report: Report, asker: Member, moderator: Member) -> None:
    acted(report, moderator)
    browser = browser_of(asker)
    listed, page = said(browser.get("/reports/")), said(browser.get(page_of(report)))
    assert "Decided: we took action" in listed
    assert "Thank you. We looked and took action." in page
    assert f"Our answer to case {report.case.number}" in page
    for secret in ("paused", "Rule 5", "Please do not ask for money again", "can you send", "Mo "):
        assert secret not in listed + page, secret
    assert f'href="/people/{report.author_id}/block/"' in page


def test_no_rule_broken_and_the_block_that_is_left(report: Report, asker: Member, moderator: Member) -> None:
    found_nothing(report, moderator)
    browser = browser_of(asker)
    assert "Decided: no broken rule" in said(browser.get("/reports/"))
    assert NO_BREACH in said(browser.get(page_of(report)))
    blocks.block(asker, report.author_id)
    assert "You blocked Ben." in said(browser.get(page_of(report)))


def test_asked_again_once_and_kept(report: Report, asker: Member, moderator: Member) -> None:
    found_nothing(report, moderator)
    browser = browser_of(asker)
    for _ in range(2):
        assert browser.post(page_of(report), {"words": AGAIN})["Location"] == f"{page_of(report)}#again"
    assert browser.post(page_of(report), {"words": "Other words."}).status_code == 409
    page = said(browser.get(page_of(report)))
    assert "You asked us to look again" in page
    assert "Somebody else reads all of it again by" in page
    assert "<textarea" not in page
    decide(
        another_moderator(), Appeal.objects.get().case, Action.KEEP, rule=None, reporter_words="It is a joke of theirs."
    )
    page = said(browser.get(page_of(report)))
    assert "We looked again, and our decision stays." in page
    assert "It is a joke of theirs." in page
    assert "Decided: no broken rule" in page


def test_who_was_right_hears_that_it_is_decided_anew(report: Report, asker: Member, moderator: Member) -> None:
    found_nothing(report, moderator)
    appeal = appealing.appeal_report(asker, report.pk, AGAIN)
    other = another_moderator()
    decide(other, appeal.case, Action.OVERTURN, rule=None, reporter_words="You were right to ask.")
    browser = browser_of(asker)
    page = said(browser.get(page_of(report)))
    assert f"We look at case {report.case.number} again" in page
    assert "You were right to ask." in page
    assert "A person reads this within 24 hours" not in page
    again = decide(other, Case.objects.get(pk=report.case_id), Action.WARN)
    assert "took action" not in said(browser.get(page_of(report)))
    ten_minutes_pass(again)
    page = said(browser.get(page_of(report)))
    assert "We looked and took action." in page
    assert "<textarea" in page, "of a new decision they may ask again"


@pytest.mark.parametrize("how", ["reversed", "on appeal"])
def test_what_was_taken_back_is_said_without_what_it_was(
    how: str, report: Report, asker: Member, helper: Member, moderator: Member
) -> None:
    made = acted(report, moderator)
    if how == "reversed":
        undoing.reverse(moderator, made.pk, "A joke.", "We are sorry, Ben.")
    else:
        appeal = appealing.appeal_decision(helper, made.pk, "A joke.")
        decide(another_moderator(), appeal.case, Action.OVERTURN, rule=None, words="We are sorry, Ben.")
    browser = browser_of(asker)
    page = said(browser.get(page_of(report)))
    assert "We looked again, and took back what we had decided." in page
    assert "Decided: no broken rule" in said(browser.get("/reports/"))
    assert "sorry, Ben" not in page
    assert "<textarea" not in page


def test_only_mine_newest_first_and_at_the_same_cost(asker: Member, helper: Member, moderator: Member) -> None:
    browser, counts = browser_of(asker), []
    for number in range(2):
        found_nothing(reported_message(asker, helper, text=f"Say {number}"), moderator)
        with CaptureQueriesContext(connection) as statements:
            browser.get("/reports/")
        counts.append(len(statements))
    assert counts[0] == counts[1]
    reporting.report(helper, Kind.MEMBER, asker.pk, Complaint("spam"))
    last = reporting.report(asker, Kind.MEMBER, MemberFactory(called="Cy").pk, Complaint("unsafe_visit"))
    page = browser.get("/reports/")
    assert page.context["reports"][0].report.pk == last.pk
    assert len(page.context["reports"]) == 3
    for part in ("Cy", "Unsafe visit", f"Case {last.case.number}", "A message from Ben", "Scam or money"):
        assert part in said(page)
    assert browser_of(helper).post(page_of(last), {"words": AGAIN}).status_code == 404
    assert browser.get("/reports/", {"cursor": "nonsense\x00"}).status_code == 200

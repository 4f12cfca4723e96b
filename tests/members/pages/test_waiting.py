"""Where people stand: never a dead end, never a circle."""

import json

import pytest
from django.test import Client

from members.models import Member, VerificationChange
from members.services import verification
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.members.pages.sent import letters_to, said

pytestmark = pytest.mark.django_db
AGAIN = {"reason": "I have moved to Nixa since, and my aunt lives there."}


@pytest.fixture
def turned_away(verifier: Member, waiting: Member) -> Member:
    verification.reject(verifier, waiting.pk, "We serve only people who live in our area.")
    waiting.refresh_from_db()
    return waiting


def test_who_waits_sees_how_far_they_are(waiting: Member) -> None:
    page = said(browser_of(waiting).get("/waiting/"))
    assert "Thanks, Wen." in page
    assert "A person reads every request. This takes 1 to 2 days. We will email you." in page
    assert page.count('aria-current="step"') == 1
    for words in ("Our six rules", "Staying safe", "Pick up groceries on Tuesday", waiting.reason):
        assert words in page


def test_an_unchecked_email_comes_first_and_can_be_sent_again() -> None:
    member = MemberFactory(unchecked=True)
    browser = browser_of(member)
    assert f"Check your email, {member.called}." in said(browser.get("/waiting/"))
    answer = browser.post("/waiting/send-again/", follow=True)
    assert answer.redirect_chain == [("/waiting/", 302)]
    assert "We sent the link again." in said(answer)
    assert letters_to(member) == ["confirm_email"]
    for _ in range(4):
        browser.post("/waiting/send-again/")
    assert browser.post("/waiting/send-again/").status_code == 429


def test_while_they_wait_people_may_say_it_better(waiting: Member) -> None:
    browser = browser_of(waiting)
    better = {"caregiving": "I look after both of my parents.", "reason": "I need a hand with the shopping."}
    assert waiting.reason in said(browser.get("/waiting/answer/"))
    answer = browser.post("/waiting/answer/", better, follow=True)
    assert '<p class="flash__words">Saved.</p>' in said(answer)
    assert better["reason"] in said(answer)
    answer = browser.post("/waiting/answer/", better | {"reason": "Short."})
    assert answer.status_code == 400
    assert better["caregiving"] in said(answer)


def test_a_decision_made_meanwhile_wins_over_a_late_change(verifier: Member, waiting: Member) -> None:
    browser = browser_of(waiting)
    verification.approve(verifier, waiting.pk)
    answer = browser.post("/waiting/answer/", {"caregiving": "x" * 20, "reason": "y" * 20})
    assert answer["Location"] == "/waiting/"
    waiting.refresh_from_db()
    assert waiting.reason != "y" * 20


def test_who_was_let_in_chooses_where_to_begin(asker: Member) -> None:
    browser = browser_of(asker)
    page = said(browser.get("/waiting/"))
    assert "What do you want to do first?" in page
    assert "Ask for help" in page
    assert "See who needs help" in page
    for address in ("/requests/", "/requests/new/"):
        assert f'href="{address}"' in page
        assert browser.get(address).status_code == 200


def test_who_was_declined_reads_why_and_can_ask_again_once(turned_away: Member) -> None:
    browser = browser_of(turned_away)
    page = said(browser.get("/waiting/"))
    assert "We could not say yes this time." in page
    assert "We serve only people who live in our area." in page
    answer = browser.post("/waiting/", {"reason": "Please."})
    assert answer.status_code == 400
    assert "Please." in said(answer)
    answer = browser.post("/waiting/", AGAIN, follow=True)
    assert answer.redirect_chain == [("/waiting/", 302)]
    assert "Thank you. We will look again." in said(answer)
    turned_away.refresh_from_db()
    assert turned_away.is_pending
    # The second press of a double click.
    assert browser.post("/waiting/", AGAIN).status_code == 200
    assert VerificationChange.objects.filter(member=turned_away, to_status="pending").count() == 1


def test_the_small_room_has_their_data_and_the_way_out(turned_away: Member) -> None:
    browser = browser_of(turned_away)
    page = said(browser.get("/my-data/"))
    assert turned_away.email in page
    assert "We serve only people who live in our area." in page
    answer = browser.get("/my-data/download/")
    assert "attachment" in answer["Content-Disposition"]
    data = json.loads(answer.content)
    assert data["account"]["email"] == turned_away.email
    assert data["decisions"][0]["reason"] == "We serve only people who live in our area."
    assert turned_away.password not in answer.content.decode()
    assert browser.post("/logout/")["Location"] == "/login/"


def test_own_data_is_for_its_owner_only(client: Client, helper: Member, asker: Member) -> None:
    assert client.get("/my-data/")["Location"].startswith("/login/")
    assert client.get("/my-data/download/")["Location"].startswith("/login/")
    assert asker.email not in said(browser_of(helper).get("/my-data/download/"))

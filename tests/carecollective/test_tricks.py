"""What somebody could try who means no good, or whose browser sends what no form of ours would."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from help_requests.models import HelpRequest
from members.models import Block, Member
from messaging.services import offering
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import PASSWORD
from tests.help_requests.walk import at, fill_in

pytestmark = pytest.mark.django_db

ELSEWHERE = "//elsewhere.example/sign-in"


def test_a_page_that_fails_leads_back_to_a_page_of_ours_alone(asker: Member) -> None:
    """The address before may begin with two slashes, and then a browser takes what follows for another site."""
    came_from = f"http://testserver{ELSEWHERE}"
    answer = browser_of(asker).post("/notices/read/", {"up_to": "x"}, headers={"Referer": came_from})
    assert answer.status_code == 400
    assert ELSEWHERE not in answer.content.decode()


def test_signing_in_again_leads_to_a_page_of_ours_alone(client: Client) -> None:
    answer = client.post("/notices/read/", {"up_to": 1}, headers={"Referer": f"http://testserver{ELSEWHERE}"})
    assert answer["Location"] == "/login/?next=%2F"


def test_cookies_of_ours_go_over_tls_alone(asker: Member, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SESSION_COOKIE_SECURE = True
    asked, browser = HelpRequestFactory(), browser_of(asker)
    note = {"note": "I can carry the bags on Tuesday.", "client_id": str(uuid4())}
    browser.post(f"/requests/{asked.pk}/offer/", note)
    assert browser.cookies["taken"]["secure"]

    def fail(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(offering, "offer_help", fail)
    browser.post(f"/requests/{HelpRequestFactory().pk}/offer/", note | {"client_id": str(uuid4())})
    assert browser.cookies["failed_form"]["secure"]
    visitor = Client()
    visitor.post("/login/", {"email": asker.email, "password": PASSWORD})
    assert visitor.cookies["who"]["secure"]


@pytest.mark.parametrize("key", ["\0", "x" * 5000])
def test_a_key_that_no_form_of_ours_has_is_no_fault_of_ours(asker: Member, key: str) -> None:
    browser = browser_of(asker)
    fill_in(browser)
    answer = browser.post(at("check"), {"client_id": key, "seen": ""})
    assert answer.status_code == 400
    assert not HelpRequest.objects.exists()


@pytest.mark.parametrize("note", ["", "x" * 1001])
def test_a_form_for_a_request_that_is_over_does_not_come_back(helper: Member, note: str) -> None:
    """What nobody could send any more is not asked for again, and a stranger reads nothing of the request in it."""
    asked = HelpRequestFactory(cancelled=True)
    answer = browser_of(helper).post(f"/requests/{asked.pk}/offer/", {"note": note, "client_id": str(uuid4())})
    page = answer.content.decode()
    assert "<textarea" not in page
    assert "This request is closed now." in page
    assert note in page


def test_behind_a_block_an_empty_offer_tells_no_more_than_the_request_does(helper: Member) -> None:
    asked = HelpRequestFactory(needed_by=None, is_ongoing=True, expires_at=None)
    Block.objects.create(blocker=asked.requester, blocked=helper)
    answer = browser_of(helper).post(f"/requests/{asked.pk}/offer/", {"note": "", "client_id": str(uuid4())})
    assert "Ongoing" not in answer.content.decode()
    assert "<textarea" not in answer.content.decode()

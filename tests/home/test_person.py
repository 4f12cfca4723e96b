"""The page of a person: what members may know of each other, and no trace of who is not there."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from help_requests.models import HelpRequest, LocationPrivacy
from members.models import Member
from members.services import blocks
from messaging.services import requests
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory, helped_by
from tests.factories.members import MemberFactory
from tests.factories.messaging import accepted, offer
from tests.home.reading import words

pytestmark = pytest.mark.django_db


def page_of(person: Member, viewer: Member) -> Any:
    return browser_of(viewer).get(f"/people/{person.pk}/")


def test_it_says_what_members_may_know_and_no_more(asker: Member, helper: Member) -> None:
    Member.objects.filter(pk=asker.pk).update(about="I bake on Sundays.", created_at="2026-03-09T12:00:00Z")
    shown = words(page_of(asker, helper))
    for known in ("Ana", "Springfield", "Member since March 2026", "I bake on Sundays."):
        assert known in shown
    for private in ("Torres", asker.email, asker.caregiving, asker.reason, "Helped", "Change"):
        assert private not in shown, private
    assert f"Block {asker.called}" in shown


def test_how_often_somebody_helped_is_said_in_words(asker: Member, helper: Member) -> None:
    for said in ("Helped once", "Helped 2 times", "Helped 3 times"):
        requests.complete_request(asker, accepted(asker, helper).asked_for.pk)
        assert said in words(page_of(helper, asker))
    helped_by(asker)
    assert "Helped" not in words(page_of(asker, helper)), "what is not done does not count"


def test_their_requests_are_those_one_may_see(asker: Member, helper: Member) -> None:
    HelpRequestFactory(requester=asker, title="A lift to the market")
    HelpRequestFactory(requester=asker, title="It is over", completed=True)
    HelpRequestFactory(requester=asker, title="Its time ran out", expired=True)
    HelpRequestFactory(title="Of somebody else")
    shown = words(page_of(asker, helper))
    assert "Ana asks for" in shown
    assert "A lift to the market" in shown
    assert not any(title in shown for title in ("It is over", "ran out", "somebody else"))
    assert "asks for" not in words(page_of(helper, asker))


@pytest.mark.parametrize("privacy", [LocationPrivacy.HELPERS_ONLY, LocationPrivacy.AFTER_MATCH])
def test_a_town_that_a_request_keeps_is_kept_here_too(privacy: str, asker: Member, helper: Member) -> None:
    request = HelpRequestFactory(requester=asker, location_privacy=privacy)
    for number in range(6):
        HelpRequestFactory(requester=asker, title=f"A newer one {number}")
    assert "Springfield" not in browser_of(helper).get(f"/people/{asker.pk}/").content.decode().partition("asks for")[0]
    assert "Springfield" in words(page_of(asker, asker))
    if privacy == LocationPrivacy.HELPERS_ONLY:
        offer(helper, request)
    else:
        HelpRequest.objects.filter(pk=request.pk).update(helper=helper, status="in_progress", in_progress_at=now())
    assert "Springfield" in words(page_of(asker, helper)).partition("asks for")[0]


def test_one_s_own_page_says_what_others_see(asker: Member) -> None:
    HelpRequestFactory(requester=asker)
    shown = words(page_of(asker, asker))
    assert "This is what other members see of you." in shown
    assert "Change" in shown
    assert "You ask for" in shown
    assert not any(word in shown for word in ("Block", "Report"))


class TestWhoIsNotThere:
    @pytest.fixture
    def nowhere(self, helper: Member) -> bytes:
        return same(browser_of(helper).get(f"/people/{uuid4()}/"))

    @pytest.mark.parametrize("state", [{"waiting": True}, {"declined": True}, {"is_active": False}], ids=str)
    def test_accounts_that_are_not_open_to_others(self, state: Any, helper: Member, nowhere: bytes) -> None:
        assert same(page_of(MemberFactory(called="Xaver", **state), helper)) == nowhere

    @pytest.mark.parametrize("is_blocker", [True, False])
    def test_a_block_in_either_direction(
        self, is_blocker: bool, asker: Member, helper: Member, outsider: Member, nowhere: bytes
    ) -> None:
        blocks.block(*((asker, helper.pk) if is_blocker else (helper, asker.pk)))
        assert same(page_of(asker, helper)) == nowhere
        assert page_of(helper, asker).status_code == 404
        assert page_of(asker, outsider).status_code == page_of(helper, outsider).status_code == 200
        assert page_of(helper, helper).status_code == 200

    def test_what_is_no_id_is_no_page(self, helper: Member) -> None:
        for path in ("x", "1", f"{uuid4()}x", "%00"):
            assert browser_of(helper).get(f"/people/{path}/").status_code == 404

    def test_the_doors(self, client: Any, asker: Member, waiting: Member) -> None:
        assert client.get(f"/people/{asker.pk}/")["Location"].startswith("/login/")
        assert page_of(asker, waiting)["Location"] == "/waiting/"
        assert browser_of(asker).post(f"/people/{asker.pk}/").status_code == 405


def same(answer: Any) -> bytes:
    """The page without what marks this one request."""
    assert answer.status_code == 404
    marks = (answer.wsgi_request.id, answer.wsgi_request.id[-4:].upper())
    page: bytes = answer.content
    for mark in marks:
        page = page.replace(mark.encode(), b"")
    return page


def test_more_requests_take_no_more_statements(asker: Member, helper: Member) -> None:
    browser, counted = browser_of(helper), []
    for times in (1, 7):
        HelpRequestFactory.create_batch(times, requester=asker)
        with CaptureQueriesContext(connection) as captured:
            browser.get(f"/people/{asker.pk}/")
        counted.append(len(captured))
    assert counted == [6, 6]


def test_what_people_write_is_text(asker: Member, helper: Member) -> None:
    Member.objects.filter(pk=asker.pk).update(called="<b>Ana</b>", about="<script>alert(1)</script>\n& more")
    page = page_of(asker, helper).content.decode()
    assert "<script>alert" not in page
    assert "<b>Ana" not in page

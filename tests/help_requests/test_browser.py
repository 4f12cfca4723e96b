"""The pages of requests in a real browser on a small phone, as people use them."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import BrowserContext, Page, expect

from help_requests.models import HelpRequest
from members.models import Member
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory

LONG = "Sit with my father on Saturday from nine to noon, so that I can see my own doctor and rest for once"


@pytest.fixture
def ana(site: str, context: BrowserContext) -> Member:
    """She is signed in."""
    member = MemberFactory(called="Ana")
    session = browser_of(member).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    return member


@pytest.fixture
def hers(ana: Member) -> HelpRequest:
    day = localdate() + timedelta(days=3)
    return HelpRequestFactory(
        requester=ana, title=LONG, category="health-caregiving", needed_by=day, urgency="critical"
    )


def test_the_owner_sees_change_without_scrolling(page: Page, hers: HelpRequest) -> None:
    page.goto(f"/requests/{hers.pk}/")
    change = page.get_by_role("link", name="Change", exact=True).bounding_box()
    tabs = page.get_by_role("navigation", name="Main").bounding_box()
    assert change
    assert tabs
    assert change["y"] + change["height"] <= tabs["y"]


def test_closing_and_undoing_by_hand(page: Page, hers: HelpRequest) -> None:
    page.goto(f"/requests/{hers.pk}/posted/")
    page.get_by_role("link", name="See my request").click()
    page.get_by_role("link", name="Close", exact=True).click()
    tick(page, "I no longer need it")
    page.get_by_role("button", name="Close my request").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Your request is up again.")).to_be_visible()


def tick(page: Page, words: str) -> None:
    # The label covers its whole card, so that is what a person presses.
    page.locator("label").filter(has_text=words).click()

"""Reporting in a real browser, without a script."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from messaging.models import Conversation
from moderation.models import Report
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to
from tests.members.browser.rounds import come_as, press, tick


@pytest.fixture
def chat(page: Page, site: str) -> Conversation:
    """The one who may report it is signed in."""
    ana = MemberFactory(called="Ana")
    come_as(page, site, ana)
    return offer_to(ana, MemberFactory(called="Ben"))


class TestWithoutAScript:
    @pytest.fixture
    def browser_context_args(self, browser_context_args: dict[str, object]) -> dict[str, object]:
        return browser_context_args | {"java_script_enabled": False}

    def test_reporting_works(self, page: Page, context: BrowserContext, chat: Conversation) -> None:
        page.goto(f"/messages/{chat.pk}/report/?m={chat.pk}")
        expect(page.locator("blockquote")).to_contain_text("I can drop your bags on the porch.")
        tick(page, "Rude or threatening")
        page.get_by_label("Do you want to tell us more?").fill("It was the tone.")
        press(page, "Send this report")
        made = Report.objects.get()
        expect(page.get_by_role("heading", name=f"Thank you. Case {made.case.number}.")).to_be_visible()
        assert made.clear_description == "It was the tone."

"""The pages of reporting in a real browser: readable by everybody, at every width, in every look, without a script."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from members.models import Member
from messaging.models import Conversation
from moderation.models import Report
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to, say
from tests.members.browser.rounds import come_as, press, tick
from tests.members.browser.test_every_page import LOOKS, must_fit

LONG = "Wolfeschlegelsteinhausenbergerdorff"


@pytest.fixture
def ana(page: Page, site: str) -> Member:
    """She is signed in."""
    member = MemberFactory(called="Ana")
    come_as(page, site, member)
    return member


@pytest.fixture
def chat(ana: Member) -> Conversation:
    return offer_to(ana, MemberFactory(called=LONG))


def reporting(page: Page, chat: Conversation) -> Iterator[str]:
    page.goto(f"/messages/{chat.pk}/report/")
    yield "chat"
    page.goto(f"/messages/{chat.pk}/report/?m={say(chat.helper, chat, 'w' * 500)}")
    yield "message"
    press(page, "Send this report")
    yield "without a reason"
    tick(page, "Scam or money")
    press(page, "Send this report")
    yield "thanks"
    page.goto(f"/people/{chat.helper_id}/report/")
    yield "person"
    tick(page, "Something else")
    tick(page, f"Also block {LONG}")
    press(page, "Send this report")
    yield "thanks and blocked"


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_can_be_read_by_everybody(
    page: Page, site: str, chat: Conversation, axe: Callable[[Page], None], look: dict[str, str]
) -> None:
    page.context.add_cookies([{"name": name, "value": value, "url": site} for name, value in look.items()])
    for stop in reporting(page, chat):
        axe(page)
        if not look or "look_text" in look:
            must_fit(page, stop)


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
        expect(page.get_by_role("heading", name=f"Thank you. Case {made.number}.")).to_be_visible()
        assert made.clear_description == "It was the tone."

"""Two presses, two tabs, or back and once more: one offer, one message, one report, with a script and without."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from help_requests.models import HelpRequest
from members.models import Member
from messaging.models import Conversation, Message
from moderation.models import Report
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.messaging import WORDS, offer_to
from tests.members.browser.rounds import tick

pytestmark = pytest.mark.both_ways

WORD = "Tuesday is fine."


@pytest.fixture(params=[True, False], ids=["with a script", "without"])
def ben(request: pytest.FixtureRequest, browser: Browser, site: str, helper: Member) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=site,
        java_script_enabled=request.param,
        viewport={"width": 360, "height": 640},
        service_workers="block",
    )
    session = browser_of(helper).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    yield context
    context.close()


def tab(ben: BrowserContext, url: str) -> Page:
    """Whoever presses does so later than the scripts, which come after the page, are there."""
    page = ben.new_page()
    page.goto(url, wait_until="networkidle")
    return page


def press(page: Page, words: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).click()


def press_twice(page: Page, words: str) -> None:
    """Without a script the second press ends the journey the first began: whoever presses waits for what is said."""
    page.get_by_role("button", name=words, exact=True).dblclick()


def offers(asked: HelpRequest) -> int:
    return Conversation.objects.filter(help_request=asked).count()


def test_an_offer(ben: BrowserContext, asker: Member) -> None:
    asked = HelpRequestFactory(requester=asker)
    url, label, button = f"/requests/{asked.pk}/offer/", f"Your note to {asker.called}", "Send my offer"
    first, second = tab(ben, url), tab(ben, url)
    for page in (first, second):
        page.get_by_label(label).fill(WORDS)
    press_twice(first, button)
    expect(first.get_by_text("Your offer is sent.")).to_be_visible()
    assert offers(asked) == 1
    # In the other tab it is another form with another key: it leads to what is there.
    press(second, button)
    assert "/messages/" in second.url
    # Back to where the form was: there is none any more, or it leads to the same.
    first.go_back(wait_until="load")
    if first.get_by_role("button", name=button).is_visible():
        first.get_by_label(label).fill(WORDS)
        press(first, button)
    assert offers(asked) == 1


def test_a_message(ben: BrowserContext, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    url, label = f"/messages/{conversation.pk}/", "Your message"
    page = tab(ben, url)
    said = page.get_by_text(WORD, exact=True)
    box, button = page.get_by_label(label), page.get_by_role("button", name="Send", exact=True)
    key = page.locator("form [name=client_id]").get_attribute("value")
    box.fill(WORD)
    button.dblclick()
    expect(said).to_be_visible()
    expect(page.locator("[data-waiting] li")).to_have_count(0)
    assert Message.objects.count() == 1
    # Away and back again, in a browser that brings the form back as it was.
    page.goto(url, wait_until="networkidle")
    page.locator("form [name=client_id]").evaluate("(it, key) => { it.value = key; }", key)
    box.fill(WORD)
    button.click()
    expect(box).to_have_value("")
    expect(said).to_be_visible()
    expect(page.locator("[data-waiting] li")).to_have_count(0)
    assert Message.objects.count() == 1


def test_a_report(ben: BrowserContext, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    url = f"/messages/{conversation.pk}/report/"
    first, second = tab(ben, url), tab(ben, url)
    for page in (first, second):
        tick(page, "Rude or threatening")
    press_twice(first, "Send this report")
    thanks = first.get_by_role("heading", name="Thank you. Case ")
    expect(thanks).to_be_visible()
    assert thanks.inner_text() == f"Thank you. Case {Report.objects.get().case.number}."
    press(second, "Send this report")
    first.go_back(wait_until="load")
    tick(first, "Rude or threatening")
    press(first, "Send this report")
    assert Report.objects.count() == 1

"""The list of chats in a real browser: at three widths, beside an open chat, by keyboard, without JavaScript."""

import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, ViewportSize, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from members.models import Member
from messaging.models import Conversation
from messaging.services import closing
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to, say

LOOKS: list[dict[str, str]] = [{}, {"look_theme": "dark"}, {"look_contrast": "more"}, {"look_text": "3"}]
WIDE: ViewportSize = {"width": 1280, "height": 800}


@pytest.fixture
def ana() -> Member:
    return MemberFactory(called="Ana")


@pytest.fixture
def chats(ana: Member) -> list[Conversation]:
    """An offer with two words that are new, one with a long name, one that has ended."""
    people = [MemberFactory(called=name) for name in ("Ben", "Wolfeschlegelsteinhausenbergerdorff", "Cora")]
    made = [offer_to(ana, helper) for helper in people]
    closing.close_conversation(people[2], made[2].pk)
    say(people[0], made[0], "https://example.org/" + "verylongaddress" * 12)
    return made


def come_in(context: BrowserContext, site: str, member: Member) -> None:
    session = browser_of(member).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])


def test_a_row_says_all_of_it_and_the_list_can_be_narrowed(
    page: Page, site: str, ana: Member, chats: list[Conversation]
) -> None:
    come_in(page.context, site, ana)
    page.goto("/messages/")
    row = page.get_by_role("link", name="Ben, Pick up groceries on Tuesday, 2 new, today ")
    expect(row).to_have_accessible_name(
        re.compile(r"^Ben, Pick up groceries on Tuesday, 2 new, today \d{1,2}:\d\d [AP]M$")
    )
    with page.expect_navigation():
        page.get_by_role("link", name="Ended").click()
    expect(page.get_by_role("link", name="Ended")).to_have_attribute("aria-current", "page")
    expect(page.locator(".talk__link")).to_have_count(1)
    with page.expect_navigation():
        page.get_by_role("link", name="Offers I sent").click()
    expect(page.get_by_text("You have not offered help yet.")).to_be_visible()


def test_on_a_wide_screen_the_list_stands_beside_the_open_chat(
    page: Page, site: str, axe: Callable[[Page], None], ana: Member, chats: list[Conversation]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    come_in(page.context, site, ana)
    page.goto(f"/messages/{chats[0].pk}/", wait_until="networkidle")
    assert not any("beside" in url for url in asked), "a phone pays nothing for it"
    expect(page.locator(".panes__list")).to_be_hidden()

    page.set_viewport_size(WIDE)
    pane = page.get_by_role("navigation", name="Your chats")
    expect(pane.get_by_role("link")).to_have_count(3)
    expect(pane.locator("[aria-current=page]")).to_have_accessible_name(re.compile("^Ben, "))
    left, right = pane.bounding_box(), page.locator("h1").bounding_box()
    assert left
    assert right
    assert left["x"] + left["width"] <= right["x"]
    # On from one chat to the next by keys alone, without losing one's place.
    pane.get_by_role("link", name="Cora").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cora")
    expect(pane.locator("[aria-current=page]")).to_have_accessible_name(re.compile("^Cora, "))
    for look in LOOKS:
        page.context.add_cookies([{"name": name, "value": value, "url": site} for name, value in look.items()])
        page.reload(wait_until="networkidle")
        expect(pane.locator(".talk__link")).to_have_count(3)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, look
        axe(page)
        page.context.clear_cookies(name=re.compile("look_"))


def test_a_list_that_does_not_come_says_so_and_can_be_asked_for_again(
    page: Page, site: str, axe: Callable[[Page], None], ana: Member, chats: list[Conversation]
) -> None:
    come_in(page.context, site, ana)
    page.set_viewport_size(WIDE)
    is_down = True

    def answer(route: Route) -> None:
        route.fulfill(status=503, body="") if is_down else route.continue_()

    page.route("**/beside/", answer)
    page.goto(f"/messages/{chats[0].pk}/")
    pane = page.get_by_role("navigation", name="Your chats")
    expect(pane.get_by_text("We could not load your messages.")).to_be_visible()
    axe(page)
    with page.expect_response("**/beside/"):
        pane.get_by_role("button", name="Try again").click()
    expect(pane.get_by_text("We could not load your messages.")).to_be_visible()
    is_down = False
    # The open chat may be read at this moment, and then the list is asked for without a press.
    with suppress(PlaywrightTimeout):
        pane.get_by_role("button", name="Try again").click(timeout=2000)
    expect(pane.get_by_role("link")).to_have_count(3)


def test_without_javascript_there_is_one_pane_and_every_way_is_a_link(
    browser: Browser, site: str, ana: Member, chats: list[Conversation]
) -> None:
    context = browser.new_context(base_url=site, java_script_enabled=False, viewport=WIDE)
    come_in(context, site, ana)
    page = context.new_page()
    for width in (360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 720})
        page.goto("/messages/?show=answer")
        assert page.locator(".talk__link").count() == 2, width
        with page.expect_navigation():
            page.get_by_role("link", name="Ben, Pick up groceries").click()
        expect(page.locator(".panes__list")).to_be_hidden()
        with page.expect_navigation():
            page.get_by_role("link", name="All messages").click()
    context.close()


def test_a_question_first_puts_the_cursor_in_the_box(
    page: Page, site: str, ana: Member, chats: list[Conversation]
) -> None:
    come_in(page.context, site, ana)
    page.goto(f"/messages/{chats[0].pk}/", wait_until="networkidle")
    page.get_by_role("link", name="Ask a question first").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(page.get_by_label("Your message")).to_be_in_viewport()

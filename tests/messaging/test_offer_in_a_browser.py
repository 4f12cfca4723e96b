"""Offering help in a real browser: a page on phones, a dialog over the request where there is room."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from help_requests.models import HelpRequest
from members.models import Member
from messaging.models import Conversation
from messaging.services import requests
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import PASSWORD, MemberFactory
from tests.factories.messaging import WORDS, offer
from tests.static.test_shell import SMALL_TARGETS

LONG = "Sit with my father on Saturday from nine to noon, so that I can see my own doctor and rest for once"
BIG = ("look_text", "3")
LOOKS = (("look_theme", "dark"), ("look_contrast", "more"), BIG)
PHONE, TABLET, FLAT = (360, 640), (768, 1024), (1280, 620)
COVERED = """(bar) => {
  const place = bar.getBoundingClientRect(), it = document.activeElement, box = it.getBoundingClientRect();
  if (bar.contains(it) || it.closest("nav, header") || it === document.body) return "";
  return box.bottom > place.top + 1 && box.top < place.bottom ? it.outerHTML : "";
}"""


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


@pytest.fixture
def ben(site: str, page: Page) -> Member:
    """He is signed in, in front of a tablet."""
    member = MemberFactory(called="Ben", email="ben@example.org")
    session = browser_of(member).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    resize(page, TABLET)
    return member


@pytest.fixture
def asked(ben: Member) -> HelpRequest:
    return HelpRequestFactory(requester=MemberFactory(called="Ana"), title=LONG, description="Please come. " * 60)


def opened(page: Page, asked: HelpRequest) -> Locator:
    page.goto(f"/requests/{asked.pk}/", wait_until="networkidle")
    page.get_by_role("link", name="Offer help").click()
    dialog = page.get_by_role("dialog", name="Offer help to Ana")
    expect(dialog).to_be_visible()
    return dialog


def box_of(dialog: Locator) -> Locator:
    return dialog.get_by_label("Your note to Ana")


def send(dialog: Locator) -> None:
    dialog.get_by_role("button", name="Send my offer").click()


def test_the_dialog_takes_the_focus_keeps_it_and_gives_it_back(page: Page, asked: HelpRequest) -> None:
    dialog = opened(page, asked)
    expect(box_of(dialog)).to_be_focused()
    expect(box_of(dialog)).to_have_accessible_description(
        "Example: Hi Ana. I shop at the market on Tuesdays after 5 PM. I can drop your bags on the porch. "
        "Up to 1000 letters."
    )
    for _ in range(8):
        page.keyboard.press("Tab")
        # Between its last part and its first one the browser's own bar has its turn.
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    # One of the two scrolls, never both.
    assert page.evaluate("getComputedStyle(document.documentElement).overflowY") == "hidden"
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("link", name="Offer help")).to_be_focused()

    dialog = opened(page, asked)
    box_of(dialog).fill("I could come")
    question = dialog.get_by_role("group", name="Leave without sending?")
    for _ in range(2):
        page.keyboard.press("Escape")
        expect(question.get_by_role("button", name="Keep writing")).to_be_focused()
        page.keyboard.press("Escape")
        expect(question).to_have_count(0)
        expect(box_of(dialog)).to_be_focused()
    expect(box_of(dialog)).to_have_value("I could come")
    dialog.get_by_role("link", name="Not now").click()
    dialog.get_by_role("button", name="Leave", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("link", name="Offer help")).to_be_focused()
    assert not Conversation.objects.exists()


def test_two_presses_in_the_dialog_offer_once(page: Page, asked: HelpRequest) -> None:
    dialog = opened(page, asked)
    box_of(dialog).fill(WORDS)
    with page.expect_navigation(url="**/messages/**"):
        dialog.get_by_role("button", name="Send my offer").evaluate("(it) => { it.click(); it.click(); }")
    expect(page.get_by_text("Your offer is sent. We are telling Ana.")).to_be_visible()
    assert Conversation.objects.count() == 1
    with page.expect_navigation():
        page.go_back()
    expect(page.get_by_role("link", name="Open your chat")).to_be_visible()


def test_what_is_wrong_is_said_inside_the_dialog_with_the_words_kept(
    page: Page, ben: Member, asked: HelpRequest, axe: Callable[[Page], None]
) -> None:
    dialog = opened(page, asked)
    box_of(dialog).fill("Yes")
    send(dialog)
    summary = dialog.get_by_role("alert", name="There is a problem")
    expect(summary).to_be_focused()
    expect(box_of(dialog)).to_have_value("Yes")
    summary.get_by_role("link", name="Please use 10 letters or more. You have 3.").click()
    expect(box_of(dialog)).to_be_focused()
    axe(page)

    box_of(dialog).fill(WORDS)
    page.route("**/offer/", lambda route: route.abort())
    send(dialog)
    expect(dialog.get_by_text("That did not reach us. Your words are safe. Please try again.")).to_be_visible()
    page.unroute("**/offer/")
    fault = {"status": 500, "body": "<main>That did not work</main>", "headers": {"X-Request-ID": "abc7f3k"}}
    page.route("**/offer/", lambda route: route.fulfill(**fault))  # type: ignore[arg-type]
    send(dialog)
    expect(dialog.get_by_text("It is our fault, not yours. Your words are safe.")).to_be_visible()
    expect(dialog.get_by_text("Error 7F3K")).to_have_count(0)
    send(dialog)
    expect(dialog.get_by_text("Error 7F3K")).to_be_visible()
    expect(box_of(dialog)).to_have_value(WORDS)
    axe(page)
    page.unroute("**/offer/")

    for _ in range(10):
        offer(ben, HelpRequestFactory())
    send(dialog)
    expect(dialog.get_by_role("alert")).to_contain_text("You have started 10 chats this hour.")
    expect(box_of(dialog)).to_have_value(WORDS)


def test_a_request_that_closes_behind_the_dialog(page: Page, asked: HelpRequest, axe: Callable[[Page], None]) -> None:
    dialog = opened(page, asked)
    box_of(dialog).fill(WORDS)
    requests.cancel_request(asked.requester, asked.pk)
    send(dialog)
    gone = page.get_by_role("dialog", name="This request is closed now.")
    expect(gone.get_by_role("heading", name="This request is closed now.")).to_be_focused()
    expect(gone.get_by_text("Your note is saved below if you want to copy it.")).to_be_visible()
    expect(gone.get_by_text(WORDS)).to_be_visible()
    assert gone.locator("textarea").count() == 0
    axe(page)
    with page.expect_navigation(url="**/requests/"):
        gone.get_by_role("link", name="See other requests").click()


def test_an_offer_made_in_another_tab_leads_to_its_chat_with_the_note_in_the_box(
    page: Page, ben: Member, asked: HelpRequest
) -> None:
    dialog = opened(page, asked)
    box_of(dialog).fill("I can also bring the heavy bottles.")
    offer(ben, asked)
    with page.expect_navigation(url="**/messages/**"):
        send(dialog)
    expect(page.get_by_text("You already offered to help Ana. Here is your chat.")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("I can also bring the heavy bottles.")
    assert Conversation.objects.count() == 1


def test_who_is_signed_out_meanwhile_signs_in_beside_it_and_sends_the_same_words(
    page: Page, asked: HelpRequest
) -> None:
    dialog = opened(page, asked)
    box_of(dialog).fill(WORDS)
    page.context.clear_cookies(name="sessionid")
    send(dialog)
    with page.context.expect_page() as beside:
        dialog.get_by_role("link", name="Sign in (opens a new tab)").click()
    tab = beside.value
    tab.get_by_label("Your email").fill("ben@example.org")
    tab.get_by_label("Your password", exact=True).fill(PASSWORD)
    with tab.expect_navigation():
        tab.get_by_role("button", name="Sign in").click()
    expect(box_of(dialog)).to_have_value(WORDS)
    with page.expect_navigation(url="**/messages/**"):
        send(dialog)
    expect(page.get_by_text("Your offer is sent.")).to_be_visible()


def test_the_dialog_in_every_look_and_size(
    page: Page, site: str, asked: HelpRequest, axe: Callable[[Page], None]
) -> None:
    for look, size in ((None, FLAT), *((look, TABLET) for look in LOOKS), (BIG, FLAT)):
        if look:
            page.context.clear_cookies(name=re.compile("look_"))
            page.context.add_cookies([{"name": look[0], "value": look[1], "url": site}])
        resize(page, size)
        dialog = opened(page, asked)
        axe(page)
        assert page.evaluate(SMALL_TARGETS) == []
        dialog.get_by_role("link", name="Not now").scroll_into_view_if_needed()
        expect(dialog.get_by_role("button", name="Send my offer")).to_be_in_viewport()
        box = dialog.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= size[1]


def test_on_a_phone_it_is_a_page_and_what_follows_fits_one_screen(page: Page, asked: HelpRequest) -> None:
    resize(page, PHONE)
    HelpRequest.objects.filter(pk=asked.pk).update(title="Pick up groceries on Tuesday")
    page.goto(f"/requests/{asked.pk}/", wait_until="networkidle")
    with page.expect_navigation(url="**/offer/"):
        page.get_by_role("link", name="Offer help").click()
    page.get_by_label("Your note to Ana").fill(WORDS)
    with page.expect_navigation(url="**/messages/**"):
        page.get_by_role("button", name="Send my offer").click()
    banner = page.get_by_role("status").filter(has_text="Your offer is sent.")
    expect(banner).to_contain_text("We are telling Ana. You can add to it here. We will email you when Ana answers.")
    expect(banner).to_contain_text(re.compile(r"Sent at \d+:\d\d [AP]M\."))
    expect(banner).to_be_in_viewport(ratio=1)
    expect(page.locator("#offer").get_by_text(WORDS)).to_be_visible()
    expect(page.get_by_label("Your message")).to_be_editable()
    shown = page.locator("main").inner_text().lower()
    assert not [words for words in ("pending", "no messages yet") if words in shown]


@pytest.mark.parametrize("text", ["1", "3"])
def test_the_bar_on_a_phone_covers_nothing_that_is_read_or_reached(
    page: Page, site: str, asked: HelpRequest, text: str
) -> None:
    page.context.add_cookies([{"name": "look_text", "value": text, "url": site}])
    resize(page, PHONE)
    page.goto(f"/requests/{asked.pk}/")
    bar = page.locator(".action-bar")
    expect(page.get_by_role("link", name="Offer help")).to_be_in_viewport()
    tabs = page.get_by_role("navigation", name="Main").bounding_box()
    at_first = bar.bounding_box()
    assert tabs
    assert at_first
    assert at_first["y"] + at_first["height"] <= tabs["y"] + 1
    for _ in range(14):
        page.keyboard.press("Tab")
        assert bar.evaluate(COVERED) == ""
    # At its end the page has room for every word, and for the bar between them.
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    facts, at_last = page.locator(".summary").bounding_box(), bar.bounding_box()
    last = page.get_by_role("link", name="Block Ana").bounding_box()
    assert facts
    assert at_last
    assert last
    assert facts["y"] + facts["height"] <= at_last["y"]
    assert at_last["y"] + at_last["height"] <= last["y"]
    assert last["y"] + last["height"] <= tabs["y"]

"""Asking for help in a real browser: by keyboard alone without JavaScript, pressed twice."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from help_requests.models import HelpRequest, RequestDraft
from help_requests.services import drafting
from members.models import Member
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer
from tests.help_requests.walk import at

NEEDED: dict[str, Any] = {
    "category": "groceries-meals",
    "title": "Pick up groceries on Tuesday",
    "when": "any",
    "urgency": "critical",
}


@pytest.fixture
def ana(site: str, context: BrowserContext) -> Member:
    """She is signed in."""
    member = MemberFactory(called="Ana")
    come_as(context, site, member)
    return member


@pytest.fixture
def plain(site: str, browser: Browser) -> Iterator[Page]:
    """A browser without JavaScript, on the smallest phone, with the largest letters."""
    context = browser.new_context(
        base_url=site, java_script_enabled=False, viewport={"width": 320, "height": 568}, reduced_motion="reduce"
    )
    context.add_cookies([{"name": "look_text", "value": "3", "url": site}])
    yield context.new_page()
    context.close()


def come_as(context: BrowserContext, site: str, member: Member, **more: str) -> None:
    cookies = {"sessionid": browser_of(member).cookies["sessionid"].value} | more
    context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])


def test_the_whole_way_by_keyboard_without_javascript(plain: Page, site: str) -> None:
    ana = MemberFactory(called="Ana")
    come_as(plain.context, site, ana)
    plain.goto("/requests/")
    press(plain, plain.get_by_role("main").get_by_role("link", name="Ask for help").first)

    must_be_told(plain, "Please choose what you need help with.", radio(plain, "Health and caregiving"))
    choose(plain, radio(plain, "Health and caregiving"), downs=1)
    go_on(plain)
    must_be_told(plain, "Please say in one line what you need.", plain.get_by_label("Say it in one line"))
    write(plain, "Pick up groceries on Tuesday")
    go_on(plain)
    write_at(plain, plain.get_by_label("Tell us a bit more"), "My hip hurts.")
    go_on(plain)
    day = plain.get_by_label("Which day?")
    expect(day).to_be_hidden()
    must_be_told(plain, "Please choose how soon.", radio(plain, "No rush"))
    choose(plain, radio(plain, "Any day"), downs=1)
    expect(day).to_be_visible()
    expect(plain.get_by_text("If someone is in danger, call 911 now.")).to_be_visible()
    choose(plain, radio(plain, "No rush"), downs=2)
    must_be_told(plain, "Please choose a day.", day)
    write(plain, (localdate() + timedelta(days=2)).strftime("%m%d%Y"))
    go_on(plain)
    tab_to(plain, plain.get_by_label("Not right now. That is fine."))
    plain.keyboard.press("Space")
    go_on(plain)

    expect(plain.get_by_role("heading", name="Check your answers")).to_be_visible()
    press(plain, plain.get_by_role("link", name="Change the line"))
    write_at(plain, plain.get_by_label("Say it in one line"), " ")
    go_on(plain, "Save")
    press(plain, plain.get_by_role("button", name="Post my request"))
    expect(plain.get_by_role("heading", name="Your request is up.")).to_be_visible()
    request = HelpRequest.objects.get(requester=ana)
    assert (request.category, request.urgency) == ("groceries-meals", "critical")
    assert (request.title, request.description) == ("Pick up groceries on Tuesday", "My hip hurts.")
    assert request.needed_by == localdate() + timedelta(days=2)

    press(plain, plain.get_by_role("link", name="Change it"))
    write_at(plain, plain.get_by_label("Say it in one line"), " at noon")
    press(plain, plain.get_by_role("button", name="Save"))
    expect(plain.get_by_role("status")).to_contain_text("Saved.")


def test_two_presses_and_two_windows_post_once(plain: Page, site: str) -> None:
    ana = MemberFactory(called="Ana")
    come_as(plain.context, site, ana)
    drafting.keep_answers(ana, uuid4(), NEEDED)
    other = plain.context.new_page()
    for page in (plain, other):
        page.goto(at("check"))
    plain.get_by_role("button", name="Post my request").dblclick(no_wait_after=True)
    expect(plain.get_by_role("heading", name="Your request is up.")).to_be_visible()
    press(other, other.get_by_role("button", name="Post my request"))
    assert other.url == plain.url
    plain.reload()
    plain.go_back()
    assert HelpRequest.objects.count() == 1
    assert not RequestDraft.objects.exists()


def test_who_helped_is_asked_only_of_those_who_were_helped_here(page: Page, ana: Member) -> None:
    request = HelpRequestFactory(requester=ana)
    offer(MemberFactory(called="Ben"), request)
    page.goto(f"/requests/{request.pk}/close/")
    who = page.get_by_role("group", name="Who helped you?")
    expect(who).to_be_hidden()
    page.locator("label").filter(has_text="I no longer need it").click()
    expect(who).to_be_hidden()
    page.locator("label").filter(has_text="Someone here helped me").click()
    expect(who).to_be_visible()
    page.locator("label").filter(has_text="Ben").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Close my request").click()
    expect(page).to_have_url(f"/requests/{request.pk}/thanks/")


def radio(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name)


def tab_to(page: Page, there: Locator) -> None:
    expect(there).to_have_count(1)
    for _ in range(40):
        if there.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {there}")


def choose(page: Page, first: Locator, downs: int) -> None:
    tab_to(page, first)
    page.keyboard.press("Space")
    for _ in range(downs):
        page.keyboard.press("ArrowDown")


def write(page: Page, words: str) -> None:
    page.keyboard.press("End")
    page.keyboard.type(words)


def write_at(page: Page, there: Locator, words: str) -> None:
    tab_to(page, there)
    write(page, words)


def press(page: Page, there: Locator) -> None:
    tab_to(page, there)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def go_on(page: Page, words: str = "Go on") -> None:
    press(page, page.get_by_role("button", name=words))


def must_be_told(page: Page, words: str, there: Locator) -> None:
    """Pressing with this answer missing puts the focus on the summary, and its link on the field."""
    assert page.locator("button[disabled]").count() == 0
    go_on(page)
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    tab_to(page, summary.get_by_role("link", name=words))
    page.keyboard.press("Enter")
    expect(there).to_be_focused()

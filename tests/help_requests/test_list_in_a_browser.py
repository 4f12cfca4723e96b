"""The list of requests in a real browser: filters beside it or in a sheet, with scripts and without."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect

from members.models import Member
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer

PHONE, DESKTOP = (360, 640), (1280, 800)


@pytest.fixture
def ben(site: str, page: Page) -> Member:
    """He is signed in, and there are 23 requests: one about a yard, one urgent, one that two people offered on."""
    member = MemberFactory(called="Ben", town="Springfield")
    for number in range(20):
        HelpRequestFactory(title=f"Groceries {number:02}", town="Nixa")
    HelpRequestFactory(title="Mow the lawn behind our house", category="household-yard")
    HelpRequestFactory(title="Somebody to sit with my mother tonight", urgency="critical", town="Nixa")
    eyes = HelpRequestFactory(title="Drive us to the eye doctor", town="Nixa")
    for _ in range(2):
        offer(MemberFactory(), eyes)
    session = browser_of(member).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    return member


def refused_by_policy(page: Page) -> list[str]:
    said: list[str] = []
    # The tests' own way of keeping service workers away is no fault of the page.
    page.on("console", lambda said_so: said.append(said_so.text) if _is_fault(said_so) else None)
    page.on("pageerror", lambda problem: said.append(str(problem)))
    return said


def _is_fault(said_so: ConsoleMessage) -> bool:
    return said_so.type in ("error", "warning") and "Service Worker registration blocked" not in said_so.text


def open_list(page: Page, size: tuple[int, int] = DESKTOP) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("/requests/", wait_until="networkidle")


def test_choosing_changes_the_list_alone_and_the_address_with_it(page: Page, ben: Member) -> None:
    said = refused_by_policy(page)
    open_list(page)
    page.evaluate("window.isTheSamePage = true")
    count = page.get_by_role("status")
    expect(count).to_have_text("23 requests")
    expect(page.get_by_text("2 people offered")).to_be_visible()
    side, first = page.locator(".filters__form").bounding_box(), page.locator("#list > li").first.bounding_box()
    assert side
    assert first
    assert side["x"] + side["width"] < first["x"]

    page.get_by_label("Topic").select_option("household-yard")
    expect(count).to_have_text("1 request")
    expect(page.get_by_role("link", name="Mow the lawn behind our house")).to_be_visible()
    assert page.locator("#list > li").count() == 1
    assert "category=household-yard" in page.url
    page.get_by_label("Words to look for").fill("piano")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No one needs this right now. Try all topics.")).to_be_visible()
    expect(count).to_have_text("0 requests")
    assert page.evaluate("window.isTheSamePage")

    # Nothing of it is kept by the browser, so going back asks again.
    assert "Mow the lawn" not in page.evaluate("JSON.stringify([sessionStorage, localStorage])")
    with page.expect_navigation(url="**category=household-yard**"):
        page.go_back()
    expect(page.get_by_role("link", name="Mow the lawn behind our house")).to_be_visible()
    expect(page.get_by_label("Topic")).to_have_value("household-yard")
    expect(page.get_by_label("Words to look for")).to_have_value("")
    page.get_by_role("link", name="See all requests").click()
    expect(count).to_have_text("23 requests")
    assert said == []


def test_show_more_adds_to_the_list_and_reading_goes_on_there(page: Page, ben: Member) -> None:
    open_list(page)
    assert page.locator("#list > li").count() == 20
    more = page.get_by_role("link", name="Show more")
    assert "cursor=" in (more.get_attribute("href") or "")
    more.click()
    expect(page.locator("#list > li")).to_have_count(23)
    expect(page.locator("#list > li a").nth(20)).to_be_focused()
    expect(more).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("23 requests")
    assert "cursor" not in page.url


def test_when_the_list_cannot_be_loaded_words_say_so_and_offer_another_try(
    page: Page, ben: Member, axe: Callable[[Page], None]
) -> None:
    open_list(page)
    trouble, count = page.get_by_role("alert"), page.get_by_role("status")
    blocks: list[Callable[[Route], None]] = [lambda route: route.abort(), lambda route: route.fulfill(status=503)]
    for block in blocks:
        page.route("**/requests/?**", block)
        page.get_by_label("How soon").select_option("critical")
        expect(trouble).to_contain_text("We could not load the list.")
        page.unroute("**/requests/?**")
        page.get_by_role("button", name="Try again").click()
        expect(count).to_have_text("1 request")
        expect(trouble).to_have_count(0)
        page.get_by_label("How soon").select_option("")
        expect(count).to_have_text("23 requests")

    # A network that says nothing at all is given three seconds; what comes later is still welcome.
    held: list[Route] = []
    page.route("**/requests/?**", lambda route: held.append(route))
    page.get_by_label("How soon").select_option("critical")
    expect(count).to_have_text("Looking…")
    expect(trouble).to_contain_text("We could not load the list.", timeout=4500)
    axe(page)
    held[0].continue_()
    expect(count).to_have_text("1 request")
    expect(trouble).to_have_count(0)


def test_whose_session_ended_meanwhile_is_led_to_sign_in_and_back(page: Page, ben: Member) -> None:
    open_list(page)
    page.context.clear_cookies(name="sessionid")
    with page.expect_navigation(url="**/login/**"):
        page.get_by_label("Topic").select_option("household-yard")
    assert "category%3Dhousehold-yard" in page.url


def test_on_a_phone_the_filters_are_a_sheet_that_folds_after_a_choice(page: Page, ben: Member) -> None:
    open_list(page, PHONE)
    expect(page.get_by_label("Topic")).not_to_be_visible()
    page.get_by_text("Choose what you see").click()
    page.get_by_label("Where").select_option("Springfield")
    expect(page.get_by_role("status")).to_have_text("1 request")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_label("Topic")).not_to_be_visible()
    expect(page.get_by_role("status")).to_be_focused()
    expect(page.get_by_role("link", name="Mow the lawn behind our house")).to_be_in_viewport()


def test_without_scripts_the_same_form_and_links_do_it(browser: Browser, page: Page, site: str, ben: Member) -> None:
    for width, height in (PHONE, DESKTOP):
        context = browser.new_context(
            base_url=site, java_script_enabled=False, viewport={"width": width, "height": height}
        )
        context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
        plain = context.new_page()
        plain.goto("/requests/")
        if (width, height) == PHONE:
            plain.get_by_text("Choose what you see").click()
        plain.get_by_label("Topic").select_option("groceries-meals")
        with plain.expect_navigation():
            plain.get_by_role("button", name="Show").click()
        assert "category=groceries-meals" in plain.url
        expect(plain.get_by_role("status")).to_have_text("22 requests")
        with plain.expect_navigation():
            plain.get_by_role("link", name="Show more").click()
        assert plain.locator("#list > li").count() == 2
        context.close()

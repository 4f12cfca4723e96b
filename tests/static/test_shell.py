"""The shell of every page, looked at in a real browser: width, targets, letters, focus, themes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

PAGES = ["/", "/rules/", "/safety/", "/help/", "/offline/", "/nowhere/"]
WIDTHS = [320, 360, 390, 601, 768, 1024, 1440]
LOOKS = [{}, {"look_theme": "dark"}, {"look_contrast": "more"}, {"look_text": "3"}]
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter((it) => it.checkVisibility({visibilityProperty: true}) && getComputedStyle(it).clipPath === "none")
  .filter((it) => !(getComputedStyle(it).display === "inline" && it.closest("p, li, dd")))
  .filter((it) => { const box = it.getBoundingClientRect(); return box.width < 43.9 || box.height < 43.9; })
  .map((it) => it.outerHTML.slice(0, 90))"""
SMALLEST_LETTERS = """() => Math.min(...[...document.querySelectorAll("body *")]
  .filter((it) => [...it.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
  .map((it) => parseFloat(getComputedStyle(it).fontSize)))"""


@pytest.fixture
def look(page: Page, site: str) -> Callable[[dict[str, str]], None]:
    def choose(cookies: dict[str, str]) -> None:
        page.context.clear_cookies()
        page.context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])

    return choose


@pytest.mark.parametrize("cookies", LOOKS, ids=str)
def test_every_page_fits_every_width(page: Page, look, cookies: dict[str, str]):
    look(cookies)
    for path in PAGES:
        page.goto(path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 640})
            too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert too_wide <= 0, f"{path} at {width}"
            header = page.locator("header:visible")
            assert header.count() == 1, path
            box = header.bounding_box()
            assert width >= 768 or (box and box["height"] <= 64), f"{path} at {width}: {box}"


@pytest.mark.parametrize("cookies", LOOKS, ids=str)
def test_axe_finds_nothing(page: Page, look, axe, cookies: dict[str, str]):
    look(cookies)
    for path in PAGES:
        page.goto(path)
        axe(page)


def test_targets_are_big_and_letters_too(page: Page, look):
    for cookies in ({}, {"look_text": "3"}):
        look(cookies)
        for path in PAGES:
            page.goto(path)
            assert page.evaluate(SMALL_TARGETS) == [], path
            assert page.evaluate(SMALLEST_LETTERS) >= 16, path


def test_the_chosen_look_is_in_the_first_answer(page: Page, look):
    look({"look_theme": "dark", "look_text": "2", "look_contrast": "more", "look_motion": "less"})
    answer = page.goto("/help/")
    assert answer
    assert 'data-theme="dark"' in answer.text()
    assert 'data-text="2"' in answer.text()
    assert 'data-contrast="more"' in answer.text()
    assert 'data-motion="less"' in answer.text()


def test_the_first_key_leads_past_the_header(page: Page):
    page.goto("/rules/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_nothing_moves_for_those_who_asked_for_calm(page: Page):
    page.emulate_media(reduced_motion="reduce")
    page.goto("/")
    page.hover(".button")
    assert page.evaluate("document.getAnimations().length") == 0


def test_nothing_is_refused_by_our_own_policy(page: Page):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    for path in PAGES[:-1]:
        page.goto(path)
    assert said == []


def test_the_time_zone_of_the_phone_is_remembered(page: Page):
    page.goto("/")
    page.wait_for_function("document.cookie.includes('tz=')")
    assert "tz" in {cookie["name"] for cookie in page.context.cookies()}


def test_every_page_has_its_own_title(page: Page):
    titles = []
    for path in PAGES:
        page.goto(path)
        titles.append(page.title())
    assert len(set(titles)) == len(titles)
    assert all("CARE Collective" in title for title in titles)
    assert titles[-1].startswith("Error: ")

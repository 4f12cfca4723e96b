"""The shell in a real browser, where one page speaks for all; tests/static/test_every_page.py looks at each."""

from playwright.sync_api import Page, expect

SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter((it) => it.checkVisibility({visibilityProperty: true}) && getComputedStyle(it).clipPath === "none")
  .filter((it) => !(getComputedStyle(it).display === "inline" && it.closest("p, li, dd")))
  .filter((it) => { const box = it.getBoundingClientRect(); return box.width < 43.9 || box.height < 43.9; })
  .map((it) => it.outerHTML.slice(0, 90))"""
SMALLEST_LETTERS = """() => Math.min(...[...document.querySelectorAll("body *")]
  .filter((it) => [...it.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
  .map((it) => parseFloat(getComputedStyle(it).fontSize)))"""


def test_the_first_key_leads_past_the_header(page: Page):
    page.goto("/rules/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


# Counted when it begins: a fade of a blink may be over before anybody asks.
BEGUN = "new Promise((tell) => requestAnimationFrame(() => requestAnimationFrame(() => tell(window.begun))))"


def test_nothing_moves_for_those_who_asked_for_calm(page: Page):
    """And what moves for the others is noticed, so that looking for it on every page means something."""
    moving = {}
    for wish in ("no-preference", "reduce"):
        page.emulate_media(reduced_motion=wish)
        page.goto("/")
        page.evaluate("window.begun = 0; addEventListener('transitionrun', () => window.begun++)")
        page.hover(".button")
        moving[wish] = page.evaluate(BEGUN)
    assert moving["no-preference"] > 0
    assert moving["reduce"] == 0


def test_the_time_zone_of_the_phone_is_remembered(page: Page):
    page.goto("/")
    page.wait_for_function("document.cookie.includes('tz=')")
    assert "tz" in {cookie["name"] for cookie in page.context.cookies()}

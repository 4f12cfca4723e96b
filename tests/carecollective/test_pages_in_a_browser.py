"""The pages of the frame and of the desk, in a real browser, in every theme and at every width."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from members import roles
from tests.cast import browser_of
from tests.factories.members import MemberFactory

PAGES = ["/", "/rules/", "/safety/", "/help/", "/offline/", "/api/docs", "/nothing/"]
WIDTHS = (320, 360, 390, 601, 768, 1024, 1440)
LOOKS = {
    "light": {"look_theme": "light"},
    "dark": {"look_theme": "dark"},
    "high contrast": {"look_contrast": "more"},
    "large": {"look_text": "3"},
}


def look(context: BrowserContext, site: str, name: str) -> None:
    context.clear_cookies(name=re.compile("look_.*"))
    context.add_cookies([{"name": key, "value": value, "url": site} for key, value in LOOKS[name].items()])


@pytest.mark.parametrize("name", LOOKS)
def test_axe_finds_nothing_on_any_page(
    page: Page, context: BrowserContext, site: str, axe: Callable[[Page], None], name: str
) -> None:
    look(context, site, name)
    for path in PAGES:
        page.goto(path)
        expect(page.locator("h1")).to_be_visible()
        axe(page)


def test_no_page_is_wider_than_the_screen(page: Page, context: BrowserContext, site: str) -> None:
    for name in ("light", "large"):
        look(context, site, name)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 640})
            for path in PAGES:
                page.goto(path)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width, name)


def test_no_page_asks_anybody_else_for_anything(page: Page, site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    problems: list[str] = []
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    for path in PAGES[:-1]:
        page.goto(path)
    assert asked
    assert {url for url in asked if not url.startswith((site, "data:"))} == set()
    assert problems == []


@pytest.mark.parametrize("name", ["light", "dark", "high contrast"])
def test_the_desk_has_nothing_serious_either(page: Page, context: BrowserContext, site: str, name: str) -> None:
    look(context, site, name)
    verifier, waiting = MemberFactory(role=roles.MODERATOR), MemberFactory(waiting=True)
    session = browser_of(verifier).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    page.set_viewport_size({"width": 1280, "height": 800})
    person = f"/admin/members/member/{waiting.pk}"
    for path in ("/admin/", "/admin/members/member/", f"{person}/change/", f"{person}/approve/", f"{person}/decline/"):
        page.goto(path)
        violations = Axe().run(page).response["violations"]
        serious = [found["id"] for found in violations if found["impact"] in ("serious", "critical")]
        assert serious == [], (path, [node["html"] for found in violations for node in found["nodes"]])

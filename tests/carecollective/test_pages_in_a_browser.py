"""The desk in a real browser, in three themes; tests/static/test_every_page.py looks at the pages of members."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from members import roles
from tests.cast import browser_of
from tests.factories.members import MemberFactory

LOOKS = {
    "light": {"look_theme": "light"},
    "dark": {"look_theme": "dark"},
    "high contrast": {"look_contrast": "more"},
}


def look(context: BrowserContext, site: str, name: str) -> None:
    context.clear_cookies(name=re.compile("look_.*"))
    context.add_cookies([{"name": key, "value": value, "url": site} for key, value in LOOKS[name].items()])


@pytest.mark.parametrize("name", LOOKS)
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

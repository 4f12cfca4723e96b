"""The page of alerts on a small phone: kept as it was chosen."""

from playwright.sync_api import BrowserContext, Page, expect

from notifications import preferences
from tests.cast import browser_of
from tests.factories.members import MemberFactory


def test_alerts_are_chosen_and_kept(site: str, context: BrowserContext, page: Page) -> None:
    member = MemberFactory(called="Ana")
    session = browser_of(member).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    page.goto("/me/")
    page.get_by_role("link", name="Alerts").click()
    page.locator("label").filter(has_text="Nobody").click()
    page.locator("label").filter(has_text="Never").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    chosen = preferences.of(member)
    assert (chosen.can_receive_from, chosen.email) == ("nobody", "off")

"""Two people in a real browser with JavaScript off, and the menus of a conversation."""

from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from members.models import Member
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, offer_to, say
from tests.static.test_shell import SMALL_TARGETS
from tests.support.talking import Comer


@pytest.fixture
def come_in(come_in: Comer) -> Comer:
    """A phone of their own, without JavaScript."""
    return partial(come_in, java_script_enabled=False, locale="en-US")


def press(page: Page, words: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).click()


def follow(page: Page, words: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=words).first.click()


def test_two_people_do_the_whole_thing_without_javascript(come_in: Callable[[Member], Page]) -> None:
    asker, helper = MemberFactory(called="Ana"), MemberFactory(called="Ben")
    HelpRequestFactory(requester=asker)
    ana, ben = come_in(asker), come_in(helper)

    ben.goto("/requests/")
    follow(ben, "Pick up groceries on Tuesday")
    follow(ben, "Offer help")
    ben.get_by_label("Your note to Ana").fill(WORDS)
    press(ben, "Send my offer")
    expect(ben.get_by_text("Your offer is sent.")).to_be_visible()

    ana.goto("/messages/")
    follow(ana, "Ben")
    expect(ana.get_by_text(WORDS)).to_be_visible()
    ana.get_by_label("Your message").fill("Could you come at six?")
    press(ana, "Send")
    expect(ana.get_by_text("Could you come at six?", exact=True)).to_be_in_viewport()

    ben.reload()
    ben.get_by_label("Your message").fill("Six is fine.")
    press(ben, "Send")
    expect(ben.get_by_text("Six is fine.", exact=True)).to_be_in_viewport()

    follow(ana, "Yes, accept")
    press(ana, "Yes, accept")
    expect(ana.get_by_text("You accepted Ben’s offer.")).to_be_visible()
    expect(ana.get_by_text("Ben is your helper.")).to_be_visible()

    ben.reload()
    ben.locator("summary").filter(has_text="your message: Six is fine.").click()
    follow(ben, "Edit")
    ben.get_by_label("Your message").fill("Half past six is fine.")
    press(ben, "Save")
    expect(ben.get_by_text("Half past six is fine.", exact=True)).to_be_visible()

    ben.locator("summary").filter(has_text="More").first.click()
    follow(ben, "I cannot help after all")
    press(ben, "I cannot help after all")
    expect(ben.get_by_text("You took your offer back. We are telling Ana.")).to_be_visible()
    follow(ben, "Offer again")
    press(ben, "Offer again")

    ana.reload()
    follow(ana, "No, thanks")
    ana.locator("label").filter(has_text="I have found help this time.").click()
    press(ana, "Send my answer")
    expect(ana.get_by_text("You said no to this offer.").first).to_be_visible()
    ben.reload()
    expect(ben.get_by_text("Ana has found another way this time.").first).to_be_visible()
    assert ben.get_by_role("button", name="Send").count() == 0


def test_an_open_menu_stays_on_the_page(page: Page, site: str, axe: Callable[[Page], None]) -> None:
    ana, ben = MemberFactory(called="Ana"), MemberFactory(called="Ben")
    conversation = offer_to(ana, ben)
    say(ana, conversation, "No.")
    page.context.add_cookies([{"name": "sessionid", "value": browser_of(ana).cookies["sessionid"].value, "url": site}])
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"/messages/{conversation.pk}/")
    for summary in page.locator("summary").all():
        summary.click()
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.evaluate(SMALL_TARGETS) == []
        for link in page.locator("[open] .menu__list a").all():
            box = link.bounding_box()
            assert box
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 320

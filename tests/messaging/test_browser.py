"""Two people in a real browser with JavaScript off, and every page of theirs at every width."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from help_requests.models import HelpRequest
from members.models import Member
from members.services import blocks
from messaging.models import Conversation
from messaging.services import closing, deciding
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, offer, offer_to, say
from tests.static.test_shell import SMALL_TARGETS, SMALLEST_LETTERS

LONG_WORD = "https://example.org/" + "verylongaddress" * 12
PUT_ON = """look => { const worn = document.documentElement.dataset;
  for (const name of ["theme", "contrast", "text"]) delete worn[name];
  Object.assign(worn, look); }"""
LONG_TITLE = "Sit with my father on Saturday from nine to noon, so that I can see my own doctor and rest for once"


@pytest.fixture
def come_in(browser: Browser, site: str) -> Iterator[Callable[[Member], Page]]:
    """A phone of their own, without JavaScript."""
    contexts = []

    def come(member: Member) -> Page:
        context = browser.new_context(
            base_url=site, java_script_enabled=False, viewport={"width": 360, "height": 640}, locale="en-US"
        )
        contexts.append(context)
        session = browser_of(member).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        return context.new_page()

    yield come
    for context in contexts:
        context.close()


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


def in_every_state(ana: Member) -> Iterator[tuple[Member, str]]:
    """A page and who looks at it."""
    ben = MemberFactory(called="Ben")
    request = HelpRequestFactory(requester=ana, title=LONG_TITLE, urgency="urgent")
    offered, other = offer(ben, request), offer(MemberFactory(called="Wolfeschlegelsteinhausenbergerdorff"), request)
    said = [say(member, offered, words) for member in (ben, ana) for words in (LONG_WORD, "Yes.\nNo.", "Fine.")]
    yield ana, "/messages/"
    yield ben, "/messages/"
    for member, conversation in ((ana, offered), (ben, offered), (ana, other)):
        yield member, f"/messages/{conversation.pk}/"
    yield from ((ana, f"/messages/{offered.pk}/{step}/") for step in ("accept", "decline", "close"))
    yield ben, f"/messages/{offered.pk}/withdraw/"
    yield ana, f"/messages/{offered.pk}/m/{said[-1]}/edit/"
    yield ana, f"/messages/{offered.pk}/m/{said[-1]}/delete/"
    yield from ((member, f"/requests/{request.pk}/") for member in (ana, ben, MemberFactory()))
    yield MemberFactory(), f"/requests/{request.pk}/offer/"
    yield MemberFactory(), "/messages/"
    yield from _after(ana, ben, request, offered)


def _after(ana: Member, ben: Member, request: HelpRequest, offered: Conversation) -> Iterator[tuple[Member, str]]:
    deciding.accept_offer(ana, offered.pk)
    withdrawn, closed, blocked = (offer_to(ana, ben) for _ in range(3))
    deciding.withdraw_offer(ben, withdrawn.pk)
    closing.close_conversation(ana, closed.pk)
    yield from ((member, f"/messages/{one.pk}/") for member in (ana, ben) for one in (offered, withdrawn, closed))
    yield ben, f"/messages/{withdrawn.pk}/reoffer/"
    blocks.block(ana, ben.pk)
    yield from ((member, f"/messages/{blocked.pk}/") for member in (ana, ben))


@pytest.mark.parametrize("looks", [({}, {"text": "3"}), ({"theme": "dark"}, {"contrast": "more"})], ids=str)
def test_every_page_is_whole_and_open_to_everybody(
    page: Page, site: str, axe: Callable[[Page], None], looks: tuple[dict[str, str], ...]
) -> None:
    """Each page is loaded once and looked at twice: a look is nothing but attributes of <html>."""
    # Colours on their way to others would be read half-way.
    page.emulate_media(reduced_motion="reduce")
    for member, address in in_every_state(MemberFactory(called="Ana")):
        session = browser_of(member).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        page.goto(address)
        for look in looks:
            page.evaluate(PUT_ON, look)
            axe(page)
            for width in (320, 768, 1280) if not look or "text" in look else ():
                page.set_viewport_size({"width": width, "height": 640})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, look, width)
            page.set_viewport_size({"width": 360, "height": 640})
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, (address, look)
            assert page.evaluate(SMALL_TARGETS) == [], (address, look)
            assert page.evaluate(SMALLEST_LETTERS) >= 16, (address, look)
            assert page.locator("h1").count() == 1, address


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

"""What a conversation looks like in the states that only its script makes: each whole, readable, in three themes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from members.models import Member
from messaging.models import Conversation
from messaging.services import reading
from tests.cast import browser_of
from tests.factories.messaging import offer_to, say
from tests.support.looking import look_at, prepare

PHONES = ((320, 568), (360, 640), (360, 340))
# Which of these cannot be seen and pressed where it stands, with nothing over it.
COVERED = """(menu) => [...menu.querySelectorAll("a, button")].filter((it) => it.checkVisibility()).filter((it) => {
    const { left, right, top, bottom } = it.getBoundingClientRect();
    const log = it.closest(".log").getBoundingClientRect();
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    const edges = [[left + 2, y], [right - 2, y], [x, top + 2], [x, bottom - 2]];
    const isOnTop = edges.every(([x, y]) => it.contains(document.elementFromPoint(x, y)));
    return !isOnTop || top < log.top || bottom > log.bottom || left < 0 || right > innerWidth;
}).map((it) => it.innerText)"""
ANSWERS = "**/messages/*/?after*"


@pytest.fixture
def talk(asker: Member, helper: Member) -> Conversation:
    conversation = offer_to(asker, helper)
    for number in range(12):
        say((asker, helper)[number % 2], conversation, f"Word {number}. The porch is fine, and the dog is friendly.")
    reading.mark_read(helper, conversation.pk, 13)
    return conversation


@pytest.fixture
def ben(page: Page, site: str, talk: Conversation, helper: Member) -> Page:
    """Who offered, in front of the conversation."""
    prepare(page)
    _come_in(page, site, helper)
    page.goto(f"/messages/{talk.pk}/#composer")
    return page


def _come_in(page: Page, site: str, member: Member) -> None:
    session = browser_of(member).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])


def test_new_words_are_where_one_lands_and_are_counted_until_they_were_read(
    page: Page, site: str, talk: Conversation, asker: Member, helper: Member
) -> None:
    reading.mark_read(asker, talk.pk, 13)
    for number in range(20):
        say(helper, talk, f"New word {number}. And a little more of it.")
    _come_in(page, site, asker)
    for width, height in ((360, 640), (768, 1024), (1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto("about:blank")
        page.goto(f"/messages/{talk.pk}/")
        expect(page.locator("#new")).to_be_in_viewport(ratio=1)
        expect(page.locator(".bubble__words", has_text="New word 0.")).to_be_in_viewport(ratio=1)
    count, beside = page.locator(".nav--tabs .nav__count"), page.locator(".beside .talk__new")
    expect(beside).to_be_visible()
    page.locator(".log").evaluate("it => { it.scrollTop = 0; }")
    expect(count).to_have_count(0, timeout=8_000)
    expect(beside).to_have_count(0)


def test_a_menu_opens_whole_wherever_its_bubble_stands(ben: Page) -> None:
    bubbles = ben.locator(".log__lines > .bubble")
    for width, height in PHONES:
        ben.set_viewport_size({"width": width, "height": height})
        for place in (0, 1, 6, 7, 11, 12):
            opener = bubbles.nth(place).locator("summary")
            opener.scroll_into_view_if_needed()
            opener.click()
            menu = bubbles.nth(place).locator(".menu__list")
            expect(menu.get_by_text("Copy")).to_be_visible()
            assert menu.evaluate(COVERED) == [], f"bubble {place} at {width} × {height}"
            ben.keyboard.press("Escape")
            expect(menu).to_be_hidden()
            expect(opener).to_be_focused()


def test_each_state_that_a_script_makes_is_clean(ben: Page, talk: Conversation, asker: Member, helper: Member) -> None:
    found = [f"{state}: {line}" for state in _states(ben, talk, asker) for line in look_at(ben)]
    assert not found, "\n".join(found)


def _states(ben: Page, talk: Conversation, asker: Member) -> Iterator[str]:
    yield from _of_a_bubble(ben)
    yield from _of_the_box(ben)
    yield from _of_what_is_on_its_way(ben)
    yield from _of_what_comes_in(ben, talk, asker)


def _of_a_bubble(ben: Page) -> Iterator[str]:
    last = ben.locator(".log__lines > .bubble--mine").last
    for way, heading in (("Edit", "Edit my message"), ("Delete", "Delete this message?")):
        last.locator("summary").click()
        expect(last.get_by_text("Copy")).to_be_visible()
        if way == "Edit":
            yield "a menu"
        last.get_by_role("link", name=way, exact=True).click()
        expect(ben.get_by_role("heading", name=heading)).to_be_visible()
        yield heading
        ben.keyboard.press("Escape")
    ben.locator(".thread-head summary").click()
    expect(ben.locator(".thread-head").get_by_text("End this chat")).to_be_visible()
    yield "the menu of the chat"
    ben.keyboard.press("Escape")


def _of_the_box(ben: Page) -> Iterator[str]:
    box, send = ben.get_by_label("Your message"), ben.get_by_role("button", name="Send")
    send.click()
    expect(ben.get_by_text("Please write something first.")).to_be_visible()
    yield "sent empty"
    box.fill("A line.\n" * 120)
    expect(ben.get_by_text("40 letters left.").first).to_be_visible()
    yield "many lines, and near the limit"
    box.fill("w" * 1003)
    expect(ben.locator(".field__count--over")).to_be_visible()
    send.click()
    expect(ben.get_by_text("You have 3 too many.")).to_be_visible()
    yield "too long"
    box.fill("")


def _of_what_is_on_its_way(ben: Page) -> Iterator[str]:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route) if route.request.method == "POST" else route.continue_()

    ben.route(ANSWERS, hold)
    _write(ben, "I am on my way.")
    line = ben.locator("[data-waiting] li").first
    expect(line.get_by_text("Sending")).to_be_visible()
    yield "on its way"
    refusal = {"error": "not_permitted", "message": "You cannot send messages in this chat now."}
    held.pop().fulfill(status=403, json=refusal)
    expect(line.get_by_role("button", name="Try again")).to_be_visible()
    yield "not sent"
    line.get_by_role("button", name="Delete").click()
    ben.unroute(ANSWERS)
    ben.context.set_offline(True)
    _write(ben, "Waiting for signal, twice as long as others do, and with many words.")
    expect(line.get_by_text("Waiting for signal", exact=True)).to_be_visible()
    yield "without signal"
    ben.context.set_offline(False)
    expect(line).to_have_count(0)


def _of_what_comes_in(ben: Page, talk: Conversation, asker: Member) -> Iterator[str]:
    ben.keyboard.press("Escape")
    ben.route(ANSWERS, lambda route: route.abort())
    expect(ben.get_by_text("Reconnecting…")).to_be_visible(timeout=20_000)
    yield "reconnecting"
    ben.unroute(ANSWERS)
    ben.locator(".log").evaluate("it => { it.scrollTop = -400; }")
    for number in range(3):
        say(asker, talk, f"Another word, number {number}.")
    fresh = ben.get_by_role("button", name="3 new messages")
    expect(fresh).to_be_visible(timeout=8_000)
    _begins_with_a_line(ben.locator(".log__new"))
    yield "three new messages"


def _begins_with_a_line(new: Locator) -> None:
    expect(new).to_have_text("New")
    expect(new.locator("xpath=following-sibling::li[1]")).to_contain_text("Another word, number 0.")


def _write(ben: Page, words: str) -> None:
    ben.get_by_label("Your message").fill(words)
    ben.get_by_role("button", name="Send").click()

"""A thread of many months: further back and forward again, nothing jumps, nothing is lost, and the page stays small."""

from typing import Any

from playwright.sync_api import Page, expect

from members.models import Member
from messaging.models import Conversation
from tests.factories.messaging import offer_to, say
from tests.support.talking import HEARS, Comer, fill, look, send, url_of

MANY = 720
MOST = 320
PLACES = "() => [...document.querySelectorAll('.log__lines:not([data-waiting]) > [data-sequence]')].map((line) => "
NUMBERS = PLACES + "Number(line.dataset.sequence))"
LINES = "document.querySelectorAll('.log__lines > li').length"
# Goes to a part of the way back, loads a page as its link or its edge would, and tells how far what was in view has
# moved meanwhile.
MORE = """async ([part, way]) => {
    const { more } = await import("care/paging");
    const log = document.querySelector(".log");
    const lines = () => [...log.querySelectorAll("[data-sequence]")];
    const ends = () => [lines()[0], lines().at(-1)].map((line) => line.dataset.sequence).join();
    log.scrollTop = -part * (log.scrollHeight - log.clientHeight);
    const edge = log.getBoundingClientRect().top;
    const seen = lines().find((line) => line.getBoundingClientRect().bottom > edge);
    const [before, were] = [seen.getBoundingClientRect().top, ends()];
    const patience = performance.now() + 5000;
    let most = 0;
    const watch = () => {
        if (!seen.isConnected) throw new Error("It is gone.");
        if (performance.now() > patience) throw new Error("Nothing came.");
        most = Math.max(most, Math.abs(seen.getBoundingClientRect().top - before));
        return new Promise(requestAnimationFrame);
    };
    more(way);
    do await watch(); while (ends() === were);
    for (let frames = 0; frames < 3; frames++) await watch();
    return most;
}"""


def thread_of(asker: Member, helper: Member, many: int) -> Conversation:
    """Words of every height, three by each in turn."""
    conversation = offer_to(asker, helper)
    words = [f"Word {number}. " + "And a little more of it. " * (number % 7) for number in range(2, many + 1)]
    fill(conversation, [((asker, helper)[number // 3 % 2], text) for number, text in enumerate(words)])
    return conversation


def numbers(page: Page) -> list[int]:
    """Which messages stand there; in order, with nothing left out."""
    found: list[int] = page.evaluate(NUMBERS)
    assert found == list(range(found[0], found[-1] + 1))
    assert page.evaluate(LINES) <= MOST
    days: list[Any] = page.locator(".log__day").evaluate_all("days => days.map((day) => day.dataset.day)")
    assert len(days) == len(set(days))
    return found


def test_older_messages_push_nothing_away_and_the_page_keeps_to_its_size(
    come_in: Comer, asker: Member, helper: Member
) -> None:
    thread = thread_of(asker, helper, MANY)
    page = come_in(asker)
    page.goto(url_of(thread) + "#composer")
    page.evaluate("document.fonts.ready")
    page.evaluate(HEARS)
    assert numbers(page) == list(range(MANY - 49, MANY + 1))
    assert page.evaluate(MORE, [0.5, "before"]) <= 1
    while numbers(page)[-1] == MANY and page.evaluate(LINES) < MOST - 20:
        assert page.evaluate(MORE, [1, "before"]) <= 1
    # What somebody stands on stays, and what lies between; then the far end goes.
    newest = page.locator(f"[data-sequence='{MANY}']")
    newest.evaluate("line => line.focus({ preventScroll: true })")
    assert page.evaluate(MORE, [1, "before"]) <= 1
    expect(newest).to_be_focused()
    while page.locator("[data-older]").is_visible():
        page.locator("[data-sequence]").first.focus()
        assert page.evaluate(MORE, [1, "before"]) <= 1
        numbers(page)
    assert numbers(page)[0] == 1
    expect(page.locator("[data-newer]")).to_be_visible()

    say(helper, thread, "And one more.")
    look(page)
    expect(page.get_by_role("button", name="1 new message")).to_be_visible()
    while page.locator("[data-newer]").is_visible():
        assert numbers(page)[-1] <= MANY
        standing = page.locator(f"[data-sequence='{numbers(page)[-1] - 5}']")
        standing.focus()
        assert page.evaluate(MORE, [0, "after"]) <= 1
        expect(standing).to_be_focused()
    assert numbers(page)[-1] == MANY + 1
    expect(page.locator("[data-older]")).to_be_visible()
    assert page.evaluate("window.heard") == ["Ben: And one more."]


def test_from_far_back_one_press_or_one_word_leads_to_the_end(come_in: Comer, asker: Member, helper: Member) -> None:
    thread = thread_of(asker, helper, 360)
    page = come_in(asker)
    page.goto(url_of(thread))
    while page.locator("[data-newer]").is_hidden():
        page.evaluate(MORE, [1, "before"])
    say(helper, thread, "Are you there?")
    look(page)
    button = page.get_by_role("button", name="1 new message")
    button.click()
    expect(page.locator("li:focus")).to_contain_text("Are you there?")
    expect(page.locator("li:focus")).to_be_in_viewport()
    assert numbers(page)[-1] == 361
    while page.locator("[data-newer]").is_hidden():
        page.evaluate(MORE, [1, "before"])
    send(page, "Here I am.")
    mine = page.get_by_text("Here I am.", exact=True)
    expect(mine).to_be_in_viewport()
    expect(page.locator("[data-waiting] li")).to_have_count(0)
    expect(mine).to_have_count(1)
    expect(mine).to_be_in_viewport()
    assert numbers(page)[-1] == 362

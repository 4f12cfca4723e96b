"""Two people in one conversation: what each sees of the other, what is kept, and what nobody is told."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Route, expect

from help_requests.models import HelpRequest
from members.models import Block, Member
from members.services import blocks
from messaging.models import Conversation, Message, OfferState
from moderation.models import Report
from notifications.models import Preferences
from tests.factories.members import PASSWORD
from tests.factories.messaging import WORDS, accepted, offer_to, say
from tests.support.talking import HEARS, LOOK, Comer, fill, has_arrived, look, send, url_of

HEARD = "count => window.heard.length >= count"
# How wide anything is beyond what the screen shows of it, and where a plain word is broken.
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll(".log, .log *, .composer, .composer *")]
    .filter((it) => it.scrollWidth > it.clientWidth + 1 && getComputedStyle(it).display !== "inline"
        && it.closest(".visually-hidden, .bubble__who, .thread-head__about") === null
        && it.getBoundingClientRect().width > 1)
    .map((it) => `${it.tagName}.${it.className}: ${it.scrollWidth} > ${it.clientWidth}`)"""
BROKEN = """(most) => [...document.querySelectorAll(".bubble__words")].flatMap((place) => {
    const found = [];
    for (const text of place.childNodes) {
        if (text.nodeType !== Node.TEXT_NODE) continue;
        for (const word of text.data.matchAll(/\\S+/g)) {
            const range = document.createRange();
            range.setStart(text, word.index);
            range.setEnd(text, word.index + word[0].length);
            const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
            if (word[0].length <= most && lines.size > 1) found.push(word[0]);
        }
    }
    return found;
})"""
# A tab that is open, and that nobody looks at until `shown` is true.
UNSEEN = """
    window.shown = false;
    Object.defineProperty(document, "visibilityState", { get: () => (window.shown ? "visible" : "hidden") });
    document.hasFocus = () => window.shown;
"""
SHOW = "window.shown = true; document.dispatchEvent(new Event('visibilitychange'));"
STATES = """(id) => {
    const place = document.getElementById(`m-${id}`).querySelector(".bubble__state");
    window.states = [place.textContent];
    new MutationObserver(() => window.states.push(place.textContent)).observe(place, { childList: true });
}"""


def heard(page: Page, count: int) -> list[str]:
    page.wait_for_function(HEARD, arg=count)
    return list(page.evaluate("window.heard"))


def press(page: Page, words: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).click()


def follow(page: Page, words: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=words, exact=True).first.click()


@contextmanager
def out_of_reach(request: HelpRequest) -> Iterator[None]:
    """Somebody else holds the row, for longer than the site waits for it."""
    with transaction.atomic():
        HelpRequest.objects.select_for_update().get(pk=request.pk)
        yield


def test_the_offer_is_the_first_bubble_and_both_hear_what_becomes_of_it(
    come_in: Comer, asker: Member, helper: Member
) -> None:
    conversation = offer_to(asker, helper)
    ben, ana = come_in(helper), come_in(asker)
    ben.goto(url_of(conversation))
    first = ben.locator(".log [data-sequence]").first
    expect(first).to_contain_text("Your offer for Pick up groceries on Tuesday")
    expect(first).to_contain_text(WORDS)
    assert first.get_attribute("data-sequence") == "1"
    for words in ("pending", "no messages yet", "conversation by sending"):
        assert words not in ben.locator("body").inner_text().lower()
    send(ben, "I can also come at noon.")
    has_arrived(ben, "I can also come at noon.")
    # What is said of it is no news of hers.
    expect(ben.locator("[data-announcer]")).to_have_text("Sent")

    ben.evaluate(HEARS)
    ana.goto(url_of(conversation))
    expect(ana.locator(".log [data-sequence]").first).to_contain_text("Ben’s offer")
    follow(ana, "Yes, accept")
    press(ana, "Yes, accept")
    expect(ben.locator(".log__happened").get_by_text("Ana accepted your offer.")).to_be_visible(timeout=5_000)
    expect(ben.locator(".talk-room__bar")).to_contain_text("You are helping Ana.")
    expect(ben.locator("#offer")).to_contain_text("Accepted")
    assert heard(ben, 1) == ["Ana accepted your offer."]


def test_an_answer_that_fails_is_said_and_keeps_both_ways_open(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    page = come_in(asker, java_script_enabled=False)
    page.goto(url_of(conversation))
    follow(page, "No, thanks")
    with out_of_reach(conversation.asked_for):
        press(page, "Send my answer")
    expect(page.get_by_text("We cannot do this right now.").first).to_be_visible()
    expect(page.get_by_role("button", name="Send my answer", exact=True)).to_be_enabled()
    page = come_in(asker)
    page.goto(url_of(conversation))
    for way in ("Yes, accept", "No, thanks"):
        expect(page.get_by_role("link", name=way, exact=True)).to_be_visible()
    follow(page, "Yes, accept")
    page.context.set_offline(True)
    page.get_by_role("button", name="Yes, accept", exact=True).click()
    expect(page.get_by_text("You are offline. Press again when you are back.")).to_be_visible()
    assert Conversation.objects.get().offer_state == OfferState.OFFERED
    page.context.set_offline(False)
    expect(page.get_by_text("You are back online.")).to_be_visible()
    press(page, "Yes, accept")
    assert Conversation.objects.get().offer_state == OfferState.ACCEPTED


def test_words_begun_outlive_a_reload_a_crash_and_a_session(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    draft = f"draft:{helper.pk}:{url_of(conversation)}"
    is_kept = "([name, words]) => localStorage.getItem(name)?.includes(words)"
    page = come_in(helper)
    page.goto(url_of(conversation))
    box = page.get_by_label("Your message")
    box.fill("I can come at noon")
    page.reload()
    expect(box).to_have_value("I can come at noon")
    box.fill("I can come at noon, or at six")
    page.wait_for_function(is_kept, arg=[draft, "or at six"])
    context = page.context
    with page.expect_event("crash"), suppress(PlaywrightError):
        page.goto("chrome://crash", timeout=3_000)

    page = context.new_page()
    context.clear_cookies(name="sessionid")
    page.goto(url_of(conversation))
    page.get_by_label("Your email").fill(helper.email)
    page.get_by_role("textbox", name="Your password").fill(PASSWORD)
    press(page, "Sign in")
    box = page.get_by_label("Your message")
    expect(box).to_have_value("I can come at noon, or at six")

    # What was not taken is kept: in the box, or on its way.
    page.route("**/?after=*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="Send").click()
    waiting = page.locator("[data-waiting] li")
    expect(waiting).to_contain_text("I can come at noon, or at six")
    box.fill("And one more thing")
    page.wait_for_function(is_kept, arg=[draft, "one more thing"])
    page.unroute("**/?after=*")
    page.reload()
    has_arrived(page, "I can come at noon, or at six")
    expect(box).to_have_value("And one more thing")
    page.get_by_role("button", name="Send").click()
    has_arrived(page, "And one more thing")
    page.wait_for_function("name => !localStorage.getItem(name)", arg=draft)
    page.reload()
    expect(box).to_have_value("")
    assert list(Message.objects.order_by("sequence").values_list("content", flat=True)) == [
        "I can come at noon, or at six",
        "And one more thing",
    ]


def test_no_words_make_the_page_wider_and_no_plain_word_is_broken(
    come_in: Comer, asker: Member, helper: Member
) -> None:
    conversation = accepted(asker, helper)
    plain = "I will bring the groceries tomorrow afternoon, because Wednesday is the appointment with the neurologist."
    said = [
        "x" * 1000,
        "https://example.org/" + "a-long-way-to-go/" * 11,
        "\n".join(["Line"] * 60),
        "שלום, אני יכול לבוא ביום שלישי אחרי חמש. " * 3,
        "مرحبا، يمكنني القدوم يوم الثلاثاء بعد الخامسة. " * 3,
        "🥕" * 120,
        "👩‍👩‍👧‍👦",
        plain,
    ]
    fill(conversation, [(who, words) for words in said for who in (asker, helper)])
    page = come_in(asker, viewport={"width": 320, "height": 568})
    page.goto(url_of(conversation))
    page.get_by_label("Your message").fill("z" * 1000)
    expect(page.locator(".field__count--near")).to_be_visible()
    page.context.set_offline(True)
    for words in ("y" * 1000, plain):
        send(page, words)
    expect(page.locator("[data-waiting] li")).to_have_count(2)
    page.get_by_label("Your message").fill("z" * 300)
    for text in ("1", "3"):
        page.evaluate("size => { document.documentElement.dataset.text = size; }", text)
        assert page.evaluate(TOO_WIDE) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.evaluate(BROKEN, 14) == []
    assert page.evaluate(BROKEN, 1000), "a thousand letters are broken, or nothing was measured"


def test_read_is_what_somebody_looked_at_and_never_goes_back(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    noon = say(helper, conversation, "I can also come at noon.")
    ana, ben = come_in(asker), come_in(helper)
    ana.add_init_script(UNSEEN)
    reads: list[str] = []
    ana.on("request", lambda request: reads.append(request.url) if request.url.endswith("/read") else None)
    ana.clock.install()
    with ana.expect_response("**/reading.*"):
        ana.goto(url_of(conversation) + "#composer")
    ana.clock.run_for(10_000)
    assert reads == []
    assert Conversation.objects.get().requester_read == 0

    ben.goto(url_of(conversation))
    ben.evaluate(STATES, str(noon))
    held: list[tuple[Route, Any]] = []

    def hold_the_first(route: Route) -> None:
        if held or route.request.method == "POST":
            route.continue_()
        else:
            held.append((route, route.fetch()))

    ben.route("**/?after=*", hold_the_first)
    ben.evaluate(LOOK)
    _until(ben, lambda: bool(held))

    with ana.expect_request("**/read"):
        ana.evaluate(SHOW)
        ana.clock.run_for(1_500)
    _until(ana, lambda: Conversation.objects.get().requester_read == 2)
    send(ben, "Or at six.")
    has_arrived(ben, "Or at six.")
    state = ben.locator(f"[id='m-{noon}'] .bubble__state")
    expect(state).to_have_text("Read")
    # An answer that was made before all this, and comes last.
    route, answer = held[0]
    with ben.expect_response("**/?after=*"):
        route.fulfill(response=answer)
    look(ben)
    expect(state).to_have_text("Read")
    assert ben.evaluate("window.states") == ["Sent", "Read"]

    Preferences.objects.update_or_create(member=asker, defaults={"read_receipts": False})
    with ana.expect_request("**/read"):
        look(ana)
        ana.clock.run_for(3_000)
    _until(ana, lambda: Conversation.objects.get().requester_read == 3)
    say(asker, conversation, "Six is good.")
    look(ben)
    has_arrived(ben, "Six is good.")
    expect(ben.locator(".bubble--mine").last).to_contain_text("Sent")
    expect(ben.locator(".bubble--mine").last).not_to_contain_text("Read")


def _until(page: Page, is_so: Any) -> None:
    for _ in range(200):
        if is_so():
            return
        page.wait_for_timeout(25)
    raise AssertionError("It did not come to that.")


def test_what_comes_in_is_said_once_and_what_is_looked_up_is_not(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    fill(conversation, [((asker, helper)[number % 2], f"Word {number}") for number in range(70)])
    page = come_in(helper)
    page.goto(url_of(conversation))
    page.evaluate(HEARS)
    page.evaluate("import('care/paging').then(({ more }) => more('before'))")
    expect(page.get_by_text("Word 2", exact=True)).to_be_attached()
    say(asker, conversation, "Is noon good?")
    look(page)
    assert heard(page, 1) == ["Ana: Is noon good?"]
    for number in range(5):
        say(asker, conversation, f"More {number}")
    look(page)
    assert heard(page, 2)[1:] == ["5 new messages from Ana"]
    send(page, "Noon is good.")
    has_arrived(page, "Noon is good.")
    say(asker, conversation, "Thank you.")
    look(page)
    assert heard(page, 4)[2:] == ["Sent", "Ana: Thank you."]


@pytest.mark.parametrize("has_scripts", [True, False], ids=["with scripts", "without scripts"])
def test_report_and_block_are_two_taps_away_from_everything_the_other_one_said(
    come_in: Comer, asker: Member, helper: Member, has_scripts: bool
) -> None:
    conversation = offer_to(asker, helper)
    message = say(helper, conversation, "Can you send me 200 dollars?")
    say(asker, conversation, "No.")
    page = come_in(asker, java_script_enabled=has_scripts)
    page.goto(url_of(conversation))
    menus = [page.locator(".thread-head .menu"), *page.locator(".bubble--theirs .menu").all()]
    assert len(menus) == 3
    for menu in menus:
        menu.locator("summary").click()
        for words in ("Report", "Block Ben"):
            way = menu.get_by_role("link", name=words, exact=True)
            if not has_scripts:
                # Then it may hang below the edge, and the thread goes on there.
                way.scroll_into_view_if_needed()
            expect(way).to_be_in_viewport(ratio=1)
    # The menu that stands open last is that of the message.
    with page.expect_navigation():
        menus[-1].get_by_role("link", name="Report", exact=True).click()
    expect(page.locator("blockquote")).to_have_text("Can you send me 200 dollars?")
    page.locator("label").filter(has_text="Scam or money").click()
    press(page, "Send this report")
    made = Report.objects.get()
    assert (made.target_kind, made.target_id, made.author_id) == ("message", message, helper.pk)
    page.goto(url_of(conversation))
    page.locator(".thread-head summary").click()
    with page.expect_navigation():
        page.locator(".thread-head").get_by_role("link", name="Block Ben", exact=True).click()
    press(page, "Block Ben")
    assert Block.objects.filter(blocker=asker, blocked=helper).exists()


def test_a_thread_that_falls_silent_keeps_the_words_in_the_box(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    page = come_in(helper)
    page.goto(url_of(conversation))
    page.get_by_label("Your message").fill("I was about to say")
    blocks.block(asker, helper.pk)
    look(page)
    expect(page.locator("[data-slot=why]")).to_contain_text("You cannot send messages in this chat now.")
    expect(page.get_by_role("button", name="Send")).to_be_hidden()
    expect(page.locator("[data-unsent]")).to_contain_text("I was about to say")

"""The never-lost word: what is pressed Send arrives exactly once, or stays on the screen as “Not sent”."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from members.models import Member
from messaging.models import Conversation, Message
from tests.factories.members import PASSWORD
from tests.factories.messaging import offer_to, say
from tests.support.lifeline import READY, Writer, see_the_same, writer
from tests.support.line import KILLED, WHO, Line
from tests.support.site import MortalSite

pytestmark = [pytest.mark.committed]

PRESS_AND_HANG = """() => {
  setTimeout(() => { document.querySelector(READY).requestSubmit(); for (;;); });
}""".replace("READY", repr(READY))
NOTHING_LEFT = "() => !Object.keys(localStorage).some((it) => it.startsWith('unsent:'))"
SIGN_IN = "Please sign in again. Your words are saved."


@pytest.fixture
def come_in(committed: None, browser: Browser, mortal_site: MortalSite) -> Iterator[Callable[..., Writer]]:
    came: list[Writer] = []

    def come(member: Member, conversation: Conversation) -> Writer:
        mortal_site.wait()
        came.append(writer(browser, Line(mortal_site), member, conversation))
        return came[-1]

    yield come
    for each in came:
        each.context.close()
        each.line.end()


def test_a_site_that_is_killed_between_storing_and_answering_has_the_words_once(
    come_in: Callable[..., Writer], asker: Member, helper: Member
) -> None:
    ben = come_in(helper, offer_to(asker, helper))
    ben.open()
    ben.line.fails(KILLED)
    ben.send("I am at the door.")
    ben.settles()
    assert ben.line.happened[0] == KILLED
    assert len(ben.line.happened) > 1
    ben.kept_the_promise()
    line = ben.page.locator(".bubble--mine").last
    expect(line.locator(".bubble__words")).to_have_text("I am at the door.")
    expect(line.locator(".bubble__state")).to_have_text("Sent")
    assert Message.objects.count() == 1


def test_an_ended_session_holds_the_words_until_the_same_person_is_back(
    come_in: Callable[..., Writer], asker: Member, helper: Member
) -> None:
    ben = come_in(helper, offer_to(asker, helper))
    ben.open()
    ben.sign_out_elsewhere()
    ben.send("Two bags are enough.")
    ben.write("And a word I have")
    told = ben.page.get_by_text(SIGN_IN)
    expect(told).to_be_visible()
    expect(ben.page.locator("[data-waiting] li")).to_contain_text("This goes when you have signed in.")
    assert ben.stored() == []
    with ben.page.expect_navigation():
        ben.page.get_by_role("alert").get_by_role("link", name="Sign in").click()
    ben.page.get_by_label("Email").fill(helper.email)
    ben.page.locator("[name=password]").fill(PASSWORD)
    with ben.page.expect_navigation():
        ben.page.get_by_role("button", name="Sign in").click()
    assert ben.page.url.endswith(ben.url)
    expect(ben.page.get_by_label("Your message")).to_have_value("And a word I have")
    ben.settles()
    ben.kept_the_promise()


def test_signing_in_again_in_another_tab_is_enough(
    come_in: Callable[..., Writer], asker: Member, helper: Member
) -> None:
    ben = come_in(helper, offer_to(asker, helper))
    ben.open()
    ben.sign_out_elsewhere()
    ben.send("Two bags are enough.")
    expect(ben.page.get_by_text(SIGN_IN)).to_be_visible()
    ben.sign_in()
    ben.settles()
    expect(ben.page.get_by_text(SIGN_IN)).to_be_hidden()
    ben.kept_the_promise()


def test_a_hotels_page_is_no_reason_to_sign_in(come_in: Callable[..., Writer], asker: Member, helper: Member) -> None:
    """Signed in again meanwhile, and the answer to “who is it?” comes from the hotel, or from a site in trouble."""
    ben = come_in(helper, offer_to(asker, helper))
    ben.open()
    for number, fault in enumerate(("hotel", "503")):
        ben.sign_in()
        ben.line.fails(fault, at=WHO)
        ben.send(f"Word {number}")
        expect(ben.page.get_by_text("Waiting for signal")).to_be_visible()
        expect(ben.page.get_by_text(SIGN_IN)).to_be_hidden()
        # Not asked to: it goes on by itself.
        expect(ben.page.locator("[data-waiting] li")).to_have_count(0)
    ben.kept_the_promise()


def test_somebody_else_at_the_same_device_neither_sees_nor_sends_them(
    come_in: Callable[..., Writer], asker: Member, helper: Member
) -> None:
    """Even in the very conversation, with the page of the first one still open."""
    conversation = offer_to(asker, helper)
    ben = come_in(helper, conversation)
    ben.open()
    ben.sign_out_elsewhere()
    ben.send("This is from Ben.")
    expect(ben.page.get_by_text(SIGN_IN)).to_be_visible()
    ben.sign_in(asker)
    ana = Writer(asker, conversation, ben.line, ben.context, ben.context.new_page())
    ana.open()
    ben.signal()
    ana.send("This is from Ana.")
    ana.settles()
    expect(ana.page.get_by_text("This is from Ben.")).to_have_count(0)
    expect(ana.page.get_by_text(SIGN_IN)).to_be_hidden()
    assert ben.stored() == []
    ana.kept_the_promise()
    ana.page.goto("/home/")
    # A page of Ana's brings the first page nothing but itself.
    ben.sign_in()
    ben.open()
    ben.settles()
    ben.kept_the_promise()
    ana.kept_the_promise()


def test_pressing_twice_sends_once(come_in: Callable[..., Writer], asker: Member, helper: Member) -> None:
    ben = come_in(helper, offer_to(asker, helper))
    ben.open()
    box, button = ben.page.get_by_label("Your message"), ben.page.get_by_role("button", name="Send")
    empty = ben.page.get_by_text("Please write something first.")

    def enter_twice() -> None:
        box.press("Enter")
        box.press("Enter")

    ways: list[Callable[[], object]] = [
        lambda: button.evaluate("it => { it.click(); it.click(); }"),
        button.dblclick,
        enter_twice,
        lambda: box.evaluate("it => { it.form.requestSubmit(); it.form.requestSubmit(); }"),
    ]
    for number, press in enumerate(ways):
        ben.write(f"Way {number}")
        press()
        ben.pressed.append(f"Way {number}")
        expect(empty).to_be_hidden()
    ben.settles()
    # And again while it is on its way.
    ben.line.fails("late")
    ben.send("Once")
    button.click()
    box.press("Enter")
    expect(empty).to_be_hidden()
    ben.settles()
    ben.kept_the_promise()
    assert len(ben.line.happened) == len(ben.pressed)
    # An empty box, pressed by itself, says so.
    box.evaluate("() => new Promise((resolve) => setTimeout(resolve, 1100))")
    button.click()
    expect(empty).to_be_visible()


def close_the_one_that_sends(ben: Writer, other: Page, press: Callable[[], object]) -> Page:
    """Either tab may have the turn; its answer never comes, and the tab that is left is given back."""
    sending: list[Page] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sending.append(request.frame.page)

    ben.context.on("request", note)
    ben.line.fails("hangs")
    press()
    while not sending:
        ben.page.evaluate("() => new Promise(requestAnimationFrame)")
    sending[0].close()
    return other if sending[0] is ben.page else ben.page


def test_two_tabs_keep_their_order_and_one_takes_over_from_the_other(
    come_in: Callable[..., Writer], asker: Member, helper: Member
) -> None:
    ben = come_in(helper, offer_to(asker, helper))
    ben.open()
    other = ben.context.new_page()
    ben.open(other)
    for number in range(3):
        ben.send(f"First tab {number}")
        ben.send(f"Second tab {number}", other)
    ben.settles()
    assert sorted(ben.stored()) == sorted(ben.pressed)
    for tab in ("First", "Second"):
        assert [words for words in ben.stored() if words.startswith(tab)] == [f"{tab} tab {n}" for n in range(3)]
    # Mid-delivery, with more behind it: nobody presses anything in the tab that is left, nor looks at it anew.

    def send_two() -> None:
        for number in range(3, 5):
            ben.send(f"Second tab {number}", other)

    left = close_the_one_that_sends(ben, other, send_two)
    expect(left.locator("[data-waiting] li")).to_have_count(0, timeout=15_000)
    assert ben.stored()[6:] == ["Second tab 3", "Second tab 4"]
    assert sorted(ben.stored()) == sorted(ben.pressed)


def test_two_tabs_with_the_same_draft_lose_neither(
    come_in: Callable[..., Writer], asker: Member, helper: Member
) -> None:
    """A tab that is opened while something is written takes it over, key and all."""
    ben = come_in(helper, offer_to(asker, helper))
    ben.open()
    ben.write("Hello")
    ben.page.wait_for_function("() => Object.keys(localStorage).some((it) => it.startsWith('draft:'))")
    other = ben.context.new_page()
    ben.open(other)
    expect(other.get_by_label("Your message")).to_have_value("Hello")
    ben.write("Hello, how are you?")
    ben.context.set_offline(True)
    other.get_by_role("button", name="Send").click()
    expect(ben.page.locator("[data-waiting] li")).to_have_count(1)
    expect(ben.page.get_by_label("Your message")).to_have_value("Hello, how are you?")
    ben.page.get_by_role("button", name="Send").click()
    ben.pressed = ["Hello", "Hello, how are you?"]
    expect(ben.page.locator("[data-waiting] li")).to_have_count(2)
    ben.context.set_offline(False)
    ben.settles()
    assert ben.stored() == ben.pressed


def test_a_key_that_was_used_for_other_words_says_so_and_goes_when_told(
    come_in: Callable[..., Writer], asker: Member, helper: Member
) -> None:
    """As when an old page comes back, with the key of a message that stands there already."""
    ben = come_in(helper, offer_to(asker, helper))
    ben.open()
    key = ben.page.locator("[data-outbox] [name=client_id]")
    used = key.input_value()
    ben.send("Hello")
    ben.settles()
    key.evaluate("(it, used) => { it.value = used; }", used)
    ben.send("Hello again")
    ben.settles()
    ben.kept_the_promise()
    assert ben.not_sent() == ["Hello again"]
    ben.page.reload()
    assert ben.can_write
    ben.settles()
    assert ben.not_sent() == ["Hello again"]
    ben.page.get_by_role("button", name="Try again").click()
    expect(ben.page.locator("[data-waiting] li")).to_have_count(0)
    ben.kept_the_promise()
    assert ben.stored() == ["Hello", "Hello again"]


@pytest.mark.parametrize("how", ["in the same breath", "with one in the queue"])
def test_a_closed_tab_sends_from_any_other_page(
    come_in: Callable[..., Writer], asker: Member, helper: Member, how: str
) -> None:
    ben = come_in(helper, offer_to(asker, helper))
    ben.open()
    if how == "in the same breath":
        ben.write("I am late.")
        # Nothing that has to be waited for is ever done after this.
        ben.page.evaluate(PRESS_AND_HANG)
        ben.pressed.append("I am late.")
    else:
        ben.context.set_offline(True)
        ben.send("I am late.")
        expect(ben.page.get_by_text("Waiting for signal")).to_be_visible()
    ben.page.close()
    ben.context.set_offline(False)
    ben.page = ben.context.new_page()
    ben.page.goto("/home/")
    ben.page.wait_for_function(NOTHING_LEFT)
    assert ben.stored() == ben.pressed
    ben.open()
    ben.settles()
    expect(ben.page.get_by_label("Your message")).to_have_value("")
    ben.kept_the_promise()


def test_another_page_that_stands_open_takes_over(
    come_in: Callable[..., Writer], asker: Member, helper: Member
) -> None:
    ben = come_in(helper, offer_to(asker, helper))
    home = ben.context.new_page()
    home.goto("/home/")
    ben.open()
    left = close_the_one_that_sends(ben, home, lambda: ben.send("I am late."))
    left.wait_for_function(NOTHING_LEFT)
    assert ben.stored() == ben.pressed


def test_a_tab_that_fell_behind_misses_nothing_when_the_other_sends(
    come_in: Callable[..., Writer], asker: Member, helper: Member
) -> None:
    conversation = offer_to(asker, helper)
    ben = come_in(helper, conversation)
    ben.open()
    other = ben.context.new_page()
    ben.open(other)
    behind = Writer(helper, conversation, ben.line, ben.context, other)
    other.route("**/*after=*", lambda route: route.abort() if route.request.method == "GET" else route.continue_())
    say(asker, conversation, "Are you there?")
    expect(ben.page.get_by_text("Are you there?", exact=True)).to_be_visible(timeout=8_000)
    ben.send("I am here.")
    ben.settles()
    other.unroute_all()
    see_the_same(ben, behind)


def test_a_reader_further_up_stays_there_while_words_wait(
    come_in: Callable[..., Writer], asker: Member, helper: Member
) -> None:
    conversation = offer_to(asker, helper)
    for number in range(30):
        say(asker, conversation, f"Word {number}")
    ben = come_in(helper, conversation)
    ben.open()
    ben.line.fails("503", "503", "503")
    ben.send("I am late.")
    expect(ben.page.get_by_text("Waiting for signal")).to_be_visible()
    log = ben.page.locator(".log")
    log.evaluate("it => { it.scrollTop = -700; }")
    while len(ben.line.happened) < 3:
        ben.signal()
    assert log.evaluate("it => it.scrollTop") < -600
    ben.settles()
    ben.kept_the_promise()

"""A conversation as two people have it: kept fresh, sent once, and never moved under the reader."""

import pytest
from playwright.sync_api import Route, expect

from members.models import Member
from messaging.models import Message
from messaging.services import closing
from tests.factories.messaging import offer_to, say
from tests.support.talking import Comer, look, send, url_of

SCROLLERS = """() => [document.documentElement, ...document.querySelectorAll("body, body *")].filter((it) => {
    const { overflowY } = getComputedStyle(it);
    return ["auto", "scroll"].includes(overflowY) && it.scrollHeight > it.clientHeight + 1;
}).map((it) => it.className)"""
FIRST_IN_VIEW = """(id) => {
    const edge = document.querySelector(".log").getBoundingClientRect().top;
    const lines = [...document.querySelectorAll(".log__lines > [data-sequence]")];
    const line = lines.find((it) => (id ? it.id === id : it.getBoundingClientRect().bottom > edge));
    return [line.id, line.getBoundingClientRect().top - edge];
}"""
LETTERS = 2
HIGH = "() => document.querySelector('.log').scrollHeight"
BOXES = """() => [".thread-head", ".composer"].map((it) => document.querySelector(it).getBoundingClientRect().top)"""


def test_only_the_log_scrolls_and_nothing_else_moves(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    for number in range(70):
        say((asker, helper)[number % 2], conversation, f"Word {number}. " + "And a little more of it. " * 3)
    page = come_in(asker)
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(url_of(conversation) + "#composer")
    expect(page.locator(".bubble__words").last).to_be_in_viewport()
    assert page.evaluate(SCROLLERS) == ["log"]
    before = page.evaluate(BOXES)
    page.locator(".log").evaluate("it => { it.scrollTop -= 2000; }")
    assert page.evaluate(BOXES) == pytest.approx(before, abs=1)
    page.locator(".log").evaluate("it => { it.scrollTop = 0; }")
    page.get_by_label("Your message").focus()
    page.set_viewport_size({"width": 360, "height": 340})
    expect(page.locator(".bubble__words").last).to_be_in_viewport()
    expect(page.get_by_label("Your message")).to_be_in_viewport(ratio=1)
    expect(page.get_by_label("Your message")).to_be_focused()
    page.set_viewport_size({"width": 640, "height": 360})
    assert page.locator(".log").evaluate("it => it.clientHeight") >= 120
    # Turned back while somebody reads further up: they go on at the same line.
    page.locator(".log").evaluate("it => { it.scrollTop = -1500; }")
    page.wait_for_timeout(300)
    line, below = page.evaluate(FIRST_IN_VIEW)
    for width, height in ((360, 640), (640, 360)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(300)
        there = page.evaluate(FIRST_IN_VIEW, line)[1]
        assert there == pytest.approx(below, abs=1), (width, height)


def test_letters_that_come_late_move_nobody(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    page, held = come_in(asker), list[Route]()
    page.route("**/*.woff2", lambda route: held.append(route))
    page.goto(url_of(conversation), wait_until="domcontentloaded")
    mark = page.get_by_text("New", exact=True)
    expect(mark).to_be_in_viewport(ratio=1)
    before = page.evaluate(HIGH)
    while len(held) < LETTERS:
        page.wait_for_timeout(50)
    for route in held:
        route.continue_()
    page.evaluate("() => document.fonts.ready.then(() => null)")
    page.wait_for_timeout(300)
    assert page.evaluate(HIGH) != before, "they take the same room, so this shows nothing"
    log = page.locator(".log").bounding_box()
    assert log
    assert mark.evaluate("it => it.getBoundingClientRect().top") == pytest.approx(log["y"], abs=30)


def test_a_read_that_is_refused_is_not_told_again(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    ana, told = come_in(asker), []

    def refuse(route: Route) -> None:
        told.append(route.request.url)
        route.fulfill(status=404, json={"success": False, "error": "not_found", "message": "We could not find that."})

    ana.route("**/read", refuse)
    ana.clock.install()
    ana.goto(url_of(conversation))
    ana.bring_to_front()
    with ana.expect_request("**/read"):
        ana.clock.run_for(2_000)
    ana.clock.run_for(120_000)
    assert len(told) == 1
    say(helper, conversation, "I can also come at noon.")
    look(ana)
    with ana.expect_request("**/read"):
        ana.clock.run_for(2_000)


def test_whoever_may_not_talk_any_more_hears_it_and_keeps_the_words(
    come_in: Comer, asker: Member, helper: Member
) -> None:
    conversation = offer_to(asker, helper)
    page = come_in(helper)
    page.goto(url_of(conversation))
    # No look comes between.
    page.route("**/?after=*", lambda route: route.abort() if route.request.method == "GET" else route.continue_())
    Member.objects.filter(pk=helper.pk).update(verification_status="rejected")
    send(page, "I can also come at noon.")
    expect(page.locator("[data-waiting]")).to_contain_text("Not sent. Your account cannot do this now.")
    expect(page.get_by_text("Please sign in again.")).to_be_hidden()


def test_words_arrive_by_themselves_and_are_read_when_they_were_seen(
    come_in: Comer, asker: Member, helper: Member
) -> None:
    conversation = offer_to(asker, helper)
    ana, ben = come_in(asker), come_in(helper)
    ana.goto(url_of(conversation))
    ben.goto(url_of(conversation))
    send(ben, "I can also come at noon.")
    expect(ben.locator(".log__lines").first.get_by_text("I can also come at noon.", exact=True)).to_be_visible()
    expect(ben.locator("[data-waiting] li")).to_have_count(0)
    expect(ana.get_by_text("I can also come at noon.", exact=True)).to_be_visible(timeout=8_000)
    expect(ana.locator("[data-announcer]")).to_have_text("Ben: I can also come at noon.")
    expect(ben.get_by_text("Read", exact=True)).to_be_visible(timeout=15_000)
    assert Message.objects.count() == 1


def test_three_messages_without_signal_go_once_each_and_in_order(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    page = come_in(helper)
    page.goto(url_of(conversation))
    page.context.set_offline(True)
    said = [f"Number {number}" for number in range(3)]
    for words in said:
        send(page, words)
    waiting = page.locator("[data-waiting]")
    expect(waiting.get_by_text("Waiting for signal")).to_have_count(3)
    assert not Message.objects.exists()
    page.context.set_offline(False)
    page.reload()
    expect(waiting.locator("li")).to_have_count(0)
    expect(page.locator(".bubble--mine .bubble__words")).to_have_count(4)
    assert list(Message.objects.order_by("sequence").values_list("content", flat=True)) == said


def test_an_answer_that_is_lost_twenty_times_makes_no_copies(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    page = come_in(helper)
    page.goto(url_of(conversation))
    lost: set[str] = set()

    def lose(route: Route) -> None:
        body = route.request.post_data or ""
        key = body.partition("client_id=")[2]
        if not key or key in lost:
            route.continue_()
        else:
            lost.add(key)
            route.fetch()
            route.abort()

    page.route(f"**{url_of(conversation)}*", lose)
    said = [f"Number {number}" for number in range(20)]
    for words in said:
        send(page, words)
    expect(page.locator("[data-waiting] li")).to_have_count(0, timeout=60_000)
    assert len(lost) == 20
    assert list(Message.objects.order_by("sequence").values_list("content", flat=True)) == said


def test_a_reader_further_up_is_not_moved(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    for number in range(40):
        say(helper, conversation, f"Word {number}")
    page = come_in(asker)
    page.goto(url_of(conversation) + "#composer")
    log = page.locator(".log")
    log.evaluate("it => { it.scrollTop = -500; }")
    seen = page.get_by_text("Word 25", exact=True)
    before = seen.bounding_box()
    say(helper, conversation, "One more word")
    button = page.get_by_role("button", name="1 new message")
    expect(button).to_be_visible(timeout=8_000)
    after = seen.bounding_box()
    assert before
    assert after
    assert after["y"] == pytest.approx(before["y"], abs=1)
    button.click()
    expect(page.locator("li:focus")).to_contain_text("One more word")
    expect(page.locator("li:focus")).to_be_in_viewport()
    expect(button).to_be_hidden()


def test_a_refused_message_stays_and_says_so(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    page = come_in(helper)
    # Nothing new gets through, so the page cannot know.
    page.route("**/?after=*", lambda route: route.abort() if route.request.method == "GET" else route.continue_())
    page.goto(url_of(conversation))
    closing.close_conversation(asker, conversation.pk)
    send(page, "Are you there?")
    line = page.locator("[data-waiting] li")
    expect(line).to_contain_text("Not sent. You cannot send messages in this chat now.")
    line.get_by_role("button", name="Delete").click()
    expect(line).to_have_count(0)

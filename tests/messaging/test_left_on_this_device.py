"""What was written on a device and not sent: named where it matters, asked about, and nobody else's to read."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from members.models import Member, MemberSession
from messaging.models import Conversation, Message
from messaging.services import closing
from tests.factories.messaging import offer_to, say
from tests.members.browser.rounds import come_as, give_password, press
from tests.support.jobs import wait_until

pytestmark = pytest.mark.committed
LEFT = "Object.keys(localStorage).filter((key) => /^(draft|unsent):/.test(key))"
STORED = """() => new Promise((resolve) => {
    const asked = indexedDB.open("outbox");
    asked.onsuccess = () => {
        const all = asked.result.transaction("outbox").objectStore("outbox").getAll();
        all.onsuccess = () => { asked.result.close(); resolve(all.result.map(({ words }) => words)); };
    };
})"""
CHATS = re.compile(r"/messages/[-0-9a-f]{36}/(\?.*)?$")
WORDS = "The porch is fine."


def no_way_through(route: Route) -> None:
    route.abort() if route.request.method == "POST" else route.continue_()


@pytest.fixture
def conversation(asker: Member, helper: Member) -> Conversation:
    return offer_to(asker, helper)


@pytest.fixture
def writing(page: Page, site: str, helper: Member, conversation: Conversation) -> Page:
    """Ben's words wait on his phone: the server does not take them."""
    come_as(page, site, helper)
    page.goto(f"/messages/{conversation.pk}/")
    page.route(CHATS, no_way_through)
    write(page, WORDS)
    expect(page.locator("[data-waiting] li")).to_have_count(1)
    return page


def write(page: Page, words: str) -> None:
    page.get_by_label("Your message").fill(words)
    page.get_by_role("button", name="Send").click()


def wait_for_words(words: str) -> None:
    wait_until(lambda: [message.content for message in Message.objects.all()] == [words], f"“{words}” arrived once")


def sign_out(page: Page) -> None:
    page.goto("/me/")
    page.get_by_role("button", name="Sign out", exact=True).click()


def test_signing_out_asks_and_sends_first(writing: Page) -> None:
    sign_out(writing)
    panel = writing.get_by_role("group", name="1 message has not been sent. Send it first?")
    expect(panel.get_by_role("heading")).to_be_focused()
    panel.get_by_role("button", name="Stay signed in").click()
    expect(panel).to_be_hidden()
    writing.get_by_role("button", name="Sign out", exact=True).click()
    writing.unroute(CHATS)
    press(writing, "Send first")
    assert writing.url.endswith("/login/")
    assert [message.content for message in Message.objects.all()] == [WORDS]
    assert writing.evaluate(LEFT) == writing.evaluate(STORED) == []


def test_who_signs_out_without_sending_leaves_nothing(writing: Page) -> None:
    writing.get_by_label("Your message").fill("And one more thing")
    sign_out(writing)
    press(writing, "Delete and sign out")
    assert writing.evaluate(LEFT) == writing.evaluate(STORED) == []
    assert not Message.objects.exists()


def test_a_device_that_only_says_it_has_something_keeps_nobody(page: Page, site: str, helper: Member) -> None:
    come_as(page, site, helper)
    page.goto("/me/")
    page.evaluate(f"localStorage.setItem('unsent:{helper.pk}', 1)")
    press(page, "Sign out")
    assert page.url.endswith("/login/")
    assert page.evaluate(LEFT) == []


def test_what_cannot_be_sent_is_said_and_nobody_is_signed_out(
    writing: Page, helper: Member, conversation: Conversation, asker: Member
) -> None:
    closing.close_conversation(asker, conversation.pk)
    writing.unroute(CHATS)
    sign_out(writing)
    writing.get_by_role("button", name="Send first").click()
    expect(writing.locator("[data-leaving] [role=status]")).to_have_text("It could not be sent. Its chat says why.")
    assert writing.evaluate(STORED) == [WORDS]
    writing.goto("/messages/?show=all")
    expect(writing.locator(".talk__last").first).to_have_text(f"Not sent: {WORDS}")


def test_somebody_else_on_this_device_is_asked_and_reads_nothing(
    writing: Page, site: str, outsider: Member, helper: Member
) -> None:
    MemberSession.objects.all().delete()
    writing.unroute(CHATS)
    give_password(writing, outsider)
    asked = writing.get_by_role("group", name="Messages by someone else")
    expect(asked).to_contain_text("Someone else wrote a message on this device, and it has not been sent.")
    assert WORDS not in writing.content()
    asked.get_by_role("button", name="Keep").click()
    expect(writing.locator("main")).to_be_focused()
    writing.reload()
    expect(asked).to_have_count(0)
    assert not Message.objects.exists()
    sign_out(writing)
    writing.wait_for_url("**/login/")
    give_password(writing, helper)
    expect(writing.get_by_role("group", name="Messages by someone else")).to_have_count(0)
    wait_for_words(WORDS)
    wait_until(lambda: writing.evaluate(STORED) == [], "nothing is left here")


def test_somebody_else_may_delete_it(writing: Page, outsider: Member) -> None:
    MemberSession.objects.all().delete()
    writing.unroute(CHATS)
    give_password(writing, outsider)
    asked = writing.get_by_role("group", name="Messages by someone else")
    asked.get_by_role("button", name="Delete").click()
    expect(asked).to_have_count(0)
    assert writing.evaluate(LEFT) == writing.evaluate(STORED) == []


def test_the_list_of_chats_names_drafts_and_what_waits(writing: Page, asker: Member) -> None:
    writing.goto("/messages/")
    row = writing.locator(".talk__last:visible")
    expect(row).to_have_text(f"Not sent yet: {WORDS}")
    writing.unroute(CHATS)
    writing.evaluate("dispatchEvent(new Event('online'))")
    wait_for_words(WORDS)
    expect(row).not_to_contain_text("Not sent yet")
    writing.locator(".talk__link").click()
    writing.get_by_label("Your message").fill("I was about to")
    writing.goto("/messages/")
    expect(row).to_have_text("Draft: I was about to")
    say(asker, Conversation.objects.get(), "Come at noon.")
    writing.reload()
    expect(row).to_have_text(["Draft: I was about to", "Come at noon."])

"""What opens over a conversation, and who signed out and in again while it stood there."""

from urllib.parse import urljoin

from django.db.models import F
from playwright.sync_api import Page, Route, expect

from members.models import Member, MemberSession
from messaging.models import Conversation, Message
from messaging.models.words import EDIT_WINDOW
from tests.cast import browser_of
from tests.factories.messaging import offer_to, say
from tests.support.jobs import wait_until
from tests.support.talking import Comer, look, send, url_of

WORDS = "I can come at noon."


def edit_of(page: Page, words: str) -> None:
    bubble = page.locator(".bubble", has_text=words)
    bubble.locator("summary").click()
    # The script of the menus is here.
    expect(bubble.get_by_role("button", name="Copy")).to_be_visible()
    bubble.get_by_role("link", name="Edit").click()


def test_a_second_press_opens_nothing_and_what_takes_long_says_so(
    come_in: Comer, asker: Member, helper: Member
) -> None:
    conversation = offer_to(asker, helper)
    say(helper, conversation, WORDS)
    page = come_in(helper)
    page.goto(url_of(conversation))
    asked: list[Route] = []
    page.route("**/edit/", lambda route: asked.append(route))
    edit_of(page, WORDS)
    link = page.get_by_role("link", name="Opening…")
    link.dispatch_event("click")
    assert len(asked) == 1
    asked[0].continue_()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    expect(dialog).to_have_count(1)
    # How many letters are left is counted here as well.
    dialog.get_by_role("textbox").fill("a" * 995)
    expect(dialog).to_contain_text("5 letters left.")


def test_what_cannot_be_changed_any_more_says_why(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    say(helper, conversation, WORDS)
    page = come_in(helper)
    page.goto(url_of(conversation))
    bubble = page.locator(".bubble", has_text=WORDS)
    bubble.locator("summary").click()
    expect(bubble.get_by_role("button", name="Copy")).to_be_visible()
    Message.objects.update(created_at=F("created_at") - EDIT_WINDOW)
    bubble.get_by_role("link", name="Edit").click()
    expect(page.locator(".flash")).to_contain_text("You can change a message for 15 minutes")


def test_who_signs_in_again_in_another_tab_goes_on_here(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    page = come_in(helper)
    page.goto(url_of(conversation))
    MemberSession.objects.all().delete()
    look(page)
    signed_out = page.get_by_text("Please sign in again. Your words are saved.")
    expect(signed_out).to_be_visible()
    page.get_by_label("Your message").press_sequentially("Hi")
    expect(signed_out).to_be_visible()

    sign_in(page, helper)
    say(asker, conversation, "Are you there?")
    look(page)
    expect(signed_out).to_be_hidden()
    page.bring_to_front()
    wait_until(lambda: has_read(conversation, 2), "what was seen counts as read")
    send(page, "I am.")
    expect(page.locator(".bubble__state").last).to_have_text("Sent")


def sign_in(page: Page, member: Member) -> None:
    """With another proof that forms are ours."""
    cookies = browser_of(member).cookies
    page.context.add_cookies(
        [{"name": "sessionid", "value": cookies["sessionid"].value, "url": urljoin(page.url, "/")}]
    )
    for cookie in page.context.cookies():
        if "csrf" in cookie["name"]:
            page.context.clear_cookies(name=cookie["name"])
    other = page.context.new_page()
    other.goto("/me/")
    other.close()


def has_read(conversation: Conversation, sequence: int) -> bool:
    return Conversation.objects.get(pk=conversation.pk).helper_read >= sequence

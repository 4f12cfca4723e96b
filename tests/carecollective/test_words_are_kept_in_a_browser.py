"""The device's own part in losing no word: drafts, the way back from signing in, the count-down."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from members import limits
from members.models import Member, MemberSession
from messaging.models import Conversation
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import PASSWORD
from tests.members.browser.rounds import come_as, press
from tests.support.jobs import wait_until

pytestmark = pytest.mark.committed
NOTE = "I shop on Tuesdays. I can carry your bags."
DRAFTS = "Object.keys(localStorage).filter((key) => key.startsWith('draft:'))"


@pytest.fixture
def offering(page: Page, site: str, asker: Member, helper: Member) -> Page:
    """Ben has written his note to Ana, and not sent it."""
    come_as(page, site, helper)
    page.goto(f"/requests/{HelpRequestFactory(requester=asker).pk}/offer/")
    page.get_by_label("Your note to Ana").fill(NOTE)
    must_have_drafts(page, 1)
    return page


def note(page: Page) -> Locator:
    return page.get_by_label("Your note to Ana")


def must_have_drafts(page: Page, count: int) -> None:
    wait_until(lambda: len(page.evaluate(DRAFTS)) == count, f"{count} drafts are kept")


def test_a_note_survives_a_reload_and_is_forgotten_once_it_is_sent(offering: Page, helper: Member) -> None:
    key = offering.locator("[name=client_id]").input_value()
    offering.reload()
    expect(note(offering)).to_have_value(NOTE)
    assert offering.locator("[name=client_id]").input_value() == key
    press(offering, "Send my offer")
    must_have_drafts(offering, 0)
    assert Conversation.objects.get().initial_message == NOTE


def test_an_answer_that_got_lost_makes_no_second_offer(offering: Page) -> None:
    def lose_the_answer(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    page = offering.url
    offering.route("**/offer/", lose_the_answer, times=1)
    offering.get_by_role("button", name="Send my offer").click()
    offering.wait_for_url("chrome-error://**")
    offering.goto(page)
    # Sent it was; so the page leads into the chat, and the words are in its box only if they are new.
    assert "/messages/" in offering.url
    assert Conversation.objects.get().initial_message == NOTE


def test_a_session_that_ends_while_somebody_writes_costs_no_word(offering: Page, helper: Member) -> None:
    MemberSession.objects.all().delete()
    page = offering.url
    press(offering, "Send my offer")
    assert offering.get_by_role("status").inner_text().startswith("Please sign in again. Your words are saved.")
    offering.get_by_label("Your email").fill(helper.email)
    offering.get_by_role("textbox", name="Your password").fill(PASSWORD)
    press(offering, "Sign in")
    assert offering.url == page
    expect(note(offering)).to_have_value(NOTE)
    press(offering, "Send my offer")
    assert Conversation.objects.get().initial_message == NOTE


def test_signing_out_leaves_nothing_on_a_shared_phone(offering: Page) -> None:
    offering.goto("/me/")
    press(offering, "Sign out")
    assert offering.evaluate(DRAFTS) == []


def test_a_draft_that_was_taken_out_again_stays_out(offering: Page) -> None:
    note(offering).fill("")
    must_have_drafts(offering, 0)
    offering.reload()
    expect(note(offering)).to_have_value("")


def test_a_tab_left_open_brings_nothing_back_after_signing_out(offering: Page) -> None:
    other = offering.context.new_page()
    other.goto("/me/")
    press(other, "Sign out")
    note(offering).fill("And one more thing")
    offering.goto("/help/")
    must_have_drafts(offering, 0)


def test_somebody_else_on_the_same_phone_finds_nothing(offering: Page, site: str, outsider: Member) -> None:
    come_as(offering, site, outsider)
    offering.goto("/requests/")
    must_have_drafts(offering, 0)


def test_who_was_too_fast_sees_the_time_run_down_and_may_then_go_on(offering: Page, helper: Member) -> None:
    offering.clock.install()
    for _ in range(10):
        limits.take(limits.CONVERSATIONS, helper.pk)
    press(offering, "Send my offer")
    summary = offering.locator(".error-summary")
    assert "You can send this in 60 minutes." in summary.inner_text()
    expect(note(offering)).to_have_value(NOTE)
    button = offering.get_by_role("button", name="Send my offer")
    assert button.get_attribute("aria-disabled") == "true"
    button.click(force=True)
    assert Conversation.objects.count() == 0
    limits.forget(limits.CONVERSATIONS, helper.pk)
    offering.clock.fast_forward("59:00")
    expect(summary).to_contain_text(" seconds.")
    offering.clock.fast_forward("02:00")
    offering.get_by_text("You can send it now.").wait_for()
    assert button.get_attribute("aria-disabled") is None
    press(offering, "Send my offer")
    assert Conversation.objects.get().initial_message == NOTE

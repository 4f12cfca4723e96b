"""The desk by keyboard: a case in six presses, keys that can be read about and switched off, an undo that counts."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.utils.timezone import now
from playwright.sync_api import Page, expect

from members.models import Member
from members.services import verification
from moderation.models import Action, Case, Decision, Standing
from moderation.services import asking, telling
from notifications.models import Notice
from tests.factories.moderation import decide, reported_message, reported_thread
from tests.support.looking import look_at, prepare
from tests.support.talking import Comer

QUEUE = "/admin/moderation/case/"
WIDE = {"viewport": {"width": 1280, "height": 900}}


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def arrive(page: Page, *keys: str) -> None:
    """The last of them leads to another page."""
    press(page, *keys[:-1])
    with page.expect_navigation():
        page.keyboard.press(keys[-1])
    page.wait_for_load_state("networkidle")


def test_a_case_in_six_presses_and_undone_without_a_mail(
    come_in: Comer, asker: Member, helper: Member, moderator: Member
) -> None:
    report = reported_message(asker, helper)
    page = come_in(moderator, **WIDE)
    page.goto(QUEUE, wait_until="networkidle")
    arrive(page, "j", "Enter")
    assert str(report.case_id) in page.url
    arrive(page, "5", "w", "s")
    expect(page.get_by_role("heading", name="what each person gets")).to_be_visible()
    shown = (
        page.locator(".preview").filter(has_text="Whom it is about").locator("div.preview__text p").all_inner_texts()
    )
    assert not Decision.objects.exists()
    arrive(page, "s")
    expect(page.get_by_text("Warned Ben.").first).to_be_visible()
    made = Decision.objects.get()
    assert (made.action, made.rule) == (Action.WARN, 5)
    assert made.clear_words in " ".join(shown)
    expect(page.locator("[data-undo-left]")).to_have_text(re.compile(r"^(10:00|9:\d\d)$"))
    # The key only leads to the button; pressing it is a press of its own.
    press(page, "u")
    assert Decision.objects.get().standing == Standing.IN_FORCE
    arrive(page, "Enter")
    made.refresh_from_db()
    assert made.standing == Standing.UNDONE
    Decision.objects.filter(pk=made.pk).update(counts_from=now() - timedelta(minutes=11))
    telling.tell()
    assert not Notice.objects.filter(event__kind__in=["decision_made", "report_answered"]).exists()


def test_the_record_of_a_member_and_the_lists_are_for_everybody(
    come_in: Comer, axe: Callable[[Page], None], asker: Member, helper: Member, moderator: Member
) -> None:
    decide(moderator, reported_message(asker, helper).case, Action.SUSPEND)
    verification.take_back_membership(moderator, helper.pk, "Never one of us.")
    page = come_in(moderator, **WIDE)
    for address in (f"/admin/members/member/{helper.pk}/change/", "/admin/moderation/decision/"):
        page.goto(address)
        expect(page.get_by_role("navigation", name="Desk").get_by_role("link", name="Cases")).to_be_visible()
        axe(page)
    expect(page.get_by_text("Pause", exact=True).first).to_be_visible()


def test_keys_are_explained_stay_out_of_boxes_and_can_be_switched_off(
    come_in: Comer, asker: Member, helper: Member, moderator: Member
) -> None:
    reported_thread(asker, helper)
    asking.ask(asker, "How do I change my town?")
    page = come_in(moderator, **WIDE)
    prepare(page)
    page.goto(QUEUE, wait_until="networkidle")
    press(page, "?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    assert look_at(page) == []
    keys.locator("label").click()
    keys.get_by_role("button", name="Close").click()
    press(page, "j")
    expect(page.get_by_role("button", name="Open case")).not_to_be_focused()
    page.get_by_role("button", name="Keys").click()
    keys.locator("label").click()
    keys.get_by_role("button", name="Close").click()
    press(page, "/")
    expect(page.get_by_label("Number or name")).to_be_focused()
    press(page, "j", "?")
    expect(page.get_by_label("Number or name")).to_have_value("j?")
    page.get_by_label("Number or name").fill("")
    page.locator("main").focus()
    press(page, "j", "j")
    expect(page.get_by_role("link", name="Read it")).to_be_focused()
    press(page, "k")
    arrive(page, "Enter")
    # What may hurt stays folded, and the boxes fill only by the words that fit.
    expect(page.locator(".veil .line").first).not_to_be_visible()
    press(page, "a")
    expect(page.get_by_label("No rule broken")).to_be_checked()
    expect(page.get_by_label("Your words to whoever reported it")).to_have_value(re.compile("found no broken rule"))
    press(page, "p")
    expect(page.get_by_label("7 days")).to_be_visible()
    press(page, "t")
    expect(page.get_by_role("button", name="Asking for money")).to_be_visible()
    press(page, "e")
    expect(page.get_by_label("Why?").first).to_be_focused()
    assert look_at(page) == []
    assert Case.objects.filter(claimed_by=moderator).exists()
    page.locator("main").focus()
    arrive(page, "g", "h")
    expect(page.get_by_role("heading", name="Community health")).to_be_visible()

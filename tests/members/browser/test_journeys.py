"""The ways people go through the members room, with and without JavaScript."""

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from members import roles
from members.models import Member, MemberSession, SecondFactor
from members.services import second_factor, verification
from members.services.accounts import confirm_email, confirmation_link
from moderation.models import Question
from tests.factories.members import PASSWORD, MemberFactory
from tests.members.browser.rounds import (
    come_as,
    fill_in_area,
    fill_in_why,
    fill_in_you,
    give_password,
    press,
)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser, site: str):
    context = browser.new_context(
        base_url=site, java_script_enabled=request.param, viewport={"width": 360, "height": 640}
    )
    yield context.new_page()
    context.close()


def test_from_joining_to_the_first_page(page: Page) -> None:
    fill_in_you(page)
    fill_in_area(page)
    fill_in_why(page)
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    newcomer = Member.objects.get(email="rosa@example.org")
    page.goto(f"/join/confirm/{confirmation_link(newcomer)}/")
    expect(page.get_by_role("heading", name="Thanks, Rosa.")).to_be_visible()
    expect(page.get_by_text("Your email is checked.")).to_be_visible()
    expect(page.locator("[aria-current=step]")).to_contain_text("Read by our team")
    verification.approve(MemberFactory(role=roles.VERIFIER), newcomer.pk)
    page.goto("/waiting/")
    expect(page.get_by_role("heading", name="You are in.")).to_be_visible()
    page.get_by_role("link", name="Ask for help").click()
    expect(page).to_have_url("/requests/new/")


def test_a_change_at_the_last_step_loses_no_word(page: Page) -> None:
    fill_in_you(page)
    fill_in_area(page)
    page.get_by_label("Tell us about your caregiving").fill("My father and I live")
    press(page, "Change your email")
    expect(page.get_by_label("Your name")).to_have_value("Rosa Delgado")
    page.get_by_label("Your email").fill("other@example.org")
    press(page, "Go on")
    expect(page.get_by_label("Tell us about your caregiving")).to_have_value("My father and I live")
    expect(page.get_by_text("other@example.org")).to_be_visible()


def test_the_link_opened_on_another_device(page: Page) -> None:
    newcomer = MemberFactory(unchecked=True)
    page.goto(f"/join/confirm/{confirmation_link(newcomer)}/")
    press(page, "Yes, this is mine")
    expect(page.get_by_text("Your email is checked. Please sign in.")).to_be_visible()


def test_signing_in_goes_on_to_where_one_wanted(page: Page) -> None:
    asker = MemberFactory(called="Ana")
    page.goto("/me/")
    expect(page).to_have_url("/login/?next=%2Fme%2F")
    page.get_by_label("Your email").fill(asker.email)
    page.get_by_role("textbox", name="Your password").fill("wrong but long enough")
    press(page, "Sign in")
    expect(page.get_by_role("alert")).to_contain_text("That email and password do not match.")
    expect(page.get_by_label("Your email")).to_have_value(asker.email)
    page.get_by_role("textbox", name="Your password").fill(PASSWORD)
    press(page, "Sign in")
    expect(page).to_have_url("/me/")


def test_staff_set_up_their_second_step_and_use_it(page: Page) -> None:
    vera = MemberFactory(called="Vera", role=roles.VERIFIER)
    give_password(page, vera)
    expect(page.get_by_role("heading", name="Set up your second step")).to_be_visible()
    expect(page.locator(".qr")).to_be_visible()
    totp = pyotp.TOTP(second_factor.begin(vera))
    page.get_by_label("The code in your app").fill(totp.now())
    press(page, "Check the code")
    expect(page.locator(".secrets li")).to_have_count(8)
    code = page.locator(".secrets li").first.inner_text()
    press(page, "I have them. Sign me in")
    expect(page).to_have_url("/home/")
    page.goto("/me/")
    press(page, "Sign out")
    SecondFactor.objects.update(last_step=0)
    give_password(page, vera)
    page.get_by_label("The code in your app").fill(totp.now())
    press(page, "Sign in")
    expect(page).to_have_url("/home/")
    page.context.clear_cookies(name="sessionid")
    give_password(page, vera)
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("One of your recovery codes").fill(code)
    press(page, "Sign in")
    expect(page).to_have_url("/home/")


def test_look_and_text_are_chosen_before_anybody_signs_in(page: Page) -> None:
    page.goto("/look/")
    page.locator("label").filter(has_text="A++").click()
    page.locator("label").filter(has_text="Dark").click()
    press(page, "Save")
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    page.goto("/login/")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.locator("html").get_attribute("data-text") == "3"


def test_two_quick_presses_join_once(page: Page) -> None:
    fill_in_you(page)
    fill_in_area(page)
    page.get_by_label("Tell us about your caregiving").fill("I look after my father.")
    page.get_by_label("Why do you want to join?").fill("I would like to meet people.")
    page.locator("label").filter(has_text="I will follow the rules").click()
    page.get_by_role("button", name="Send my request to join").dblclick(no_wait_after=True)
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    assert Member.objects.filter(email="rosa@example.org").count() == 1
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()


def test_who_waits_hears_the_news_on_coming_back(page: Page, site: str, request: pytest.FixtureRequest) -> None:
    if "without" in request.node.callspec.id:
        return
    wen = MemberFactory(called="Wen", waiting=True)
    come_as(page, site, wen)
    page.goto("/waiting/")
    expect(page.get_by_text("You are in.")).to_be_hidden()
    verification.approve(MemberFactory(role=roles.VERIFIER), wen.pk)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("You are in.")).to_be_visible()
    expect(page.get_by_text("There is news")).to_be_hidden()
    expect(page).to_have_url("/waiting/")
    page.get_by_role("link", name="See where to begin").click()
    expect(page.get_by_role("heading", name="You are in.")).to_be_visible()


def test_who_waits_for_the_mail_sees_that_it_was_opened_elsewhere(
    page: Page, site: str, request: pytest.FixtureRequest
) -> None:
    uma = MemberFactory(called="Uma", unchecked=True)
    come_as(page, site, uma)
    # The script that looks again comes after the page.
    page.goto("/waiting/", wait_until="networkidle")
    confirm_email(confirmation_link(uma))
    if "without" in request.node.callspec.id:
        page.reload()
    else:
        page.evaluate("window.dispatchEvent(new Event('focus'))")
        page.get_by_role("link", name="Read it").click()
    expect(page.get_by_role("heading", name="Thanks, Uma.")).to_be_visible()


def test_a_question_typed_while_the_session_ended_is_still_there_and_counts_once(page: Page, site: str) -> None:
    ana = MemberFactory(called="Ana", email="ana@example.org")
    come_as(page, site, ana)
    page.goto("/help/contact/")
    page.get_by_label("Your question").fill("How do I change my town?")
    MemberSession.objects.all().delete()
    press(page, "Send my question")
    expect(page.get_by_text("Your words are saved.")).to_be_visible()
    page.get_by_label("Your email").fill(ana.email)
    page.get_by_role("textbox", name="Your password").fill(PASSWORD)
    press(page, "Sign in")
    expect(page.get_by_label("Your question")).to_have_value("How do I change my town?")
    page.get_by_role("button", name="Send my question").dblclick(no_wait_after=True)
    expect(page.get_by_role("heading", name="Thank you. We have your question.")).to_be_visible()
    page.reload()
    page.go_back()
    expect(page.get_by_role("link", name="How do I change my town?")).to_be_visible()
    assert Question.objects.get().clear_words == "How do I change my town?"

"""What people do at the pages of joining and signing in."""

from playwright.sync_api import Page

from members.models import Member
from tests.cast import browser_of
from tests.factories.members import PASSWORD

SENTENCE = "I look after my father, who has trouble walking."


def come_as(page: Page, site: str, member: Member) -> None:
    session = browser_of(member).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])


def press(page: Page, words: str) -> None:
    # The click alone returns while the old page may still stand there.
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).click()


def tick(page: Page, words: str) -> None:
    # The label covers its whole card, so that is what a person presses.
    page.locator("label").filter(has_text=words).click()


def fill_in_you(page: Page, email: str = "rosa@example.org") -> None:
    page.goto("/join/")
    page.get_by_label("Your name").fill("Rosa Delgado")
    page.get_by_label("What should we call you?").fill("Rosa")
    page.get_by_label("Your email").fill(email)
    page.get_by_role("textbox", name="Choose a password").fill("three calm geese on a pond")
    press(page, "Go on")


def fill_in_area(page: Page) -> None:
    if page.get_by_role("radio").count():
        tick(page, "Springfield")
    else:
        page.get_by_label("Which town do you live in?").fill("Springfield")
    press(page, "Go on")


def fill_in_why(page: Page) -> None:
    page.get_by_label("Tell us about your caregiving").fill(SENTENCE)
    page.get_by_label("Why do you want to join?").fill("I would like to meet people who know this.")
    tick(page, "I will follow the rules")
    press(page, "Send my request to join")


def give_password(page: Page, member: Member) -> None:
    page.goto("/login/")
    page.get_by_label("Your email").fill(member.email)
    page.get_by_role("textbox", name="Your password").fill(PASSWORD)
    press(page, "Sign in")

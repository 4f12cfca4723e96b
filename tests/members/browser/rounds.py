"""A round through every page of the members room, as each person meets it."""

from collections.abc import Callable, Iterator

import pyotp
from django.contrib.auth.tokens import default_token_generator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from playwright.sync_api import Page

from members import roles
from members.models import Member, SecondFactor, VerificationChange
from members.services.accounts import confirmation_link
from members.services.second_factor import begin
from moderation.models import Question
from moderation.services import asking
from tests.cast import browser_of
from tests.factories.members import PASSWORD, MemberFactory

Stops = Iterator[str]
SENTENCE = "I look after my father, who has trouble walking."


def every_round() -> list[Callable[[Page, str], Stops]]:
    return [joining, links_in_mails, signing_in, waiting_people, questions, members, staff]


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


def joining(page: Page, site: str) -> Stops:
    page.goto("/join/")
    yield "join-1"
    press(page, "Go on")
    yield "join-1-error"
    fill_in_you(page)
    yield "join-2"
    press(page, "Go on")
    yield "join-2-error"
    fill_in_area(page)
    yield "join-3"
    press(page, "Send my request to join")
    yield "join-3-error"
    fill_in_why(page)
    yield "check-email"
    press(page, "Send it again")
    yield "check-email-again"
    page.goto("/join/not-yet/")
    yield "not-yet"


def links_in_mails(page: Page, site: str) -> Stops:
    new = MemberFactory(unchecked=True, email="a.very.long.address.of.a.new.member@subdomain.example.org")
    page.goto(f"/join/confirm/{confirmation_link(new)}/")
    yield "confirm"
    page.goto("/join/confirm/broken/")
    yield "old-link"
    page.get_by_label("Your email").fill(new.email)
    press(page, "Send a new link")
    yield "new-link-sent"
    page.goto("/password/forgot/")
    yield "forgot"
    page.get_by_label("Your email").fill(new.email)
    press(page, "Send me a link")
    yield "forgot-sent"
    person, token = urlsafe_base64_encode(force_bytes(new.pk)), default_token_generator.make_token(new)
    page.goto(f"/password/new/{person}/{token}/")
    yield "new-password"
    press(page, "Save my new password")
    yield "new-password-error"
    page.goto(f"/password/new/{person}/wrong/")
    yield "old-password-link" if page.get_by_text("This link does not work").count() else "new-password-kept"
    page.context.clear_cookies(name="sessionid")
    page.goto(f"/password/new/{person}/wrong/")
    yield "old-password-link"


def signing_in(page: Page, site: str) -> Stops:
    page.goto("/login/?next=/me/")
    yield "sign-in"
    page.get_by_label("Your email").fill("nobody@example.org")
    page.get_by_role("textbox", name="Your password").fill("something else entirely")
    press(page, "Sign in")
    yield "sign-in-error"
    page.goto("/help/contact/")
    yield "contact-stranger"
    page.goto("/look/")
    yield "look"


def waiting_people(page: Page, site: str) -> Stops:
    come_as(page, site, MemberFactory(called="Uma", unchecked=True))
    page.goto("/waiting/")
    yield "waiting-unchecked"
    come_as(page, site, MemberFactory(called="Wen", waiting=True))
    page.goto("/waiting/")
    yield "waiting"
    page.goto("/waiting/answer/")
    yield "answer"
    page.goto("/my-data/")
    yield "my-data"
    declined = MemberFactory(called="Dan", declined=True)
    why = "We serve only people who live in our area."
    VerificationChange.objects.create(member=declined, from_status="pending", to_status="rejected", reason=why)
    come_as(page, site, declined)
    page.goto("/waiting/")
    yield "declined"
    press(page, "Ask us to look again")
    yield "declined-error"
    page.goto("/my-data/")
    yield "my-data-declined"
    page.goto("/help/contact/")
    yield "contact-declined"


def questions(page: Page, site: str) -> Stops:
    ana = MemberFactory(called="Ana", name="Ana Torres", email="ana@example.org")
    come_as(page, site, ana)
    page.goto("/help/contact/")
    press(page, "Send my question")
    yield "contact-error"
    page.get_by_label("Your question").fill(f"How do I change my town?\n{'x' * 200}")
    press(page, "Send my question")
    yield "question-sent"
    moderator = MemberFactory(role=roles.MODERATOR)
    asking.answer_question(moderator, Question.objects.get().pk, f"Open “Me”.\n{'y' * 200}")
    page.goto("/help/contact/")
    yield "contact-with-questions"
    page.get_by_role("link", name="How do I change my town?").click()
    yield "question-answered"


def members(page: Page, site: str) -> Stops:
    come_as(page, site, MemberFactory(called="Ana", name="Ana Torres", email="ana@example.org"))
    page.goto("/waiting/")
    yield "welcome"
    page.goto("/me/")
    yield "me"
    page.get_by_label("What should we call you?").fill("")
    press(page, "Save")
    yield "me-error"
    page.get_by_label("What should we call you?").fill("Ana Maria")
    press(page, "Save")
    yield "me-saved"
    page.goto("/me/password/")
    yield "change-password"
    page.goto("/me/tokens/")
    yield "tokens"
    page.get_by_label("What is it for?").fill("My calendar")
    press(page, "Make a token")
    yield "tokens-new"
    page.goto("/me/blocked/")
    yield "blocked-empty"
    page.goto(f"/people/{MemberFactory(called='Wolfeschlegelsteinhausenbergerdorff').pk}/block/")
    yield "block"
    press(page, "Block Wolfeschlegelsteinhausenbergerdorff")
    yield "blocked"


def staff(page: Page, site: str) -> Stops:
    page.context.clear_cookies(name="sessionid")
    vera = MemberFactory(called="Vera", email="vera@example.org", role=roles.VERIFIER)
    give_password(page, vera)
    yield "second-step"
    press(page, "Check the code")
    yield "second-step-error"
    page.get_by_label("The code in your app").fill(pyotp.TOTP(begin(vera)).now())
    press(page, "Check the code")
    yield "recovery-codes"
    SecondFactor.objects.update(last_step=0)
    give_password(page, vera)
    yield "code"
    page.get_by_role("link", name="Use a recovery code").click()
    yield "code-on-paper"


def give_password(page: Page, member: Member) -> None:
    page.goto("/login/")
    page.get_by_label("Your email").fill(member.email)
    page.get_by_role("textbox", name="Your password").fill(PASSWORD)
    press(page, "Sign in")

"""From “I need a hand” to “thank you”: two people go the whole way in a real browser, in each of four ways."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import Browser, Page, expect

from carecollective import invariants
from help_requests.models import HelpRequest
from help_requests.models.words import Status
from members import roles
from members.models import Member
from messaging.models import Conversation, OfferState, Plan, Thanks, Type
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.flows.test_joining import PASSWORD, link_in_the_last_mail
from tests.support.person import AtTheKeyboard, Person, WithLargeWords

TITLE = "Pick up groceries on Tuesday"
NOTE = "Hi Rosa. I shop at the market on Tuesdays. I can drop your bags on the porch."
THANKS = "You made my week."

Comer = Callable[..., Any]


@dataclass(frozen=True)
class Way:
    """How the two of them use the site."""

    who: type[Person] = Person
    browser: dict[str, Any] = field(default_factory=dict)

    @property
    def has_scripts(self) -> bool:
        return bool(self.browser.get("java_script_enabled", True))


WAYS = {
    "with JavaScript": Way(),
    "without JavaScript": Way(browser={"java_script_enabled": False, "viewport": {"width": 360, "height": 640}}),
    "by keyboard": Way(AtTheKeyboard),
    "with large words on a small phone": Way(WithLargeWords),
}


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
def way(request: pytest.FixtureRequest) -> Way:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def come(browser: Browser, site: str) -> Iterator[Comer]:
    """Each person has a browser of their own; nothing goes wrong in it unseen."""
    contexts, troubles = [], []

    def come_in(who: type[Person], member: Member | None = None, **options: Any) -> Person:
        context = browser.new_context(base_url=site, **{"viewport": who.size} | options)
        contexts.append(context)
        context.on("weberror", lambda problem: troubles.append(str(problem.error)))
        context.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
        if member:
            session = browser_of(member).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        return who(context.new_page())

    yield come_in
    for context in contexts:
        context.close()
    assert not troubles


def test_two_people_from_joining_to_thanking(come: Comer, way: Way) -> None:
    rosa = come(way.who, **way.browser)
    ben = come(way.who, MemberFactory(name="Ben Okafor", called="Ben"), **way.browser)

    join(rosa)
    let_in(come(Person, MemberFactory(role=roles.VERIFIER)))
    ask(rosa)
    offer(ben)
    if not way.has_scripts:
        refresh_and_go_back(ben.page)
    accept(rosa)
    plan(rosa)
    agree(ben)
    thank(rosa, has_scripts=way.has_scripts)
    if not way.has_scripts:
        refresh_and_go_back(rosa.page)
    read_the_thanks(ben)

    everything_happened_once()


def join(rosa: Person) -> None:
    rosa.go("/")
    rosa.follow("Join")
    rosa.write("Your name", "Rosa Delgado")
    rosa.write("What should we call you?", "Rosa")
    rosa.write("Your email", "rosa@example.org")
    rosa.write("Choose a password", PASSWORD)
    rosa.press("Go on")
    rosa.write("Which town do you live in?", "Springfield")
    rosa.press("Go on")
    rosa.write("Tell us about your caregiving", "I look after my father.")
    rosa.write("Why do you want to join?", "To meet people who know this.")
    rosa.choose("I will follow the rules")
    rosa.press("Send my request to join")
    rosa.must_read("Check your email")
    rosa.go(link_in_the_last_mail())
    rosa.must_read("Thanks, Rosa.")


def let_in(vera: Person) -> None:
    """At the desk, as our team does it."""
    vera.go("/admin/members/member/?waiting=ready")
    vera.follow("Rosa")
    vera.follow("Approve")
    vera.press("Yes, let Rosa in")


def ask(rosa: Person) -> None:
    rosa.go(link_in_the_last_mail())
    rosa.must_read("You are in.")
    rosa.follow("Ask for help")
    rosa.choose("Groceries and meals")
    rosa.press("Go on")
    rosa.write("Say it in one line", TITLE)
    rosa.press("Go on")
    rosa.write("Tell us a bit more", "My hip hurts and I cannot carry bags.")
    rosa.press("Go on")
    rosa.choose("Any day")
    rosa.choose("No rush")
    rosa.press("Go on")
    rosa.choose("Not right now. That is fine.")
    rosa.press("Go on")
    rosa.must_read("Check your answers")
    rosa.must_read("My hip hurts")
    rosa.press("Post my request")
    rosa.must_read("Your request is up.")


def offer(ben: Person) -> None:
    ben.go("/requests/")
    ben.follow(TITLE)
    ben.must_read("My hip hurts")
    ben.open("Offer help", to="Offer help to Rosa")
    ben.write("Your note to Rosa", NOTE)
    ben.press("Send my offer")
    ben.must_read("Your offer is sent. We are telling Rosa.")


def accept(rosa: Person) -> None:
    rosa.go("/home/")
    rosa.must_read("Ben offered to help")
    rosa.follow("Read the offer")
    rosa.must_read(NOTE)
    rosa.follow("Yes, accept")
    rosa.press("Yes, accept")
    rosa.must_read("You said yes. Ben is your helper")


def plan(rosa: Person) -> None:
    rosa.follow("Plan")
    rosa.write("Which day?", (localdate() + timedelta(days=3)).isoformat())
    rosa.write("At what time?", "5 pm")
    rosa.write("Where?", "On my porch")
    rosa.press("Send the plan")
    rosa.must_read("Waiting for the other yes")
    rosa.must_read("5:00 PM")


def agree(ben: Person) -> None:
    ben.go("/home/")
    ben.must_read("Rosa has a plan for you")
    ben.follow("Look at the plan")
    ben.must_read("On my porch")
    ben.press("That works")
    ben.must_read("You both agreed")


def thank(rosa: Person, *, has_scripts: bool) -> None:
    rosa.go("/messages/")
    rosa.follow("Ben")
    rosa.follow("Did it help?")
    rosa.choose("Yes, all done")
    rosa.press("Send my answer")
    if has_scripts:
        rosa.begin_with(THANKS, label="Your thank-you")
    else:
        # Without them a beginning comes from the server, on a page no browser goes back to by itself.
        rosa.write("Your thank-you", THANKS)
    rosa.choose("You may show this without names")
    rosa.press("Send my thank-you")
    rosa.must_read(THANKS)


def read_the_thanks(ben: Person) -> None:
    ben.go("/home/")
    ben.must_read("Rosa says thank you.")
    ben.follow("Open the chat")
    ben.must_read(THANKS)
    ben.must_read("You can still talk.")


def refresh_and_go_back(page: Page) -> None:
    """What was sent is not sent again, whatever the browser does with its pages."""
    page.reload()
    page.go_back()
    page.reload()
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def everything_happened_once() -> None:
    request, talk = HelpRequest.objects.get(), Conversation.objects.get()
    assert (request.requester.called, request.status) == ("Rosa", Status.COMPLETED)
    assert (talk.help_request_id, talk.offer_state, talk.helper.called) == (request.pk, OfferState.ACCEPTED, "Ben")
    assert Plan.objects.get().is_agreed
    thanks = Thanks.objects.get()
    assert thanks.message.conversation_id == talk.pk
    assert thanks.may_be_shown
    # The words of the offer itself stand with the conversation.
    assert [said.type for said in talk.messages.exclude(type=Type.SYSTEM)] == [Type.THANKS]
    assert invariants.broken() == {}

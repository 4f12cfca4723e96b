"""Whoever opens whatever address of the site lands on the right page in at most one step, and never in a circle."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from members import roles
from members.models import Member
from tests.cast import browser_of
from tests.factories.members import PASSWORD, MemberFactory
from tests.members.pages.sent import said
from tests.rules.test_hostile_input import pages

pytestmark = pytest.mark.django_db
# A file, a program, and the part of a page.
NOT_A_WHOLE_PAGE = ("/download/", ".ics", "/manifest.webmanifest", "/sw.js", "/beside/")
OPEN_TO_ALL = (
    "/help/",
    "/decisions/",
    "/rules/",
    "/safety/",
    "/look/",
    "/offline/",
    "/my-data/",
    "/waiting/",
    "/join/",
    "/password/",
    "/manifest.webmanifest",
    "/sw.js",
)


def midway(**told: str) -> Client:
    """Somebody who joins and has come to this point."""
    browser = Client()
    browser.post("/join/", {"name": "Rosa Delgado", "called": "Rosa", "email": "r@example.org", "password": PASSWORD})
    if told:
        browser.post("/join/area/", told)
    return browser


def sent() -> Client:
    browser = midway(town="Springfield")
    words = {"caregiving": "I look after my father.", "reason": "I could use a hand.", "agree": "on"}
    assert browser.post("/join/why/", words)["Location"] == "/join/check-email/"
    return browser


def staff(second_factor: bool) -> Client:
    browser = browser_of(MemberFactory(role=roles.MODERATOR))
    if not second_factor:
        session = browser.session
        del session["second_factor"]
        session.save()
    return browser


PEOPLE: dict[str, Callable[[], Client]] = {
    "a stranger": Client,
    "who has no town yet": midway,
    "who has a town": lambda: midway(town="Springfield"),
    "who has sent it": sent,
    "whose email is not checked": lambda: browser_of(MemberFactory(unchecked=True)),
    "who waits": lambda: browser_of(MemberFactory(waiting=True)),
    "who was declined": lambda: browser_of(MemberFactory(declined=True)),
    "who has nothing yet": lambda: browser_of(MemberFactory()),
    "staff": lambda: staff(True),
    "staff without a second step": lambda: staff(False),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_one_step_at_most_from_every_address(who: str) -> None:
    browser = PEOPLE[who]()
    browser.raise_request_exception = False
    for address in {*pages(), "/?x=1", "/login/?next=/", "/login/?next=/login/", "/login/?next=/waiting/"}:
        if address == "/logout/":
            continue
        answer = browser.get(address, follow=True)
        assert len(answer.redirect_chain) <= 1, (address, answer.redirect_chain)
        assert answer.status_code in (200, 400, 404, 405), (address, answer.status_code)
        assert "CARE Collective" in said(answer) or address.endswith(NOT_A_WHOLE_PAGE), address


@pytest.mark.parametrize("who", ["whose email is not checked", "who waits", "who was declined"])
def test_who_is_not_in_stands_in_the_small_room(who: str) -> None:
    browser = PEOPLE[who]()
    for address in pages():
        answer = browser.get(address, follow=True)
        if answer.redirect_chain:
            assert answer.redirect_chain == [("/waiting/", 302)], address
        elif answer.status_code == 200:
            assert address == "/" or address.startswith((*OPEN_TO_ALL, "/me/alerts/", "/me/blocked/", "/people/")), (
                address
            )
    heading = {
        "whose email is not checked": "Check your email,",
        "who waits": "Thanks,",
        "who was declined": "We could not say yes this time.",
    }
    assert heading[who] in said(browser.get("/", follow=True))


def test_the_way_from_the_mail_of_who_was_let_in(asker: Member) -> None:
    """The mail leads to the first-visit page, through the door."""
    browser = Client()
    way_in: dict[str, Any] = {"email": asker.email, "password": PASSWORD, "next": "/waiting/"}
    answer = browser.post("/login/", way_in, follow=True)
    assert answer.redirect_chain == [("/waiting/", 302)]
    assert "You are in." in said(answer)
    assert "What do you want to do first?" in said(answer)


def test_an_address_nobody_has_is_said_so_and_leads_on() -> None:
    for who in ("a stranger", "who waits", "who has nothing yet"):
        answer = PEOPLE[who]().get(f"/people/{uuid.uuid4()}/nowhere/")
        assert answer.status_code == 404
        assert "<title>Error: " in said(answer)

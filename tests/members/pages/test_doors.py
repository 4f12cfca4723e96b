"""Every page of the members room sends everybody where they can go on, in one step."""

import re
from uuid import UUID

import pytest
from django.test import Client

from members.models import Member
from members.page_urls import pages
from tests.cast import browser_of
from tests.members.pages.sent import said

pytestmark = pytest.mark.django_db
SOMETHING = str(UUID(int=7))
ADDRESSES = ["/" + re.sub(r"<[^>]*>", SOMETHING, str(page.pattern)) for page in pages]
POST_ONLY = {
    "/logout/",
    "/waiting/send-again/",
    "/me/sign-out-elsewhere/",
    f"/me/tokens/{SOMETHING}/revoke/",
    f"/people/{SOMETHING}/unblock/",
}


@pytest.mark.parametrize("who", ["stranger", "asker", "waiting", "declined"])
def test_one_redirect_leads_to_a_page_that_opens(request: pytest.FixtureRequest, who: str) -> None:
    browser = Client() if who == "stranger" else browser_of(request.getfixturevalue(who))
    for address in set(ADDRESSES) - POST_ONLY:
        answer = browser.get(address, follow=True)
        assert len(answer.redirect_chain) <= 1, (address, answer.redirect_chain)
        assert answer.status_code == 200 or (answer.status_code in (400, 404) and SOMETHING in address), address


@pytest.mark.parametrize("who", ["waiting", "declined"])
@pytest.mark.parametrize("address", ["/requests/", "/requests/new/topic/", "/me/", "/me/tokens/", "/me/password/"])
def test_people_who_are_not_in_see_where_they_stand(request: pytest.FixtureRequest, who: str, address: str) -> None:
    browser = browser_of(request.getfixturevalue(who))
    assert browser.get(address)["Location"] == "/waiting/"
    if address != "/requests/":
        assert browser.post(address, {})["Location"] == "/waiting/"


@pytest.mark.parametrize("address", sorted(POST_ONLY))
def test_what_changes_things_takes_a_press_not_a_link(asker: Member, address: str) -> None:
    answer = browser_of(asker).get(address)
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "CARE Collective" in said(answer)


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_other_methods_get_our_page(client: Client, method: str) -> None:
    answer = getattr(client, method)("/login/")
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, POST, HEAD"


def test_a_form_without_its_token_gets_our_page_and_does_nothing(asker: Member) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser_of(asker).cookies
    for address in ADDRESSES:
        answer = strict.post(address, {"called": "Hacked"})
        assert answer.status_code in (403, 405), address
        if answer.status_code == 403:
            assert "This form has been open too long." in said(answer)
    assert strict.get("/me/").status_code == 200
    asker.refresh_from_db()
    assert asker.called == "Ana"


def test_pages_of_a_person_stay_out_of_caches(asker: Member) -> None:
    browser = browser_of(asker)
    for address in ("/me/", "/waiting/", "/my-data/", "/my-data/download/", "/me/tokens/", "/me/blocked/"):
        assert browser.get(address)["Cache-Control"] == "private, no-store", address


def test_no_page_needs_an_inline_style_or_script(asker: Member, waiting: Member) -> None:
    for browser in (Client(), browser_of(asker), browser_of(waiting)):
        for address in set(ADDRESSES) - POST_ONLY:
            page = said(browser.get(address, follow=True))
            assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]*(nonce|src)=)", page), address

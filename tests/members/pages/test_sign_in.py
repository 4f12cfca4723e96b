"""Signing in: one answer for every mistake, one safe way on."""

import pytest
from django.test import Client

from members.models import Member, MemberSession
from members.services import verification
from tests.cast import browser_of
from tests.factories.members import PASSWORD, MemberFactory
from tests.members.pages.sent import said, without_tokens

pytestmark = pytest.mark.django_db


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str):
    return client.post("/login/", {"email": email, "password": password, **more})


def test_members_land_among_the_requests_under_a_new_session(client: Client, asker: Member) -> None:
    client.get("/look/")
    session = client.session
    session["kept"] = True
    session.save()
    before = session.session_key
    assert sign_in(client, " ANA@Example.org ")["Location"] == "/home/"
    assert client.session.session_key != before
    assert MemberSession.objects.get(member_id=asker.pk)


def test_people_who_wait_and_declined_people_land_where_they_stand(waiting: Member, declined: Member) -> None:
    for member in (waiting, declined):
        client = Client()
        assert sign_in(client, member.email, next="/requests/new/")["Location"] == "/waiting/"
        assert client.get("/waiting/").status_code == 200


def test_a_wrong_password_and_an_unknown_address_read_the_same(asker: Member) -> None:
    pages = []
    for email in (asker.email, "nobody@example.org"):
        answer = sign_in(Client(), email, "wrong but long enough")
        pages.append((answer.status_code, without_tokens(answer).replace(email, "@")))
        assert "That email and password do not match." in said(answer)
        assert f'value="{email}"' in said(answer)
    assert pages[0] == pages[1]
    assert pages[0][0] == 400


def test_a_closed_account_reads_like_no_account(client: Client) -> None:
    member = MemberFactory(is_active=False)
    assert "do not match" in said(sign_in(client, member.email))


def test_after_ten_wrong_tries_even_the_right_password_waits(client: Client, asker: Member) -> None:
    for _ in range(10):
        sign_in(client, asker.email, "wrong but long enough")
    answer = sign_in(client, asker.email)
    assert answer.status_code == 429
    assert ">15 minutes<" in said(answer)
    assert int(answer["Retry-After"]) > 800
    assert f'value="{asker.email}"' in said(answer)
    assert "_auth_user_id" not in client.session


def test_unknown_addresses_are_slowed_down_just_the_same(client: Client) -> None:
    for _ in range(10):
        sign_in(client, "nobody@example.org", "wrong but long enough")
    assert sign_in(client, "nobody@example.org").status_code == 429


@pytest.mark.parametrize("target", ["/me/", "/requests/?town=Nixa", "http://testserver/me/tokens/"])
def test_people_go_on_to_where_they_wanted(client: Client, asker: Member, target: str) -> None:
    assert sign_in(client, asker.email, next=target)["Location"] == target


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "javascript:alert(1)", "evil",
     "http:evil.example", "https:///evil.example", "\t//evil.example", "/login/?next=/login/", "/logout/", "/admin/",
     "/join/", "http://testserver@evil.example/", "\x00"],
)  # fmt: skip
def test_nobody_is_led_away_or_in_circles(client: Client, asker: Member, target: str) -> None:
    assert sign_in(client, asker.email, next=target)["Location"] == "/home/"
    assert client.get("/login/", {"next": target})["Location"] == "/home/"


def test_the_way_on_survives_a_wrong_password(client: Client, asker: Member) -> None:
    assert 'name="next" value="/me/"' in said(client.get("/login/?next=/me/"))
    assert 'name="next" value="/me/"' in said(sign_in(client, asker.email, "wrong but long enough", next="/me/"))


def test_an_answer_to_an_ended_session_takes_no_cookie_away(asker: Member) -> None:
    """It may come after the answer that brought a new one."""
    browser = browser_of(asker)
    MemberSession.objects.all().delete()
    answer = browser.get("/home/")
    assert answer.status_code == 302
    assert "sessionid" not in answer.cookies
    assert "Cookie" in answer["Vary"]


def test_signing_out_takes_a_press_not_a_link(asker: Member) -> None:
    browser = browser_of(asker)
    assert browser.get("/logout/").status_code == 405
    key = browser.session.session_key
    assert browser.post("/logout/", follow=True).redirect_chain == [("/login/", 302)]
    assert not MemberSession.objects.filter(session_key=key).exists()
    assert browser.post("/logout/").status_code == 302


def test_a_rejection_ends_the_session_and_the_small_room_stays_open(verifier: Member, waiting: Member) -> None:
    browser = browser_of(waiting)
    assert browser.get("/waiting/").status_code == 200
    verification.reject(verifier, waiting.pk, "We serve only people who live in our area.")
    assert browser.get("/waiting/")["Location"] == "/login/?next=%2Fwaiting%2F"
    assert sign_in(browser, waiting.email)["Location"] == "/waiting/"
    assert "We serve only people who live in our area." in said(browser.get("/waiting/"))


def test_an_empty_form_says_what_is_missing(client: Client) -> None:
    page = said(client.post("/login/", {}))
    assert "Please write your email." in page
    assert "Please write your password." in page


@pytest.mark.parametrize("email", ["\x00", "a" * 900, "@", "ü@ü.example", "a@" + "b" * 400])
def test_nonsense_is_no_fault_of_ours(client: Client, email: str) -> None:
    assert sign_in(client, email).status_code == 400

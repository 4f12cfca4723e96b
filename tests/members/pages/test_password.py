"""A new password: the link, the change, and what ends with it."""

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from members.models import Member, MemberSession
from tests.cast import browser_of
from tests.factories.members import PASSWORD, MemberFactory
from tests.members.pages.sent import letters_to, said, without_tokens

pytestmark = pytest.mark.django_db
NEW = "nine quiet boats in the fog"
CHANGE = {"old_password": PASSWORD, "new_password": NEW}


def address_of(member: Member) -> tuple[str, str]:
    person = urlsafe_base64_encode(force_bytes(member.pk))
    return f"/password/new/{person}/choose/", f"/password/new/{person}/{default_token_generator.make_token(member)}/"


def test_forgetting_reads_the_same_for_everybody(asker: Member) -> None:
    answers = [Client().post("/password/forgot/", {"email": email}) for email in (asker.email, "nobody@example.org")]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/password/sent/")}
    assert len({without_tokens(Client().get("/password/sent/")) for _ in answers}) == 1
    assert letters_to(asker) == ["password_reset"]


def test_five_links_an_hour_are_enough_for_known_and_unknown(asker: Member) -> None:
    for email in (asker.email, "nobody@example.org"):
        client = Client()
        statuses = [client.post("/password/forgot/", {"email": email}).status_code for _ in range(6)]
        assert statuses == [302] * 5 + [429]
    assert letters_to(asker) == ["password_reset"] * 5


def test_the_token_leaves_the_address_before_the_form_is_shown(client: Client, asker: Member) -> None:
    form, link = address_of(asker)
    assert client.get(link)["Location"] == form
    page = said(client.get(form))
    assert "Choose a new password" in page
    assert link.split("/")[-2] not in page


def test_a_new_password_ends_every_session_and_asks_to_sign_in(client: Client, asker: Member) -> None:
    other = browser_of(asker)
    form, link = address_of(asker)
    client.get(link)
    answer = client.post(form, {"password": NEW}, follow=True)
    assert answer.redirect_chain == [("/login/", 302)]
    assert "Your new password is saved. Please sign in." in said(answer)
    assert not MemberSession.objects.filter(member_id=asker.pk).exists()
    assert other.get("/me/")["Location"] == "/login/?next=%2Fme%2F"
    assert client.post("/login/", {"email": asker.email, "password": NEW})["Location"] == "/home/"
    assert "do not match" in said(Client().post("/login/", {"email": asker.email, "password": PASSWORD}))


def test_the_link_works_once_and_a_double_press_is_no_error(client: Client, asker: Member) -> None:
    form, link = address_of(asker)
    client.get(link)
    before = dict(client.session)
    client.post(form, {"password": NEW})
    session = client.session
    session["new_password_token"] = before["new_password_token"]
    session.save()
    assert client.post(form, {"password": NEW}, follow=True).redirect_chain[-1][0] == "/login/"
    assert Client().get(link).status_code == 400


def test_it_works_from_a_browser_that_is_signed_in(asker: Member) -> None:
    browser = browser_of(asker)
    form, link = address_of(asker)
    browser.get(link)
    assert browser.post(form, {"password": NEW}, follow=True).redirect_chain == [("/login/", 302)]
    assert "_auth_user_id" not in browser.session


def test_who_opens_the_mail_has_proved_the_address(client: Client) -> None:
    member = MemberFactory(unchecked=True)
    form, link = address_of(member)
    client.get(link)
    client.post(form, {"password": NEW})
    member.refresh_from_db()
    assert member.has_confirmed_email


@pytest.mark.parametrize("password", ["short", "password1234", "ana@example.org", ""])
def test_a_poor_password_is_refused_in_plain_words(client: Client, asker: Member, password: str) -> None:
    form, link = address_of(asker)
    client.get(link)
    answer = client.post(form, {"password": password})
    assert answer.status_code == 400
    assert "There is a problem" in said(answer)


@pytest.mark.parametrize("person", ["x", "AAAA", "%00", "ÿ", "MDAwMA"])
def test_a_broken_link_offers_a_new_one(client: Client, person: str) -> None:
    answer = client.get(f"/password/new/{person}/abc-def/")
    assert answer.status_code == 400
    assert "Send a new link" in said(answer)


def test_a_token_of_one_person_is_no_good_for_another(client: Client, asker: Member, helper: Member) -> None:
    client.get(address_of(asker)[1])
    assert client.post(address_of(helper)[0], {"password": NEW}).status_code == 400
    helper.refresh_from_db()
    assert helper.check_password(PASSWORD)


def test_changing_it_ends_every_other_session_and_this_one_goes_on(asker: Member) -> None:
    here, there = browser_of(asker), browser_of(asker)
    key = here.session.session_key
    answer = here.post("/me/password/", CHANGE, follow=True)
    assert answer.redirect_chain == [("/me/", 302)]
    assert "Saved. You are signed out everywhere else." in said(answer)
    assert here.session.session_key != key
    assert here.get("/me/").status_code == 200
    assert there.get("/me/")["Location"] == "/login/?next=%2Fme%2F"
    assert MemberSession.objects.filter(member_id=asker.pk).count() == 1
    asker.refresh_from_db()
    assert asker.check_password(NEW)


def test_staff_keep_their_second_step_through_a_change(verifier: Member) -> None:
    browser = browser_of(verifier)
    browser.post("/me/password/", CHANGE)
    assert browser.get("/admin/").status_code == 200


def test_the_old_password_is_asked_and_not_to_be_guessed(asker: Member) -> None:
    browser = browser_of(asker)
    answer = browser.post("/me/password/", CHANGE | {"old_password": "wrong but long enough"})
    assert answer.status_code == 400
    assert "This is not your password now." in said(answer)
    for _ in range(9):
        browser.post("/me/password/", CHANGE | {"old_password": "wrong but long enough"})
    assert browser.post("/me/password/", CHANGE).status_code == 429
    asker.refresh_from_db()
    assert asker.check_password(PASSWORD)

"""The link in our first mail: safe for scanners, kind to people."""

import pytest
from django.test import Client

from members.models import Member
from members.services.accounts import confirmation_link
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.members.pages.sent import every_letter, letters_to, said, without_tokens
from tests.members.pages.test_join import WHY, tell_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer() -> Member:
    return MemberFactory(unchecked=True, email="nia@example.org")


def link_of(member: Member) -> str:
    return f"/join/confirm/{confirmation_link(member)}/"


def joined_in(client: Client) -> Member:
    tell_all(client)
    client.post("/join/why/", WHY)
    return Member.objects.get(email="nia@example.org")


def test_a_scanner_that_opens_the_link_confirms_nothing(client: Client, newcomer: Member) -> None:
    page = said(client.get(link_of(newcomer)))
    assert "Is this your email?" in page
    newcomer.refresh_from_db()
    assert not newcomer.has_confirmed_email


def test_on_another_device_one_press_checks_the_email_and_asks_to_sign_in(client: Client, newcomer: Member) -> None:
    answer = client.post(link_of(newcomer), follow=True)
    assert answer.redirect_chain == [("/login/", 302)]
    assert "Your email is checked. Please sign in." in said(answer)
    assert "_auth_user_id" not in client.session
    newcomer.refresh_from_db()
    assert newcomer.has_confirmed_email


def test_in_the_browser_that_joined_the_link_leads_straight_in(client: Client) -> None:
    newcomer = joined_in(client)
    before = client.session.session_key
    answer = client.get(link_of(newcomer), follow=True)
    assert answer.redirect_chain == [("/waiting/", 302)]
    assert "Your email is checked." in said(answer)
    assert client.session.session_key != before
    assert client.get(link_of(newcomer))["Location"] == "/waiting/"


def test_a_browser_that_only_typed_the_address_is_not_let_in(client: Client, newcomer: Member) -> None:
    """Somebody else joined with this address here; the account is not the one they described."""
    tell_all(client, email=newcomer.email)
    client.post("/join/why/", WHY)
    client.get(link_of(newcomer))
    client.post(link_of(newcomer))
    assert "_auth_user_id" not in client.session


def test_staff_never_come_in_by_a_link(client: Client) -> None:
    newcomer = joined_in(client)
    Member.objects.filter(pk=newcomer.pk).update(is_staff=True)
    assert client.get(link_of(newcomer))["Location"] == "/login/"
    assert "_auth_user_id" not in client.session


def test_opened_again_it_still_says_all_is_well(client: Client, newcomer: Member) -> None:
    client.post(link_of(newcomer))
    assert client.get(link_of(newcomer))["Location"] == "/login/"
    assert browser_of(newcomer).get(link_of(newcomer))["Location"] == "/waiting/"


@pytest.mark.parametrize("link", ["broken", "a:b:c", "x" * 2000, "%00", "é"])
def test_a_broken_link_offers_a_new_one(client: Client, link: str) -> None:
    answer = client.get(f"/join/confirm/{link}/")
    assert answer.status_code == 400
    assert "This link does not work any more" in said(answer)
    assert "Send a new link" in said(answer)


def test_a_new_link_is_promised_to_everybody_alike(newcomer: Member, asker: Member) -> None:
    answers = [Client().post("/join/new-link/", {"email": email}) for email in
               (newcomer.email, asker.email, "nobody@example.org")]  # fmt: skip
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/join/new-link/sent/")}
    assert len({without_tokens(Client().get(answer["Location"])) for answer in answers}) == 1
    assert letters_to(newcomer) == ["confirm_email"]
    assert letters_to(asker) == ["already_member"]
    assert every_letter() == 2


def test_too_many_new_links_are_refused_alike(newcomer: Member) -> None:
    for email in (newcomer.email, "nobody@example.org"):
        client = Client()
        for _ in range(5):
            assert client.post("/join/new-link/", {"email": email}).status_code == 302
        answer = client.post("/join/new-link/", {"email": email})
        assert answer.status_code == 429
        assert f'value="{email}"' in said(answer)

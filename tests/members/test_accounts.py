"""Joining, signing in, and keeping the account one's own."""

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.db import DatabaseError, transaction

from carecollective.errors import NotValid, RateLimited
from members.models import ApiToken, LimitHits, Member, MemberSession
from members.services import access, accounts
from tests.cast import browser_of
from tests.factories.members import PASSWORD, PASSWORD_HASH, MemberFactory

pytestmark = pytest.mark.django_db
HOME = "192.0.2.1"


def application(email: str = "new@example.org", **changes: str) -> accounts.Application:
    details = {"name": "Nia Bell", "called": "Nia", "town": "Nixa", "caregiving": "My aunt.", "reason": "To help."}
    return accounts.Application(email=email, password_hash=PASSWORD_HASH, time_zone="", **(details | changes))


def test_joining_makes_a_waiting_account_with_an_unchecked_address() -> None:
    accounts.join(application(), HOME)
    member = Member.objects.get(email="new@example.org")
    assert member.is_pending
    assert not member.has_confirmed_email
    assert not member.is_staff


def test_joining_with_a_known_address_makes_no_second_account(asker: Member) -> None:
    accounts.join(application(email=asker.email), HOME)
    assert Member.objects.filter(email=asker.email).count() == 1


@pytest.mark.parametrize("name", ["李文", "محمد علي", "O’Neill-Šimić", "Ng", "Ж", "இளங்கோ", "X Æ A-12"])
def test_names_of_every_script_are_names(name: str) -> None:
    accounts.join(application(name=name, called=name), HOME)
    assert Member.objects.get().name == name


def test_the_sixth_to_join_from_one_connection_waits() -> None:
    for number in range(5):
        accounts.join(application(email=f"new{number}@example.org"), HOME)
    with pytest.raises(RateLimited):
        accounts.join(application(email="new6@example.org"), HOME)
    accounts.join(application(email="new7@example.org"), "192.0.2.2")


def test_an_address_has_one_spelling() -> None:
    assert accounts.fold_address("  Ana.Torres@EXAMPLE.org ") == "ana.torres@example.org"
    assert accounts.fold_address("ana@bücher.example") == "ana@xn--bcher-kva.example"


def test_the_database_holds_no_address_in_capitals() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        MemberFactory(email="Ana@example.org")


@pytest.mark.parametrize(
    "email", ["", "ana", "ana@", "@example.org", "a b@example.org", "ána@example.org", "a" * 250 + "@example.org"]
)
def test_what_is_no_address_is_refused_at_its_field(email: str) -> None:
    with pytest.raises(NotValid) as refusal:
        accounts.readable_address(email)
    assert "email" in refusal.value.extras["fields"]


def test_the_link_in_the_mail_confirms_once_and_again() -> None:
    member = MemberFactory(unchecked=True)
    link = accounts.confirmation_link(member)
    accounts.confirm_email(link)
    first = accounts.confirm_email(link)
    assert first.has_confirmed_email


def test_a_link_for_an_old_address_or_a_changed_one_confirms_nothing() -> None:
    member = MemberFactory(unchecked=True)
    link = accounts.confirmation_link(member)
    Member.objects.filter(pk=member.pk).update(email="other@example.org")
    for broken in (link, link[:-1], "nonsense", ""):
        with pytest.raises(NotValid):
            accounts.confirm_email(broken)


def test_signing_in_does_not_mind_capitals(asker: Member) -> None:
    assert accounts.sign_in(" ANA@example.org", PASSWORD, HOME) == asker


@pytest.mark.parametrize(
    ("email", "password"), [("ana@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("", "")]
)
def test_a_wrong_password_and_an_unknown_address_read_alike(asker: Member, email: str, password: str) -> None:
    with pytest.raises(NotValid) as refusal:
        accounts.sign_in(email, password, HOME)
    assert refusal.value.words == "That email and password do not match."


def test_after_ten_failures_even_the_right_password_waits(asker: Member) -> None:
    for _ in range(10):
        with pytest.raises(NotValid):
            accounts.sign_in(asker.email, "wrong", HOME)
    with pytest.raises(RateLimited) as refusal:
        accounts.sign_in(asker.email, PASSWORD, "192.0.2.9")
    assert refusal.value.extras["retry_after"] > 800


def test_success_clears_the_failures_of_the_account_only(asker: Member) -> None:
    for _ in range(9):
        with pytest.raises(NotValid):
            accounts.sign_in(asker.email, "wrong", HOME)
    for _ in range(3):
        accounts.sign_in(asker.email, PASSWORD, HOME)
    row = LimitHits.objects.get(name="sign_in_address", subject=HOME)
    assert len(row.moments) == 9
    assert not LimitHits.objects.filter(name="sign_in_account").exists()


def test_a_changed_password_ends_every_other_session(asker: Member) -> None:
    here, elsewhere = browser_of(asker), browser_of(asker)
    accounts.change_password(asker, PASSWORD, "another long sentence", here.session.session_key)
    assert list(MemberSession.objects.values_list("session_key", flat=True)) == [here.session.session_key]
    assert elsewhere.get("/me/").status_code == 302


def test_the_old_password_is_asked(asker: Member) -> None:
    with pytest.raises(NotValid) as refusal:
        accounts.change_password(asker, "not it", "another long sentence", None)
    assert "old_password" in refusal.value.extras["fields"]


def test_a_reset_link_works_once_and_ends_every_way_in(asker: Member) -> None:
    browser_of(asker)
    access.make_token(asker, "phone")
    token = default_token_generator.make_token(asker)
    accounts.reset_password(asker, token, "another long sentence")
    assert not MemberSession.objects.exists()
    assert not ApiToken.objects.exists()
    accounts.sign_in(asker.email, "another long sentence", HOME)
    with pytest.raises(NotValid):
        accounts.reset_password(asker, token, "a third long sentence")

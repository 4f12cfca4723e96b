"""Staff come in by password and code; between the two nobody is signed in."""

import re

import pyotp
import pytest
from django.test import Client

from members.models import Member, SecondFactor
from members.services import second_factor
from members.views.landing import first_page_of
from members.views.second_step import MOST_SECONDS
from tests.cast import browser_of
from tests.factories.members import PASSWORD
from tests.members.pages.sent import said

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret(verifier: Member) -> str:
    secret = second_factor.begin(verifier)
    second_factor.confirm(verifier, pyotp.TOTP(secret).now())
    SecondFactor.objects.update(last_step=0)
    return secret


def give_password(client: Client, member: Member, target: str = ""):
    return client.post("/login/", {"email": member.email, "password": PASSWORD, "next": target})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def wrong(secret: str) -> str:
    right = pyotp.TOTP(secret).now()
    return "111111" if right == "000000" else "000000"


def codes_on(page: str) -> list[str]:
    return re.findall(r"\b[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}\b", page)


def test_the_right_password_alone_opens_nothing(client: Client, verifier: Member, secret: str) -> None:
    assert give_password(client, verifier)["Location"] == "/login/code/"
    assert not is_signed_in(client)
    assert client.get("/admin/").status_code == 302
    assert client.get("/requests/")["Location"].startswith("/login/")
    assert client.get("/api/me").status_code == 401


def test_the_code_of_the_app_opens_the_desk(client: Client, verifier: Member, secret: str) -> None:
    give_password(client, verifier, "/admin/")
    before = client.session.session_key
    assert client.post("/login/code/", {"code": pyotp.TOTP(secret).now()})["Location"] == "/admin/"
    assert is_signed_in(client)
    assert client.session["second_factor"]
    assert client.session.session_key != before
    assert client.get("/admin/").status_code == 200
    assert client.get("/login/code/")["Location"] == first_page_of(verifier)
    assert client.get("/login/")["Location"] == first_page_of(verifier)


def test_a_wrong_code_is_said_at_its_field_and_ten_are_enough(client: Client, verifier: Member, secret: str) -> None:
    give_password(client, verifier)
    answer = client.post("/login/code/", {"code": wrong(secret)})
    assert answer.status_code == 400
    assert "That code is not right." in said(answer)
    for _ in range(9):
        client.post("/login/code/", {"code": wrong(secret)})
    answer = client.post("/login/code/", {"code": pyotp.TOTP(secret).now()})
    assert answer.status_code == 429
    assert not is_signed_in(client)


def test_a_code_from_paper_opens_the_door_once(client: Client, verifier: Member, secret: str) -> None:
    code = second_factor.give_recovery_codes(verifier, 8)[0]
    give_password(client, verifier)
    assert "One of your recovery codes" in said(client.get("/login/code/?paper"))
    assert client.post("/login/code/?paper", {"code": code.upper()})["Location"] == "/home/"
    client.post("/logout/")
    give_password(client, verifier)
    assert client.post("/login/code/?paper", {"code": code}).status_code == 400


def test_setting_it_up_shows_a_picture_the_secret_and_the_codes(client: Client, verifier: Member) -> None:
    assert give_password(client, verifier, "/admin/")["Location"] == "/login/second-step/"
    answer = client.get("/login/second-step/")
    page = said(answer)
    secret = second_factor.begin(verifier)
    assert '<svg viewBox="' in page
    assert " style=" not in page
    assert " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)) in page
    assert answer["Cache-Control"] == "private, no-store"
    assert client.post("/login/second-step/", {"code": wrong(secret)}).status_code == 400
    assert (
        client.post("/login/second-step/", {"code": pyotp.TOTP(secret).now()})["Location"] == "/login/recovery-codes/"
    )
    assert not is_signed_in(client)
    codes = codes_on(said(client.get("/login/recovery-codes/")))
    assert len(set(codes)) == 8
    assert client.post("/login/recovery-codes/")["Location"] == "/admin/"
    assert is_signed_in(client)
    assert client.get("/login/recovery-codes/")["Location"] == first_page_of(verifier)
    assert "recovery_codes" not in client.session


def test_pressed_twice_the_codes_are_still_shown(client: Client, verifier: Member) -> None:
    give_password(client, verifier)
    code = {"code": pyotp.TOTP(second_factor.begin(verifier)).now()}
    client.post("/login/second-step/", code)
    assert client.post("/login/second-step/", code)["Location"] == "/login/recovery-codes/"
    assert len(codes_on(said(client.get("/login/recovery-codes/")))) == 8


def test_the_codes_wait_sealed(client: Client, verifier: Member) -> None:
    give_password(client, verifier)
    client.post("/login/second-step/", {"code": pyotp.TOTP(second_factor.begin(verifier)).now()})
    kept = str(client.session["recovery_codes"])
    codes = codes_on(said(client.get("/login/recovery-codes/")))
    assert codes
    assert not any(code in kept for code in codes)


def test_five_minutes_later_one_begins_again(client: Client, verifier: Member, secret: str) -> None:
    give_password(client, verifier)
    session = client.session
    session["half_signed_in"] = session["half_signed_in"] | {
        "since": session["half_signed_in"]["since"] - MOST_SECONDS - 1
    }
    session.save()
    answer = client.post("/login/code/", {"code": pyotp.TOTP(secret).now()}, follow=True)
    assert answer.redirect_chain == [("/login/", 302)]
    assert "That took more than 5 minutes. Please sign in again." in said(answer)
    assert not is_signed_in(client)


def test_a_new_password_ends_a_half_sign_in(client: Client, verifier: Member, secret: str) -> None:
    give_password(client, verifier)
    verifier.set_password("quite another long sentence")
    verifier.save()
    assert client.get("/login/code/")["Location"] == "/login/"


def test_somebody_dismissed_meanwhile_is_not_let_in(client: Client, verifier: Member, secret: str) -> None:
    give_password(client, verifier)
    Member.objects.filter(pk=verifier.pk).update(is_staff=False)
    assert client.post("/login/code/", {"code": pyotp.TOTP(secret).now()})["Location"] == "/login/"
    assert not is_signed_in(client)


@pytest.mark.parametrize("page", ["/login/code/", "/login/second-step/", "/login/recovery-codes/"])
def test_these_pages_are_closed_to_everybody_else(client: Client, asker: Member, page: str) -> None:
    assert client.get(page)["Location"] == "/login/"
    assert client.post(page, {"code": "000000"})["Location"] == "/login/"
    assert browser_of(asker).get(page)["Location"] == first_page_of(asker)


def test_a_second_factor_cannot_be_set_up_over_an_old_one(client: Client, verifier: Member, secret: str) -> None:
    give_password(client, verifier)
    assert client.get("/login/second-step/")["Location"] == "/login/code/"
    assert client.get("/login/recovery-codes/")["Location"] == "/login/code/"


def test_members_need_no_code(client: Client, asker: Member) -> None:
    assert give_password(client, asker)["Location"] == "/home/"
    # The desk sends them to the one door, and the door does not send them round in circles.
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/home/"

"""Staff come in with two things: what they know, and what they hold."""

import time

import pyotp
import pytest

from carecollective.encryption import Damaged
from carecollective.errors import NotValid, RateLimited
from members.models import Member, RecoveryCode, SecondFactor
from members.services import second_factor

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret(verifier: Member) -> str:
    secret = second_factor.begin(verifier)
    second_factor.confirm(verifier, pyotp.TOTP(secret).now())
    SecondFactor.objects.update(last_step=0)
    return secret


def test_it_counts_only_once_a_first_code_was_right(verifier: Member) -> None:
    secret = second_factor.begin(verifier)
    assert second_factor.begin(verifier) == secret
    with pytest.raises(NotValid):
        second_factor.confirm(verifier, "000000" if pyotp.TOTP(secret).now() != "000000" else "111111")
    assert not second_factor.has_second_factor(verifier)
    codes = second_factor.confirm(verifier, pyotp.TOTP(secret).now())
    assert len(set(codes)) == 8
    assert second_factor.has_second_factor(verifier)


def test_the_secret_is_sealed_to_its_row(verifier: Member, moderator: Member, secret: str) -> None:
    second_factor.begin(moderator)
    mine, theirs = SecondFactor.objects.get(member=verifier), SecondFactor.objects.get(member=moderator)
    assert secret not in mine.secret
    SecondFactor.objects.filter(member=moderator).update(secret=mine.secret, key_id=mine.key_id)
    theirs.refresh_from_db()
    with pytest.raises(Damaged):
        _ = theirs.clear_secret


def test_a_code_opens_the_door_once(verifier: Member, secret: str) -> None:
    code = pyotp.TOTP(secret).now()
    second_factor.must_know_code(verifier, f" {code[:3]} {code[3:]} ")
    with pytest.raises(NotValid):
        second_factor.must_know_code(verifier, code)


def test_a_clock_may_be_half_a_minute_off_and_no_more(verifier: Member, secret: str) -> None:
    totp, step = pyotp.TOTP(secret), int(time.time()) // 30
    with pytest.raises(NotValid):
        second_factor.must_know_code(verifier, totp.generate_otp(step - 3))
    second_factor.must_know_code(verifier, totp.generate_otp(step - 1))


@pytest.mark.parametrize("code", ["", "0", "０００００００", "abc", "9" * 400, "\x00"])
def test_nonsense_is_no_code(verifier: Member, secret: str, code: str) -> None:
    with pytest.raises(NotValid):
        second_factor.must_know_code(verifier, code)


def test_a_recovery_code_opens_the_door_once(verifier: Member, moderator: Member, secret: str) -> None:
    (code,) = second_factor.give_recovery_codes(verifier, 1)
    assert not RecoveryCode.objects.filter(digest=code).exists()
    second_factor.must_know_code(verifier, code.upper())
    with pytest.raises(NotValid):
        second_factor.must_know_code(verifier, code)


def test_guessing_ends_after_ten_tries(verifier: Member, secret: str) -> None:
    for _ in range(10):
        with pytest.raises(NotValid):
            second_factor.must_know_code(verifier, "nonsense")
    with pytest.raises(RateLimited):
        second_factor.must_know_code(verifier, pyotp.TOTP(secret).now())

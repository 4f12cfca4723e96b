"""Many at once: one decision, exact counts, never an internal error."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from carecollective.errors import Refusal
from members import roles
from members.models import VerificationChange
from members.services import accounts, verification
from tests.factories.members import MemberFactory

pytestmark = pytest.mark.committed


def test_eight_verifiers_at_once_make_one_decision() -> None:
    verifiers = [MemberFactory(role=roles.VERIFIER) for _ in range(8)]
    applicant = MemberFactory(waiting=True)

    def decide(number: int) -> str:
        try:
            if number % 2:
                verification.approve(verifiers[number], applicant.pk)
            else:
                verification.reject(verifiers[number], applicant.pk, "No.")
            return "decided"
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(decide, range(8)))
    assert outcomes == ["decided"] + ["validation_error"] * 7
    assert VerificationChange.objects.filter(member=applicant).count() == 1


def test_thirty_guesses_at_once_get_ten_answers() -> None:
    MemberFactory(email="ana@example.org")

    def guess(number: int) -> str:
        try:
            accounts.sign_in("ana@example.org", f"wrong {number}", f"192.0.2.{number}")
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return "in"

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(guess, range(30)))
    assert outcomes.count("validation_error") == 10
    assert outcomes.count("rate_limited") == 20

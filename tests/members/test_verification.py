"""Who may come in: a person decides, the other is told, and a no ends every way in at once."""

import pytest
from django.db import DatabaseError, transaction

from audit.models import AuditEntry
from carecollective.errors import NotPermitted, NotValid
from members import roles
from members.models import ApiToken, Member, MemberSession, VerificationChange
from members.services import verification
from notifications.models import Event
from tests.cast import browser_of
from tests.factories.members import MemberFactory

pytestmark = pytest.mark.django_db


def test_a_new_member_waits() -> None:
    assert Member(email="new@example.org").is_pending


def test_a_verifier_lets_somebody_in(verifier: Member, waiting: Member) -> None:
    verification.approve(verifier, waiting.pk)
    waiting.refresh_from_db()
    assert waiting.is_approved
    change = VerificationChange.objects.get(member=waiting)
    assert (change.from_status, change.to_status, change.decided_by) == ("pending", "approved", verifier)
    assert Event.objects.get().kind == "membership_approved"
    assert AuditEntry.objects.get().action == "membership_approved"


def test_nobody_comes_in_before_their_email_is_checked(verifier: Member) -> None:
    unchecked = MemberFactory(unchecked=True)
    with pytest.raises(NotValid, match="has not opened the link"):
        verification.approve(verifier, unchecked.pk)


def test_the_database_too_refuses_to_let_in_an_unchecked_address() -> None:
    unchecked = MemberFactory(unchecked=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        Member.objects.filter(pk=unchecked.pk).update(verification_status="approved")


def test_a_member_decides_about_nobody(asker: Member, waiting: Member) -> None:
    with pytest.raises(NotPermitted):
        verification.approve(asker, waiting.pk)
    with pytest.raises(NotPermitted):
        verification.reject(asker, waiting.pk, "No.")


def test_nobody_decides_about_themselves() -> None:
    applicant = MemberFactory(waiting=True, role=roles.VERIFIER)
    with pytest.raises(NotPermitted, match="themselves"):
        verification.approve(applicant, applicant.pk)


def test_a_no_needs_a_reason_ends_every_way_in_and_is_on_record(verifier: Member, waiting: Member) -> None:
    browser = browser_of(waiting)
    ApiToken.objects.create(member=waiting, name="phone", digest="a" * 64, last_four="aaaa")
    assert MemberSession.objects.filter(member_id=waiting.pk).exists()
    verification.reject(verifier, waiting.pk, "You live too far away.")
    assert not MemberSession.objects.filter(member_id=waiting.pk).exists()
    assert not ApiToken.objects.filter(member=waiting).exists()
    assert browser.get("/waiting/").status_code == 302
    assert VerificationChange.objects.get(member=waiting).reason == "You live too far away."
    with pytest.raises(DatabaseError), transaction.atomic():
        VerificationChange.objects.update(reason="")


def test_a_second_decision_is_refused_in_words(verifier: Member, moderator: Member, waiting: Member) -> None:
    verification.approve(verifier, waiting.pk)
    with pytest.raises(NotValid, match="already decided"):
        verification.reject(moderator, waiting.pk, "Too late.")


def test_a_declined_person_can_ask_again_and_be_let_in(verifier: Member, declined: Member) -> None:
    verification.apply_again(declined, "I moved to Springfield.")
    declined.refresh_from_db()
    assert declined.is_pending
    assert declined.reason == "I moved to Springfield."
    verification.approve(verifier, declined.pk)
    with pytest.raises(NotValid):
        verification.apply_again(declined, "Again.")


def test_a_waiting_person_can_say_it_better_and_a_member_cannot(waiting: Member, asker: Member) -> None:
    verification.change_application(waiting, "My mother.", "To meet people.")
    waiting.refresh_from_db()
    assert waiting.caregiving == "My mother."
    with pytest.raises(NotValid):
        verification.change_application(asker, "x", "y")


def test_who_was_let_in_cannot_go_back_to_waiting() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        VerificationChange.objects.create(member=MemberFactory(), from_status="approved", to_status="pending")

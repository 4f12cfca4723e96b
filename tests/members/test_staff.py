"""Who works here is decided at the console and stands in the audit log."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from audit.models import AuditEntry
from members import roles
from members.models import Member, MemberSession, RecoveryCode, SecondFactor
from members.services import second_factor
from tests.cast import browser_of

pytestmark = pytest.mark.django_db


def staff(*arguments: str) -> str:
    printed = StringIO()
    call_command("staff", *arguments, stdout=printed)
    return printed.getvalue()


def test_the_roles_are_groups_from_the_first_day() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(roles.ALL)


def test_a_member_becomes_a_moderator_and_signs_in_anew(asker: Member) -> None:
    browser_of(asker)
    staff("add", "Ana@example.org", "--role", "moderator")
    appointed = Member.objects.get(pk=asker.pk)
    assert appointed.is_staff
    assert appointed.has_role(roles.MODERATOR)
    assert not appointed.has_role(roles.OPERATOR, roles.AUDITOR)
    assert not MemberSession.objects.filter(member_id=asker.pk).exists()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_label, entry.details) == ("staff_appointed", "system", {"role": "moderator"})


def test_somebody_who_waits_is_only_appointed_on_purpose(waiting: Member) -> None:
    with pytest.raises(CommandError, match="--approve"):
        staff("add", waiting.email, "--role", "operator")
    staff("add", waiting.email, "--role", "operator", "--approve")
    assert Member.objects.get(pk=waiting.pk).is_approved


def test_somebody_declined_before_can_be_vouched_for(declined: Member) -> None:
    staff("add", declined.email, "--role", "triage", "--approve")
    assert Member.objects.get(pk=declined.pk).is_approved
    assert list(declined.verification_changes.order_by("created_at").values_list("to_status", flat=True)) == [
        "pending", "approved",
    ]  # fmt: skip


def test_a_dismissed_moderator_keeps_only_what_is_left(moderator: Member) -> None:
    staff("add", moderator.email, "--role", "auditor")
    staff("remove", moderator.email, "--role", "moderator")
    left = Member.objects.get(pk=moderator.pk)
    assert left.is_staff
    assert left.roles == {"auditor"}
    staff("remove", moderator.email, "--role", "auditor")
    assert not Member.objects.get(pk=moderator.pk).is_staff


def test_a_lost_phone_is_forgotten(moderator: Member) -> None:
    second_factor.begin(moderator)
    second_factor.give_recovery_codes(moderator, 8)
    staff("reset-second-factor", moderator.email)
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert AuditEntry.objects.get().action == "second_factor_reset"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "nobody@example.org", "--role", "moderator"), "Nobody has joined"),
        (("add", "ana@example.org"), "Say which role"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(asker: Member, arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        staff(*arguments)


def test_one_role_more_takes_nothing_from_the_others(asker: Member) -> None:
    staff("add", asker.email, "--role", "moderator")
    staff("add", asker.email, "--role", "moderator")
    assert Member.objects.get(pk=asker.pk).roles == {"moderator"}

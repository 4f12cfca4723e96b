"""Who may come in: a person decides, the person concerned is told, the change is kept."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.timezone import now

import audit.services as audit
import notifications.services as notifications
from carecollective.errors import NotFound, NotPermitted, NotValid
from carecollective.text import is_blank
from members import roles
from members.models import Member, VerificationChange, VerificationStatus
from members.services.access import end_every_way_in

ALREADY_DECIDED = "Somebody else has already decided about this request to join."
EMAIL_NOT_CHECKED = "This person has not opened the link in our mail yet."


@transaction.atomic
def approve(verifier: Member, member_id: UUID) -> Member:
    member = _waiting(verifier, member_id)
    if not member.has_confirmed_email:
        raise NotValid(EMAIL_NOT_CHECKED)
    change = _change(member, VerificationStatus.APPROVED, verifier)
    notifications.record("membership_approved", about=change, to=[member], actor=verifier)
    audit.record("membership_approved", actor=verifier, subject=member)
    return member


@transaction.atomic
def reject(verifier: Member, member_id: UUID, reason: str) -> Member:
    """Ends every session and token; the person may sign in again to read why and to ask again."""
    member = _waiting(verifier, member_id)
    change = _change(member, VerificationStatus.REJECTED, verifier, reason)
    end_every_way_in(member)
    notifications.record("membership_rejected", about=change, to=[member], actor=verifier)
    audit.record("membership_rejected", actor=verifier, subject=member)
    return member


@transaction.atomic
def take_back_membership(decided_by: Member, member_id: UUID, reason: str) -> Member:
    """An approved member is one no more: part of a moderator's decision, which also writes the record and the notice.

    What they had open ends before (`messaging.services.leaving`); here every session and token does.
    """
    # Whether they may was asked when it was decided, ten minutes ago.
    _must_not_be_oneself(decided_by, member_id)
    if is_blank(reason):
        raise NotValid("Please say why, in one plain sentence.")
    member = Member.objects.select_for_update(no_key=True).filter(pk=member_id).first()
    if member is None:
        raise NotFound()
    if member.verification_status != VerificationStatus.APPROVED:
        # Another decision, or they themselves, came first: what was decided is so.
        return member
    _change(member, VerificationStatus.REJECTED, decided_by, reason)
    end_every_way_in(member)
    return member


@transaction.atomic
def give_back_membership(moderator: Member, member_id: UUID) -> Member:
    """It was taken back wrongly: part of the decision that says so, which also writes the record and the notice."""
    member = Member.objects.select_for_update(no_key=True).get(pk=member_id)
    if member.is_rejected:
        _change(member, VerificationStatus.PENDING, moderator)
    if member.is_pending:
        _change(member, VerificationStatus.APPROVED, moderator)
    return member


@transaction.atomic
def apply_again(member: Member, reason: str) -> Member:
    member = Member.objects.select_for_update().get(pk=member.pk)
    if member.is_banned:
        raise NotPermitted("Your account cannot do this now.")
    if not member.is_rejected:
        raise NotValid("Your request to join is already with us.")
    member.reason, member.applied_at = reason, now()
    member.save(update_fields=["reason", "applied_at", "updated_at"])
    _change(member, VerificationStatus.PENDING, None)
    audit.record("membership_asked_again", actor=member, subject=member)
    return member


@transaction.atomic
def change_application(member: Member, caregiving: str, reason: str) -> Member:
    """While they wait, people may say it better."""
    member = Member.objects.select_for_update().get(pk=member.pk)
    if not member.is_pending or member.is_banned:
        raise NotValid("Your request to join was decided in the meantime.")
    member.caregiving, member.reason = caregiving, reason
    member.save(update_fields=["caregiving", "reason", "updated_at"])
    return member


def vouch_for(member: Member) -> None:
    """An operator at the console lets somebody in; called inside the verb that appoints staff."""
    member.email_confirmed_at = member.email_confirmed_at or now()
    member.save(update_fields=["email_confirmed_at", "updated_at"])
    if member.is_rejected:
        _change(member, VerificationStatus.PENDING, None)
    _change(member, VerificationStatus.APPROVED, None)


def _waiting(verifier: Member, member_id: UUID) -> Member:
    if not verifier.has_role(roles.VERIFIER, roles.MODERATOR):
        raise NotPermitted("Only verifiers and moderators decide who may join.")
    _must_not_be_oneself(verifier, member_id)
    member = Member.objects.select_for_update().get(pk=member_id)
    if not member.is_pending:
        raise NotValid(ALREADY_DECIDED)
    return member


def _must_not_be_oneself(member: Member, member_id: UUID) -> None:
    if member.pk == member_id:
        raise NotPermitted("Nobody decides about themselves.")


def _change(
    member: Member, status: VerificationStatus, decided_by: Member | None, reason: str = ""
) -> VerificationChange:
    change = VerificationChange.objects.create(
        member=member,
        from_status=member.verification_status,
        to_status=status,
        decided_by=decided_by,
        reason=reason,
        created_at=Now(),
    )
    member.verification_status = status
    member.save(update_fields=["verification_status", "updated_at"])
    return change

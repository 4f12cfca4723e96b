"""The second thing staff need to come in: a code from their phone, or a recovery code."""

import hmac
import secrets
import time

import pyotp
from django.db import transaction
from django.utils.timezone import now

import audit.services as audit
from carecollective.errors import NotValid
from members import limits
from members.models import Member, RecoveryCode, SecondFactor
from members.services.access import digest_of

RECOVERY_CODES = 8
# Without letters and digits that look alike on paper.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
WRONG_CODE = "That code is not right. Wait for the next one and try again."


def has_second_factor(member: Member) -> bool:
    return SecondFactor.objects.filter(member=member, confirmed_at__isnull=False).exists()


@transaction.atomic
def begin(member: Member) -> str:
    """The secret to show as a picture; the same one until a first code was right."""
    factor = SecondFactor.objects.select_for_update().filter(member=member).first()
    if factor is None:
        factor = SecondFactor(member=member)
        factor.clear_secret = pyotp.random_base32()
        factor.save(force_insert=True)
    if factor.confirmed_at:
        raise NotValid("This account already has a second step.")
    return str(factor.clear_secret)


@transaction.atomic
def confirm(member: Member, code: str) -> list[str]:
    """The first right code makes it count; the recovery codes are shown this once."""
    factor = SecondFactor.objects.select_for_update().filter(member=member, confirmed_at=None).first()
    if factor is None or not _accept(factor, code):
        raise NotValid(fields={"code": [WRONG_CODE]})
    factor.confirmed_at = now()
    factor.save(update_fields=["confirmed_at"])
    codes = give_recovery_codes(member, RECOVERY_CODES)
    audit.record("second_factor_made", actor=member, subject=member)
    return codes


def must_know_code(member: Member, code: str) -> None:
    """Counted before it is compared, so guessing in parallel gains nothing."""
    limits.take(limits.SECOND_FACTOR, member.pk)
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(member=member, confirmed_at__isnull=False).first()
        if factor is None or not (_accept(factor, code) or _use_recovery_code(member, code)):
            raise NotValid(fields={"code": [WRONG_CODE]})
    limits.forget(limits.SECOND_FACTOR, member.pk)


def give_recovery_codes(member: Member, count: int) -> list[str]:
    RecoveryCode.objects.filter(member=member).delete()
    codes = ["-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(3)) for _ in range(count)]
    RecoveryCode.objects.bulk_create(RecoveryCode(member=member, digest=_recovery_digest(code)) for code in codes)
    return codes


def _accept(factor: SecondFactor, code: str) -> bool:
    """Whether the code is of this half minute or a neighbour, and later than the last one used."""
    totp, step = pyotp.TOTP(factor.clear_secret), int(time.time()) // 30
    for candidate in (step - 1, step, step + 1):
        right = hmac.compare_digest(totp.generate_otp(candidate).encode(), _plain(code).encode())
        if right and candidate > factor.last_step:
            factor.last_step = candidate
            factor.save(update_fields=["last_step"])
            return True
    return False


def _use_recovery_code(member: Member, code: str) -> bool:
    unused = RecoveryCode.objects.filter(member=member, digest=_recovery_digest(code), used_at=None)
    if not unused.update(used_at=now()):
        return False
    audit.record("recovery_code_used", actor=member, subject=member)
    return True


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()


def _recovery_digest(code: str) -> str:
    return digest_of(_plain(code))

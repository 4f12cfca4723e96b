"""Opening and ending the ways in: sessions and tokens."""

import hashlib
import secrets
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

import audit.services as audit
from carecollective.errors import IdempotencyKeyReused, NotFound
from members import limits
from members.models import ApiToken, Member, MemberSession


@transaction.atomic
def make_token(member: Member, name: str, client_id: UUID | None = None) -> tuple[ApiToken, str]:
    """A new token and its text, which nobody can read again; the same `client_id` makes no second one."""
    # Held, so that a ban waits for this one and ends it with the others, or is seen here.
    Member.objects.held(member).must_be_approved("Your account must be approved before you can make tokens")
    limits.take(limits.TOKENS, member.pk)
    text = "care_" + secrets.token_urlsafe(32)
    token = ApiToken(member=member, name=name, digest=digest_of(text), last_four=text[-4:])
    if client_id:
        token.pk = uuid5(member.pk, str(client_id))
    try:
        with transaction.atomic():
            token.save(force_insert=True)
    except IntegrityError as problem:
        raise IdempotencyKeyReused("This token was made already.") from problem
    audit.record("token_made", actor=member, subject=token)
    return token, text


@transaction.atomic
def revoke_token(member: Member, token_id: UUID) -> None:
    token = ApiToken.objects.select_for_update().filter(member=member, pk=token_id).first()
    if token is None:
        raise NotFound()
    audit.record("token_revoked", actor=member, subject=token)
    token.delete()


def end_every_way_in(member: Member) -> None:
    """Sessions and tokens, at once; called inside the verb that decided it."""
    end_sessions(member)
    ApiToken.objects.filter(member=member).delete()


def end_sessions(member: Member, keep: str | None = None) -> None:
    MemberSession.objects.filter(member_id=member.pk).exclude(session_key=keep).delete()


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

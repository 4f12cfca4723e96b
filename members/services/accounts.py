"""Joining, signing in, and keeping the account one's own."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.timezone import now

import audit.services as audit
import notifications.services as notifications
from carecollective.errors import NotValid, RateLimited
from members import limits
from members.models import Member
from members.services.access import digest_of, end_every_way_in, end_sessions

CONFIRM_SALT = "members.confirm-email"
CONFIRM_AGE = 60 * 60 * 24 * 7
NO_MATCH = "That email and password do not match."
OLD_LINK = "This link is too old or was already used. Please ask for a new one."


@dataclass(frozen=True)
class Application:
    """What somebody tells us to join; the password arrives already hashed."""

    email: str
    password_hash: str
    name: str
    called: str
    town: str
    caregiving: str
    reason: str
    time_zone: str


def hash_to_join_with(password: str, address: str) -> str:
    """Hashing is dear on purpose, so strangers may ask for it only so often."""
    limits.take(limits.JOIN_PASSWORDS, address)
    return make_password(password)


def join(application: Application, address: str) -> None:
    """Makes a waiting account; for an address we know, its owner gets a mail and nobody else learns of it."""
    limits.take(limits.SIGN_UP, address)
    with transaction.atomic():
        member = _insert(application)
        if member:
            notifications.mail("confirm_email", member.pk)
            return
        known = Member.objects.get(email=application.email)
        # The same hash, with its salt, is the same form sent twice.
        if known.password != application.password_hash:
            _tell_owner(known)


@transaction.atomic
def send_confirmation_again(member: Member) -> None:
    limits.take(limits.ACCOUNT_MAILS, member.pk)
    if not member.has_confirmed_email:
        notifications.mail("confirm_email", member.pk)


def send_link_again(email: str, address: str) -> None:
    """For people who have not come in yet; answers alike whether the address is known, checked or neither."""
    _must_not_ask_for_mail_too_often(email, address)
    with transaction.atomic():
        member = Member.objects.filter(email=fold_address(email), is_active=True).first()
        if member:
            notifications.mail("already_member" if member.has_confirmed_email else "confirm_email", member.pk)


def member_of(link: str) -> Member:
    """Whose link this is; looking changes nothing, so a mail scanner may."""
    try:
        content = signing.loads(link, salt=CONFIRM_SALT, max_age=CONFIRM_AGE)
    except signing.BadSignature as problem:
        raise NotValid(OLD_LINK) from problem
    member = Member.objects.filter(pk=content["member"], email=content["email"]).first()
    if member is None:
        raise NotValid(OLD_LINK)
    return member


@transaction.atomic
def confirm_email(link: str) -> Member:
    """Idempotent: people open the same mail twice."""
    member = Member.objects.select_for_update().get(pk=member_of(link).pk)
    if not member.has_confirmed_email:
        member.email_confirmed_at = now()
        member.save(update_fields=["email_confirmed_at", "updated_at"])
    return member


def confirmation_link(member: Member) -> str:
    return signing.dumps({"member": str(member.pk), "email": member.email}, salt=CONFIRM_SALT)


def sign_in(email: str, password: str, address: str) -> Member:
    """The member these belong to. A try is counted before the password is looked at, so a burst cannot slip by."""
    account = digest_of(fold_address(email))[:32]
    limits.take(limits.SIGN_IN_BY_ADDRESS, address)
    limits.take(limits.SIGN_IN_BY_ACCOUNT, account)
    member = Member.objects.filter(email=fold_address(email), is_active=True).first()
    if not _password_is_right(member, password) or member is None:
        raise NotValid(NO_MATCH)
    limits.forget(limits.SIGN_IN_BY_ACCOUNT, account)
    limits.give_back(limits.SIGN_IN_BY_ADDRESS, address)
    return member


def ask_for_password_reset(email: str, address: str) -> None:
    """Answers alike whether the address is known or not."""
    _must_not_ask_for_mail_too_often(email, address)
    with transaction.atomic():
        member = Member.objects.filter(email=fold_address(email), is_active=True).first()
        if member:
            notifications.mail("password_reset", member.pk)


@transaction.atomic
def reset_password(member: Member, token: str, password: str) -> None:
    member = Member.objects.select_for_update().get(pk=member.pk)
    if not default_token_generator.check_token(member, token):
        raise NotValid(OLD_LINK)
    # Who can open the mail has proved the address, too.
    member.email_confirmed_at = member.email_confirmed_at or now()
    member.set_password(password)
    member.save(update_fields=["password", "email_confirmed_at", "updated_at"])
    # Whoever needs a new password may have lost more than the old one.
    end_every_way_in(member)
    audit.record("password_reset", actor=member, subject=member)


def change_password(member: Member, old: str, new: str, keep_session: str | None) -> Member:
    """Ends every other session; the one in which it was changed goes on."""
    # Counted outside the transaction: a wrong password would give the try back.
    limits.take(limits.SIGN_IN_BY_ACCOUNT, f"change {member.pk}")
    with transaction.atomic():
        member = Member.objects.select_for_update().get(pk=member.pk)
        if not check_password(old, member.password):
            raise NotValid(fields={"old_password": ["This is not your password now."]})
        member.set_password(new)
        member.save(update_fields=["password", "updated_at"])
        end_sessions(member, keep=keep_session)
        audit.record("password_changed", actor=member, subject=member)
    limits.forget(limits.SIGN_IN_BY_ACCOUNT, f"change {member.pk}")
    return member


@transaction.atomic
def update_profile(member: Member, **changes: Any) -> Member:
    member = Member.objects.select_for_update().get(pk=member.pk)
    member.must_not_be_in_the_small_room()
    must_be_served(changes.get("town", member.town), member.town)
    for name, value in changes.items():
        setattr(member, name, value)
    member.save(update_fields=[*changes, "updated_at"])
    return member


def must_be_served(town: str, known: str) -> None:
    """A town known before stays good when the operator's list changes."""
    if settings.SERVICE_AREA and town not in (*settings.SERVICE_AREA, known):
        raise NotValid(fields={"town": ["Please choose one of the towns we serve."]})


def fold_address(email: str) -> str:
    """One spelling per mailbox: lower case, the domain in ASCII."""
    local, _, domain = email.strip().lower().rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return f"{local}@{domain}"


def readable_address(email: str) -> str:
    """The folded address, or a refusal a form can show."""
    folded = fold_address(email)
    try:
        validate_email(folded)
    except ValidationError:
        folded = ""
    if not folded.isascii() or not 0 < len(folded) <= 254:
        raise NotValid(fields={"email": ["Enter an email address, like name@example.org."]})
    return folded


def _must_not_ask_for_mail_too_often(email: str, address: str) -> None:
    """Counted by what was written, so a known address is refused exactly when an unknown one is."""
    limits.take(limits.SIGN_IN_BY_ADDRESS, f"mail {address}")
    limits.take(limits.ACCOUNT_MAILS, digest_of(fold_address(email))[:32])


def _tell_owner(known: Member) -> None:
    """Not more often than other mails: the owner did not ask for these."""
    with suppress(RateLimited):
        limits.take(limits.ACCOUNT_MAILS, f"known {known.pk}")
        notifications.mail("already_member", known.pk)


def _insert(application: Application) -> Member | None:
    details = {name: value for name, value in vars(application).items() if name != "password_hash"}
    try:
        with transaction.atomic():
            return Member.objects.create(
                **details, password=application.password_hash, rules_accepted_at=now(), applied_at=Now()
            )
    except IntegrityError as problem:
        if "members_email_key" not in str(problem.__cause__):
            raise
        return None


def _password_is_right(member: Member | None, password: str) -> bool:
    if member is None:
        # As much work as for a known address, so the time tells nothing.
        make_password(password)
        return False
    return member.check_password(password)

"""The letters of an account; links are made when a letter leaves, so no secret waits in a queue."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from carecollective.ports import Letter
from members.models import Member
from members.services.accounts import confirmation_link


def confirm_email(member_id: str) -> Letter | None:
    member = Member.objects.filter(pk=member_id, email_confirmed_at=None).first()
    if member is None:
        return None
    return _letter(member, link=_page("members:confirm", link=confirmation_link(member)))


def already_member(member_id: str) -> Letter | None:
    """Somebody tried to join with an address that has an account; only its owner hears of it."""
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        return None
    return _letter(member, sign_in=_page("members:sign_in"), new_password=_page("members:forgot"))


def password_reset(member_id: str) -> Letter | None:
    member = Member.objects.filter(pk=member_id, is_active=True).first()
    if member is None:
        return None
    person = urlsafe_base64_encode(force_bytes(member.pk))
    token = default_token_generator.make_token(member)
    return _letter(member, link=_page("members:new_password", person=person, token=token))


def _letter(member: Member, **context: str) -> Letter:
    return Letter(address=member.email, called=member.called, context=context)


def _page(name: str, **parts: str) -> str:
    return settings.SITE_URL + reverse(name, kwargs=parts)

"""Making and sending one mail; only the worker comes here."""

import re
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models.functions import Now
from django.template.loader import render_to_string

from carecollective import ports
from notifications import preferences, words
from notifications.kinds import KINDS, Mail
from notifications.models import Notice

# A name that is really an advertisement or a trap must not travel in our mails.
LOOKS_LIKE_AN_ADDRESS = re.compile(r"[/@:\\]|\.\w{2,}|www", re.IGNORECASE)


def send_notice(notice_id: str, *, job_id: int) -> None:
    """Tells one person by mail; nothing happens when they read it meanwhile or are gone."""
    notice = Notice.objects.select_related("event", "member").filter(pk=notice_id).first()
    if notice is None or not _is_wanted(notice):
        return
    context = {"about_id": notice.event.about_id, "data": notice.event.data}
    _send(notice.event.kind, ports.Letter(notice.member.email, notice.member.called, context), job_id)
    Notice.objects.filter(pk=notice.pk).update(mailed_at=Now())


def send_letter(kind: str, about: str, *, job_id: int) -> None:
    letter = ports.letters()[kind](about)
    if letter is not None:
        _send(kind, letter, job_id)


def compose(kind: str, letter: ports.Letter, job_id: int) -> EmailMultiAlternatives:
    """The mail as it leaves. Its Message-ID is the job's, so a copy sent twice is recognised as one."""
    subject, body = words.letter(kind, {"called": _greeted(letter.called), **letter.context})
    mail = EmailMultiAlternatives(
        subject=subject,
        body=body + "\n",
        to=[letter.address],
        headers={"Message-ID": f"<{kind}.{job_id}@{_domain()}>", "Auto-Submitted": "auto-generated"},
    )
    page = {"subject": mail.subject, "paragraphs": body.split("\n\n"), "site_url": settings.SITE_URL}
    mail.attach_alternative(render_to_string("notifications/_letter.html", page), "text/html")
    return mail


def _send(kind: str, letter: ports.Letter, job_id: int) -> None:
    compose(kind, letter, job_id).send()


def _is_wanted(notice: Any) -> bool:
    kind = KINDS[notice.event.kind]
    if notice.mailed_at or (kind.pause and _was_mailed_about_it(notice, kind.pause)):
        return False
    return kind.mail is Mail.ALWAYS or (notice.read_at is None and preferences.wants_mail(notice.member))


def _was_mailed_about_it(notice: Any, pause: timedelta) -> bool:
    event = notice.event
    alike = Notice.objects.visible_to(notice.member_id).filter(
        event__kind=event.kind, event__about_kind=event.about_kind, event__about_id=event.about_id
    )
    return alike.filter(mailed_at__gt=Now() - pause).exists()


def _greeted(called: str) -> str:
    return "" if LOOKS_LIKE_AN_ADDRESS.search(called) else called


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or settings.SITE_HOST

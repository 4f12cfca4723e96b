"""A mail says what happened in plain words, carries nothing private, and is sent once."""

import re
import smtplib
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import transaction
from django.db.models.functions import Now
from procrastinate.contrib.django.models import ProcrastinateJob

from carecollective import invariants, ports
from carecollective.housekeeping import retry_parked_jobs
from carecollective.jobs import PAUSES
from carecollective.ports import Letter
from members.models import Member
from notifications import mails
from notifications import ports as room
from notifications import services as notifications
from notifications.kinds import KINDS, Kind
from notifications.models import Notice
from tests.factories.members import MemberFactory
from tests.support.jobs import work_off

LINK = "http://testserver/confirm/abc:def/"
CONTEXT = {"about_id": uuid4(), "data": {}, "link": LINK, "sign_in": LINK, "new_password": LINK}

# Some are for our team alone, which listens.
TOLD = [kind.name for kind in KINDS.values() if kind.bell]


def letter(**changes: Any) -> Letter:
    return Letter(**({"address": "ana@example.org", "called": "Ana", "context": CONTEXT} | changes))


class Page(HTMLParser):
    def __init__(self, html: str):
        super().__init__()
        self.words, self.links = "", []  # type: tuple[str, list[str | None]]
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [dict(attrs).get("href")] if tag == "a" else []
        self.words += "\n" if tag == "br" else ""

    def handle_data(self, data: str) -> None:
        self.words += data


def html_of(message: Any) -> str:
    return str(message.alternatives[0][0])


def page_of(message: Any) -> Page:
    return Page(html_of(message))


@pytest.mark.django_db
class TestTheWords:
    @pytest.mark.parametrize("kind", [*TOLD, "confirm_email", "already_member", "password_reset"])
    def test_every_kind_has_a_letter_in_two_parts(self, kind: str) -> None:
        message = mails.compose(kind, letter(), 7)
        assert message.subject
        assert message.body.startswith("Hi Ana,\n\n")
        assert message.body.endswith("Warmly,\nThe CARE Collective team\n")
        assert "http://testserver/" in message.body
        assert not re.search(r"{{|{%|None|\n\n\n|&#|&amp;", str(message.body))
        page = page_of(message)
        assert page.words.split()[-len(message.body.split()) :] == message.body.split()
        assert page.links == re.findall(r"^http://testserver/\S*$", str(message.body), re.MULTILINE)

    def test_every_letter_of_an_app_has_its_words(self) -> None:
        for kind in ports.letters():
            assert mails.compose(kind, letter(), 1).subject

    @pytest.mark.parametrize("called", ["http://evil.example", "see evil.example", "www evil", "a@b", "x//y", "C:\\"])
    def test_a_name_that_is_an_advertisement_does_not_travel(self, called: str) -> None:
        message = mails.compose("confirm_email", letter(called=called), 1)
        assert message.body.startswith("Hi,\n")
        assert called not in message.body

    def test_a_name_with_marks_stays_a_name(self) -> None:
        message = mails.compose("confirm_email", letter(called="J. O'Neil <b>& Søn</b>"[:10]), 1)
        assert message.body.startswith("Hi J. O'Neil")
        assert "<b>" not in html_of(message)

    @pytest.mark.parametrize("bad", ["Ana\nBcc: all@example.org", "Ana\r\nSubject: x"])
    def test_no_name_or_address_adds_a_header(self, bad: str) -> None:
        message = mails.compose("confirm_email", letter(called=bad), 1)
        assert "\n" not in message.subject
        assert "Bcc" not in message.message()
        with pytest.raises(Exception, match=r"[Hh]eader|[Ii]nvalid|newline"):
            mails.compose("confirm_email", letter(address=f"{bad}@example.org"), 1).message().as_bytes()

    def test_a_retry_is_recognised_by_its_message_id(self) -> None:
        first, again, other = (mails.compose("confirm_email", letter(), job) for job in (1, 1, 2))
        assert first.message()["Message-ID"] == again.message()["Message-ID"] != other.message()["Message-ID"]
        assert re.fullmatch(r"<confirm_email\.1@[\w.-]+>", str(first.message()["Message-ID"]))


@pytest.mark.django_db
class TestWhetherItIsWanted:
    def notice(self, kind: str, member: Member) -> Notice:
        event = notifications.record(kind, about=("helprequest", uuid4()), to=member)
        return Notice.objects.get(event=event)

    def test_it_goes_to_the_person(self, asker: Member) -> None:
        notice = self.notice("request_expiring", asker)
        mails.send_notice(str(notice.pk), job_id=1)
        (message,) = mail.outbox
        assert (message.to, message.cc, message.bcc) == (["ana@example.org"], [], [])
        notice.refresh_from_db()
        assert notice.mailed_at

    def test_it_is_not_sent_twice(self, asker: Member) -> None:
        notice = self.notice("membership_approved", asker)
        for _ in range(2):
            mails.send_notice(str(notice.pk), job_id=1)
        assert len(mail.outbox) == 1

    @pytest.mark.parametrize(("kind", "sent"), [("request_expiring", 0), ("membership_approved", 1)])
    def test_what_was_read_needs_no_mail_unless_it_decides_something(self, asker: Member, kind: str, sent: int) -> None:
        notice = self.notice(kind, asker)
        Notice.objects.update(read_at="2026-01-01T00:00Z")
        mails.send_notice(str(notice.pk), job_id=1)
        assert len(mail.outbox) == sent

    def test_somebody_who_left_meanwhile_gets_none(self) -> None:
        mails.send_notice(str(uuid4()), job_id=1)
        mails.send_letter("confirm_email", str(uuid4()), job_id=1)
        assert mail.outbox == []


@pytest.mark.django_db
class TestOneMailInAWhile:
    """The kinds with a pause: many messages in a conversation are one mail."""

    KIND, ABOUT = "request_expiring", ("helprequest", uuid4())

    @pytest.fixture(autouse=True)
    def _pause(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(KINDS, self.KIND, Kind(self.KIND, pause=timedelta(minutes=15)))
        name = next(name for name in room.INVARIANTS if name.startswith("16 "))
        monkeypatch.setitem(room.INVARIANTS, name, room.mails_lost())

    def send(self, member: Member, kind: str = KIND, about: Any = ABOUT) -> int:
        """How many mails have left when this notice had its turn."""
        event = notifications.record(kind, about=about, to=member)
        notice = Notice.objects.get(event=event)
        mails.send_notice(str(notice.pk), job_id=1)
        ProcrastinateJob.objects.all().delete()
        return len(mail.outbox)

    def test_the_second_is_not_mailed_until_the_pause_is_over(self, asker: Member) -> None:
        assert [self.send(asker), self.send(asker)] == [1, 1]
        Notice.objects.update(mailed_at=Now() - timedelta(minutes=14))
        assert self.send(asker) == 1
        Notice.objects.update(mailed_at=Now() - timedelta(minutes=16))
        assert self.send(asker) == 2

    def test_the_pause_is_for_this_person_this_thing_and_this_kind(self, asker: Member, helper: Member) -> None:
        assert self.send(asker) == 1
        assert self.send(helper) == 2
        assert self.send(asker, about=("helprequest", uuid4())) == 3
        assert self.send(asker, kind="request_closed") == 4
        assert self.send(asker, kind="request_closed") == 5, "a kind without a pause"

    def test_a_notice_held_back_is_not_a_lost_mail(self, asker: Member, helper: Member) -> None:
        self.send(asker)
        self.send(asker)
        assert Notice.objects.filter(mailed_at=None).count() == 1
        assert invariants.broken() == {}
        Notice.objects.update(mailed_at=None)
        assert [name.partition(" ")[0] for name in invariants.broken()] == ["16"]


@pytest.mark.committed
class TestThroughTheWorker:
    def send(self) -> Member:
        member = MemberFactory(waiting=True, email_confirmed_at=None)
        with transaction.atomic():
            notifications.mail("confirm_email", member)
            notifications.record("membership_approved", about=member, to=member)
        return member

    def jobs(self) -> set[tuple[str, int]]:
        return set(ProcrastinateJob.objects.values_list("status", "attempts"))

    def test_the_worker_sends_it_after_the_commit(self) -> None:
        member = self.send()
        assert mail.outbox == []
        work_off()
        assert sorted(message.subject for message in mail.outbox) == ["Is this your email?", "You are in"]
        assert all(message.to == [member.email] for message in mail.outbox)
        assert self.jobs() == {("succeeded", 1)}

    def test_no_link_and_no_address_waits_in_the_queue(self) -> None:
        member = self.send()
        for job in ProcrastinateJob.objects.all():
            assert member.email not in str(job.args)
            assert "http" not in str(job.args)

    def test_a_mail_server_that_is_away_is_asked_again_later_and_later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.send()

        def away(*_: Any) -> None:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")

        with monkeypatch.context() as patch:
            patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
            work_off()
            assert self.jobs() == {("todo", 1)}
            waits = [job.scheduled_at for job in ProcrastinateJob.objects.all()]
            assert all(waits)
            work_off()
            assert self.jobs() == {("todo", 1)}, "not before its time"
            for attempt in range(2, len(PAUSES) + 1):
                due_now()
                work_off()
                assert self.jobs() == {("todo", attempt)}
            due_now()
            work_off()
            assert self.jobs() == {("failed", len(PAUSES) + 1)}, "parked after the last pause"
        assert list(PAUSES) == sorted(PAUSES)
        assert retry_parked_jobs() == 2
        work_off()
        assert len(mail.outbox) == 2, "everything arrives once the server is back"


def due_now() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")

"""What operators are told reaches them: by mail, and once at the address of their alarms, which is told to nobody."""

import json
import logging
import threading
import time
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from features import webhook
from features.letters import alarm as letter_of
from features.models import Alarm
from features.services import alarms
from features.services.switching import By, switch
from features.tasks import post_alarm
from features.webhook import NotPosted
from members import roles
from members.models import Member
from members.services import staff
from notifications import mails
from tests.factories.members import MemberFactory
from tests.factories.restrictions import restrict
from tests.support.jobs import work_off
from tests.support.meeting import meet

SENTENCE = (
    "messaging_v2 is off since 14:03, by the guard, because 4 of the last 20 offers and messages "
    "failed on our side; new offers go the V1 way; nothing is lost."
)
SECRET = "T0P-S3CRET"

MAILED = """Hi Opal,

messaging_v2 is off since 14:03, by the guard, because 4 of the last 20 offers and messages \
failed on our side; new offers go the V1 way; nothing is lost.

See how it is doing, and switch it here:
http://testserver/admin/features/flag/

Warmly,
The CARE Collective team
"""


class Address(ThreadingHTTPServer):
    """Where alarms are posted: keeps what it was sent, and answers as its path says."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.heard: list[tuple[str, str, Any]] = []
        self.ended = threading.Event()

    def of(self, how: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{how}/{SECRET}?token={SECRET}"


class _Answer(BaseHTTPRequestHandler):
    server: Address

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, self.headers["Content-Type"], json.loads(body)))
        getattr(self, f"_{self.path.split('/')[1]}", self._status)()

    def do_GET(self) -> None:
        self.server.heard.append((self.path, "followed", None))
        self._status()

    def _status(self) -> None:
        status = self.path.split("/")[1]
        self.send_response(int(status) if status.isdigit() else 200)
        self.send_header("Location", self.server.of("200"))
        self.end_headers()

    def _slow(self) -> None:
        """A byte at a time, and never the last."""
        for byte in b"HTTP/1.1 200 OK\r\nX-Filler: " + b"." * 1000:
            if self.server.ended.wait(0.05):
                return
            self.wfile.write(bytes([byte]))

    def _silent(self) -> None:
        self.server.ended.wait()

    def _gone(self) -> None:
        self.close_connection = True

    def _nonsense(self) -> None:
        self.wfile.write(b"SSH-2.0-server\r\n\r\n")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[Address]:
    server = Address()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.ended.set()
    server.shutdown()
    thread.join()
    server.server_close()


def jobs(task: str) -> list[Any]:
    return list(ProcrastinateJob.objects.filter(task_name=task).order_by("id"))


def an_alarm(sentence: str = SENTENCE, kind: str = "flag") -> Alarm:
    return alarms.tell(kind, sentence)


class TestPosting:
    def test_the_sentence_as_json_once(self, address: Address) -> None:
        webhook.post(address.of("200"), {"text": SENTENCE})
        assert address.heard == [(f"/200/{SECRET}?token={SECRET}", "application/json", {"text": SENTENCE})]

    @pytest.mark.parametrize("status", [200, 201, 204])
    def test_what_was_heard_is_done(self, address: Address, status: int) -> None:
        webhook.post(address.of(str(status)), {"text": SENTENCE})

    @pytest.mark.parametrize("how", ["500", "503", "404", "301", "302", "307", "308", "gone", "nonsense"])
    def test_whatever_else_it_answers_is_not_and_nobody_is_followed(self, address: Address, how: str) -> None:
        with pytest.raises(NotPosted):
            webhook.post(address.of(how), {"text": SENTENCE})
        assert len(address.heard) == 1

    @pytest.mark.parametrize("how", ["slow", "silent"])
    def test_it_does_not_wait_for_ever(self, address: Address, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(webhook, "PATIENCE", 0.3)
        begun = time.monotonic()
        with pytest.raises(NotPosted, match="TimeoutError"):
            webhook.post(address.of(how), {"text": SENTENCE})
        # The slow one would take a minute; a busy machine takes its time, too.
        assert time.monotonic() - begun < 20

    @pytest.mark.parametrize("where", [
        "http://127.0.0.1:1/{}", "http://127.0.0.1:{}/x", "http://me:{}@127.0.0.1:1/x", "http://[{}/x", "http:///{}",
        "http://127.0.0.1:1/{}/\x7f", "http://127.0.0.1:1/{}/ä", "https://127.0.0.1:1/{}", "http://{}.invalid./",
    ])  # fmt: skip
    def test_the_address_is_told_nowhere(self, where: str, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        with pytest.raises(NotPosted) as raised:
            webhook.post(where.format(SECRET), {"text": SENTENCE})
        told = "".join(traceback.format_exception(raised.value)) + caplog.text + str(vars(caplog.records[-1]))
        assert SECRET.lower() not in told.lower()
        assert "did not take it" in told


@pytest.mark.committed
class TestTheJob:
    def test_two_who_find_the_same_at_once_tell_it_once(self) -> None:
        def tell() -> object:
            return alarms.tell_at_times("reports", "Much is reported.")

        met = meet(tell, lambda number, words: 'INTO "alarms"' in words, tell)
        assert (met.first, met.second, met.has_paused) == ("done", "done", True)
        assert Alarm.objects.count() == 1

    def test_it_is_posted_once_and_done(self, address: Address, settings: Any) -> None:
        settings.ALERT_WEBHOOK_URL = address.of("200")
        switch("internal", why="as\nplanned.", by=By("Opal"))
        for _ in range(2):
            work_off()
        ((_, _, told),) = address.heard
        assert told["text"] == Alarm.objects.get().sentence
        assert told["text"].startswith("messaging_v2 is internal since ")
        assert told["text"].endswith(
            ", by Opal, because as planned; new offers of internal members go the V2 way, all others the V1 way; "
            "nothing is lost."
        )
        assert [job.status for job in jobs("features.post_alarm")] == ["succeeded"]

    def test_what_was_not_heard_is_tried_again_later(
        self, address: Address, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        settings.ALERT_WEBHOOK_URL = address.of("500")
        switch("internal", why="as planned", by=By("Opal"))
        for _ in range(2):
            work_off()
        (job,) = jobs("features.post_alarm")
        assert (job.status, job.attempts, len(address.heard)) == ("todo", 1, 1)
        assert job.scheduled_at is not None
        (line,) = [record for record in caplog.records if record.msg == "features.alarm_not_posted"]
        assert vars(line)["outcome"] == "500"
        assert SECRET not in caplog.text + str(job.args)


@pytest.mark.django_db
class TestTelling:
    def test_without_an_address_nothing_is_posted(self, operator: Member) -> None:
        an_alarm()
        assert jobs("features.post_alarm") == []
        assert len(jobs("notifications.send_letter")) == 1

    def test_an_address_that_was_taken_away_meanwhile_gets_nothing(self, address: Address, settings: Any) -> None:
        settings.ALERT_WEBHOOK_URL = address.of("200")
        told = an_alarm()
        settings.ALERT_WEBHOOK_URL = ""
        post_alarm(alarm=str(told.pk))
        assert address.heard == []

    def test_the_same_is_told_once_an_hour(self) -> None:
        assert alarms.tell_at_times("reports", "Much is reported.")
        assert alarms.tell_at_times("reports", "More is reported.") is None
        assert alarms.tell_at_times("disk", "The disk is full.")
        Alarm.objects.bulk_create([Alarm(kind="old", sentence="x", at=alarm.at - alarms.PAUSE) for alarm in _last()])
        assert alarms.tell_at_times("old", "Again.")

    def test_only_operators_are_told(self, operator: Member, moderator: Member, asker: Member) -> None:
        gone, banned = (MemberFactory(called=name, role=roles.OPERATOR) for name in ("Gus", "Bo"))
        gone.is_active = False
        gone.save()
        restrict(banned, "banned")
        assert alarms.operators() == [operator]


def _last() -> list[Alarm]:
    return list(Alarm.objects.filter(kind="reports"))


@pytest.mark.django_db
class TestTheMail:
    def test_word_for_word(self, operator: Member) -> None:
        told = an_alarm()
        mails.send_letter("alarm", f"{told.pk}:{operator.pk}", job_id=7)
        (sent,) = mail.outbox
        assert sent.to == ["opal@example.org"]
        assert sent.subject == "messaging_v2 is off since 14:03, by the guard"
        assert sent.body == MAILED

    def test_where_to_look_is_a_line_of_its_own(self, operator: Member) -> None:
        told = an_alarm("Much is reported; the cases are here: http://testserver/admin/moderation/case/", "reports")
        mails.send_letter("alarm", f"{told.pk}:{operator.pk}", job_id=7)
        (sent,) = mail.outbox
        assert sent.subject == "Much is reported"
        assert "here:\nhttp://testserver/admin/moderation/case/\n\nWarmly" in str(sent.body)
        assert "features/flag" not in str(sent.body)

    def test_a_reason_with_lines_and_marks_stays_one_sentence(self, operator: Member) -> None:
        told = an_alarm("Off by <b>x</b>\r\nBcc: all@example.org, because\n\nof\nthis")
        mails.send_letter("alarm", f"{told.pk}:{operator.pk}", job_id=7)
        (sent,) = mail.outbox
        assert sent.subject == "Off by <b>x</b> Bcc: all@example.org"
        assert (sent.to, sent.bcc) == (["opal@example.org"], [])

    def test_who_is_no_operator_any_more_gets_none(self, operator: Member) -> None:
        MemberFactory(called="Odd", role=roles.OPERATOR)
        told = an_alarm()
        about = f"{told.pk}:{operator.pk}"
        assert letter_of(about)
        staff.dismiss(operator.email, roles.OPERATOR)
        assert letter_of(about) is None
        mails.send_letter("alarm", about, job_id=7)
        assert mail.outbox == []

"""An operator asks whether a running site keeps its promises, as a process beside it; nobody who is real notices."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.core import mail
from django.db import connection
from django.db.models import F
from procrastinate.contrib.django.models import ProcrastinateJob
from psycopg import sql

from audit.models import AuditEntry
from carecollective import invariants
from carecollective.errors import NotPermitted, NotValid
from carecollective.management.smoke import cast as casting
from carecollective.management.smoke import check, traces
from carecollective.management.smoke.findings import Findings
from carecollective.management.smoke.site import ADDRESS, Answer, Site
from features import webhook
from help_requests.models import HelpRequest, Status
from help_requests.services.expiry import close_expired_requests
from members.models import ApiToken, Member
from messaging.models import Conversation
from messaging.models import Status as Talk
from messaging.services import offering
from notifications.models import Emails, Preferences
from screening.services import examining
from tests.cast import client_of
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, offer_to, say
from tests.support.database import ROOT, TestDatabase
from tests.support.jobs import Start, wait_until, work_off
from tests.support.site import free_port

# What only grows; everything else is afterwards as it was before.
LOGS = {"audit_log", "audit_head", "message_audit_log"}
PLAY = 17
RUN = "0123456789abcdef"
LEADS_ON = "{}/api/health leads on to 'https://other.example/'. Please give the address of the site itself."


def command(*words: str) -> list[str]:
    return [sys.executable, "manage.py", "smoke", *words]


def surroundings(**environment: str) -> dict[str, str]:
    """As an operator has them: the command itself chooses the owner of the database."""
    ours = {name: value for name, value in os.environ.items() if name != "DATABASE_ROLE"}
    return ours | {"DJANGO_SETTINGS_MODULE": "carecollective.settings"} | environment


def smoke(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words), cwd=ROOT, env=surroundings(**environment), capture_output=True, text=True, timeout=120
    )


def begun(*words: str) -> "subprocess.Popen[str]":
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command(*words), cwd=ROOT, env=surroundings(), text=True, **pipes)  # type: ignore[call-overload,no-any-return]


@contextmanager
def owner_of(database: TestDatabase) -> Iterator[psycopg.Connection[Any]]:
    url = urlunsplit(urlsplit(database.owner_url)._replace(path=f"/{database.name}"))
    with psycopg.connect(url, autocommit=True) as owner:
        yield owner


@pytest.fixture
def owner(committed: None, test_database: TestDatabase) -> Iterator[psycopg.Connection[Any]]:
    with owner_of(test_database) as session:
        yield session


def rows(owner: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Every row of every table but the logs; how far a worker or a session has counted is none."""
    names = owner.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    tables = sorted({str(name) for (name,) in names} - LOGS)
    every = sql.SQL("SELECT it::text FROM ONLY public.{} AS it ORDER BY 1")
    return {name: [row[0] for row in owner.execute(every.format(sql.Identifier(name)))] for name in tables}


@contextmanager
def standing_in_the_way(owner: psycopg.Connection[Any], table: str, does: str) -> Iterator[None]:
    owner.execute(
        f"CREATE FUNCTION public.stand_in_the_way() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {does}; RETURN NEW; END $$"
    )
    owner.execute(
        f"CREATE TRIGGER stands_in_the_way BEFORE INSERT ON public.{table}"
        " FOR EACH ROW EXECUTE FUNCTION public.stand_in_the_way()"
    )
    try:
        yield
    finally:
        owner.execute(f"DROP TRIGGER stands_in_the_way ON public.{table}")
        owner.execute("DROP FUNCTION public.stand_in_the_way()")


def table_of(what: str, way: int) -> str:
    return f"{what}_v2" if way == 2 else f"legacy_{what}"


WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted)"
# What the earlier system ran into, with every offer.
FAILS = "RAISE EXCEPTION 'permission denied' USING ERRCODE = 'insufficient_privilege'"


@pytest.mark.both_ways(only_long=True)
class TestASiteThatKeepsItsPromises:
    def test_each_promise_is_named_and_nothing_is_left(
        self, site: str, way: int, owner: psycopg.Connection[Any], asker: Member, helper: Member
    ) -> None:
        thread = offer_to(asker, helper)
        say(asker, thread)
        before = rows(owner)
        assert before["members"]
        done = smoke("--base-url", site)
        assert (done.stderr, done.returncode) == ("", 0)
        kept = [line for line in done.stdout.splitlines() if line.startswith("Kept: ")]
        assert len(kept) == PLAY
        assert f"Kept: An offer starts a conversation, of version {way}." in kept
        assert done.stdout.splitlines()[-1] == (
            f"All {PLAY} promises are kept at {site}, and nothing is left of those who tried."
        )
        assert rows(owner) == before
        # The logs say it all, and the promises about them are kept, too.
        (removed,) = AuditEntry.objects.filter(action="smoke_removed")
        made = set(AuditEntry.objects.filter(action="token_made").values_list("actor", flat=True))
        assert {str(member) for member in made} == set(removed.details["members"])
        told = owner.execute("SELECT DISTINCT conversation_id FROM message_audit_log").fetchall()
        assert {str(told_of) for (told_of,) in told} == {str(thread.pk), *removed.details["conversations"]}
        assert not invariants.broken()

    def test_two_at_once_do_not_disturb_each_other(self, site: str, way: int, owner: psycopg.Connection[Any]) -> None:
        before = rows(owner)
        both = [begun("--base-url", site) for _ in range(2)]
        told = [(*process.communicate(timeout=120), process.returncode) for process in both]
        assert [(errors, code) for _, errors, code in told] == [("", 0), ("", 0)]
        assert rows(owner) == before

    def test_an_offer_that_fails_is_named_and_the_rest_is_removed(
        self, site: str, way: int, owner: psycopg.Connection[Any]
    ) -> None:
        before = rows(owner)
        with standing_in_the_way(owner, table_of("conversations", way), FAILS):
            done = smoke("--base-url", site)
        assert done.returncode == 1
        offer, rest = done.stderr.splitlines()
        assert offer.startswith(f"An offer starts a conversation, of version {way}: expected 201, came 503 (error ")
        assert rest == "The rest was not tried, because there is no conversation."
        assert rows(owner) == before

    def test_words_that_fail_are_named_where_they_are_missed(
        self, site: str, way: int, owner: psycopg.Connection[Any]
    ) -> None:
        before = rows(owner)
        with standing_in_the_way(owner, table_of("messages", way), FAILS):
            done = smoke("--base-url", site)
        assert done.returncode == 1
        named = [line.partition(":")[0] for line in done.stderr.splitlines()]
        assert named == [
            "Who asked answers",
            "The same key again is the same message",
            "Who offered writes again",
            "Who asked reads all words, once each and in order",
            "Who offered reads all words, once each and in order",
        ]
        assert rows(owner) == before

    def test_one_that_was_killed_is_cleared_away_later(
        self, site: str, way: int, owner: psycopg.Connection[Any]
    ) -> None:
        before = rows(owner)
        owner.execute("SELECT pg_advisory_lock(42)")
        with standing_in_the_way(owner, table_of("messages", way), "PERFORM pg_advisory_xact_lock(42)"):
            process = begun("--base-url", site)
            wait_until(lambda: owner.execute(WAITS).fetchone() == (True,), "the first message is on its way")
            process.send_signal(signal.SIGSTOP)
            owner.execute("SELECT pg_advisory_unlock(42)")
            # The site goes on with what it was asked to write, unless it had to wait too long for it.
            wait_until(lambda: owner.execute(WAITS).fetchone() == (False,), "the message is written, or refused")
        still = smoke("--clean")
        assert (still.stdout, still.returncode) == ("Removed: 0. Still running, so left alone: 1.\n", 0)
        assert Member.objects.count() == 4
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        cleared = smoke("--clean")
        assert (cleared.stdout, cleared.stderr) == ("Removed: 1. Still running, so left alone: 0.\n", "")
        assert cleared.returncode == 0
        assert rows(owner) == before


def test_the_next_run_clears_away_what_one_before_it_left(site: str, owner: psycopg.Connection[Any]) -> None:
    before = rows(owner)
    made = casting.make(RUN)
    with made.shown():
        offering.offer_help(made.helper.member, made.open_id, casting.OFFER)
    assert smoke("--base-url", site).returncode == 0
    assert rows(owner) == before


def test_a_worker_at_work_is_not_disturbed(site: str, worker_process: Start) -> None:
    worker_process()
    wait_until(lambda: answers(site)["jobs"]["workers"], "a worker is there")
    assert smoke("--base-url", site).returncode == 0
    mails = ProcrastinateJob.objects.filter(queue_name="mail")
    assert not mails.filter(status="failed").exists()
    assert not mails.filter(status="todo").exists()


def answers(site: str) -> dict[str, Any]:
    return Site(site).get("/api/health").body


def test_a_site_that_is_not_well_is_named(site: str, owner: psycopg.Connection[Any]) -> None:
    before = rows(owner)
    owner.execute("INSERT INTO key_canaries (key_id, text) VALUES ('gone', 'sealed with a key that is gone')")
    done = smoke("--base-url", site)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Health answers 200: expected 200, came 503.",
        'Health finds the database and all else well: expected [], came ["keys"].',
    ]
    owner.execute("DELETE FROM key_canaries WHERE key_id = 'gone'")
    assert rows(owner) == before


def test_an_answer_that_differs_is_named_with_what_differs() -> None:
    found = Findings(print)
    assert found.expect("An offer", Answer(201, {"success": True, "version": 2}), 201, success=True, version=2)
    assert not found.expect(
        "An offer", Answer(201, {"success": True, "version": "\x1b[2J"}), 201, success=True, version=2
    )
    assert not found.expect("A second offer", Answer(201), 409, error="conversation_exists")
    assert found.kept == 1
    assert found.surprises == [
        'An offer: expected 201 with version 2, came 201 with version "\\u001b[2J".',
        "A second offer: expected 409, came 201.",
    ]


class TestNobodyNotices:
    def test_no_mail_is_sent(self, committed: None, asker: Member, helper: Member) -> None:
        made = casting.make(RUN)
        with made.shown():
            offering.offer_help(made.helper.member, made.open_id, casting.OFFER)
        work_off()
        assert mail.outbox == []
        offer_to(asker, helper)
        work_off()
        assert [letter.to for letter in mail.outbox] == [["ana@example.org"]]

    def test_nobody_asks_them_around_or_writes_to_them(self, committed: None) -> None:
        made = casting.make(RUN)
        wanted = {chosen.email for chosen in Preferences.objects.all()}
        assert (wanted, Preferences.objects.count()) == ({Emails.OFF}, 4)
        with pytest.raises(NotPermitted):
            offering.start_direct(MemberFactory(), made.helper.member.pk, WORDS)

    def test_members_find_no_request_of_theirs(self, committed: None, outsider: Member) -> None:
        made = casting.make(RUN)

        def listed() -> list[str]:
            answer = client_of(outsider).get("/api/help-requests").json()
            return [request["id"] for request in answer["help_requests"]]

        assert listed() == []
        with made.shown():
            assert listed() == [str(made.open_id)]
        assert listed() == []
        assert client_of(outsider).get(f"/api/help-requests/{made.open_id}").status_code == 404

    def test_verifiers_find_nobody_to_decide_about(self, committed: None) -> None:
        casting.make(RUN)
        assert not Member.objects.ready_to_be_read().exists()
        MemberFactory(waiting=True)
        assert Member.objects.ready_to_be_read().exists()

    def test_a_request_nobody_came_back_for_ends_by_itself(self, committed: None) -> None:
        made = casting.make(RUN)
        HelpRequest.objects.filter(pk=made.open_id).update(moderation="", hidden_at=None)
        assert [request.pk for request in HelpRequest.objects.listed_for(made.helper.member)] == [made.open_id]
        HelpRequest.objects.filter(pk=made.open_id).update(expires_at=F("expires_at") - timedelta(minutes=10))
        assert not HelpRequest.objects.listed_for(made.helper.member).exists()
        close_expired_requests()
        assert HelpRequest.objects.get(pk=made.open_id).status == Status.CLOSED


class TestWhereItMayNotDelete:
    def test_they_are_closed_and_signed_out_and_it_says_so(self, site: str, owner: psycopg.Connection[Any]) -> None:
        before = rows(owner)
        done = smoke("--base-url", site, DATABASE_OWNER_URL="")
        if connection.settings_dict["USER"] == owner.info.user:
            pytest.skip("on this server one role does both")
        assert done.returncode == 1
        assert done.stderr.splitlines() == [traces.CLOSED.format(traces.NO_RIGHT)]
        assert done.stdout.count("Kept: ") == PLAY
        assert not Member.objects.filter(is_active=True).exists()
        assert not ApiToken.objects.exists()
        assert not HelpRequest.objects.exclude(status__in=(Status.CLOSED, Status.CANCELLED)).exists()
        assert set(Conversation.objects.values_list("offer_state", flat=True)) == {"withdrawn"}
        assert not invariants.broken()
        # As the owner, later.
        assert smoke("--clean").returncode == 0
        assert rows(owner) == before

    def test_words_of_somebody_real_are_never_deleted(self, owner: psycopg.Connection[Any], helper: Member) -> None:
        made = casting.make(RUN)
        with made.shown():
            offering.offer_help(helper, made.open_id, WORDS)
        done = smoke("--clean")
        assert done.returncode == 1
        assert done.stderr.startswith("The throw-away members are still there, closed and signed out, because ")
        (thread,) = Conversation.objects.all()
        assert (thread.helper, thread.initial_message, thread.status) == (helper, WORDS, Talk.ACTIVE)
        # They are told, as when anybody leaves.
        assert helper.notices.get().event.kind == "request_closed"


class TestASiteThatIsNotThis:
    def test_another_database_is_told_apart(
        self, site: str, owner: psycopg.Connection[Any], test_database: TestDatabase
    ) -> None:
        other = test_database.name + "_other"
        with psycopg.connect(test_database.owner_url, autocommit=True) as server:
            names = sql.Identifier(other), sql.Identifier(test_database.template)
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        before = rows(owner)
        try:
            done = smoke("--base-url", site, **test_database._addresses(other))
        finally:
            with psycopg.connect(test_database.owner_url, autocommit=True) as server:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(other)))
        assert done.returncode == 1
        assert done.stderr == (f"{site} does not know what was made here: it has another database than this command.\n")
        assert rows(owner) == before

    def test_one_that_does_not_answer_is_one_sentence(self, committed: None) -> None:
        address = f"http://127.0.0.1:{free_port()}"
        done = smoke("--base-url", address)
        assert done.returncode == 1
        assert done.stderr == f"{address} cannot be reached: [Errno 111] Connection refused (/api/health).\n"
        assert not Member.objects.exists()

    @pytest.mark.parametrize(("how", "told"), [
        ("words", "{} is not a site of ours: its /api/health answers 200, and not in our words."),
        ("elsewhere", LEADS_ON),
        ("silence", "{} cannot be reached: timed out (/api/health)."),
        ("dribble", "{} cannot be reached: timed out (/api/health)."),
    ])  # fmt: skip
    def test_what_is_no_site_of_ours_is_one_sentence(
        self, how: str, told: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(webhook, "PATIENCE", 1.0)
        with stranger(how) as address:
            # Without a database: it ends before anything is written.
            assert check(address, print) == [told.format(address)]

    def test_words_that_our_team_would_have_to_read_are_not_posted(
        self, committed: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        threat = "I will kill you if you do not come."
        assert examining.examine(threat).is_held
        monkeypatch.setattr(casting, "OFFER", threat)
        with pytest.raises(NotValid, match="would have to read them: 'I will kill"):
            casting.make(RUN)
        assert not Member.objects.exists()

    @pytest.mark.parametrize("address", [
        "", "care.example.org", "ftp://care.example.org", "https://", "https:///x", "https://care.example.org/api",
        "https://care.example.org?x=1", "https://care.example.org#x", "https://me:pass@care.example.org",
        "https://care.example.org:port", "https://care.example.org:99999", "https://[::1", "https://care example.org",
    ])  # fmt: skip
    def test_an_address_that_is_none_is_refused(self, address: str) -> None:
        with pytest.raises(NotValid) as refusal:
            Site(address)
        assert refusal.value.words == ADDRESS

    def test_a_slash_at_the_end_is_no_path(self) -> None:
        assert Site(" https://care.example.org:8443/ ").address == "https://care.example.org:8443"


@contextmanager
def stranger(how: str) -> Iterator[str]:
    """Another program behind an address; it ends with the test."""
    over = threading.Event()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if how == "silence":
                over.wait()
                return
            self.send_response(302 if how == "elsewhere" else 200)
            self.send_header("Location", "https://other.example/")
            self.end_headers()
            with suppress(OSError):
                while how == "dribble" and not over.wait(0.1):
                    self.wfile.write(b" ")
                self.wfile.write(b'{"status": "ok"}')

        def log_message(self, *words: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()

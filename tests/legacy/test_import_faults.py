"""An original that differs, cannot be read, or goes away in the middle: one sentence, and nothing half done."""

import logging
import os
import random
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.core.management import CommandError
from django.db import connections

from carecollective.errors import NotPermitted
from carecollective.invariants import broken
from help_requests.models import HelpRequest
from legacy.importing import drift, faults, source
from legacy.importing.running import Order, bring_over
from legacy.models import EarlierConversation, EarlierMessage
from legacy.services import alone, moving, proving
from members.models import Member
from messaging.models import Conversation
from tests.legacy.test_import import command, everything, rows
from tests.support.database import ROOT
from tests.support.original import LONG_AGO, Original, Small, brought, refuse

pytestmark = pytest.mark.committed

EVERY_TABLE = ("members", "help_requests", "conversations", "messages")


def refused(address: str) -> str:
    with pytest.raises(CommandError) as ended:
        command("--from", address)
    assert "secret" not in str(ended.value)
    assert "postgresql://" not in str(ended.value) or str(ended.value) == faults.NOT_AN_ADDRESS
    assert rows(*EVERY_TABLE) == 0
    return str(ended.value)


def as_stranger(original: Original) -> str:
    """The role of our site, which owns nothing there."""
    ours = urlsplit(os.environ["DATABASE_URL"])
    original.say(f"GRANT USAGE ON SCHEMA auth TO {ours.username}")
    return urlunsplit(ours._replace(path=urlsplit(original.address).path))


class TestDrift:
    def test_missing_columns_take_what_is_said(self, original: Original, small: Small) -> None:
        for table, column in (
            ("auth.users", "email_confirmed_at"), ("profiles", "location"), ("profiles", "verification_status"),
            ("help_requests", "location_privacy"), ("help_requests", "helper_id"), ("conversations", "created_by"),
            ("conversation_participants", "left_at"), ("messages", "moderation_status"), ("messages", "created_at"),
        ):  # fmt: skip
            original.say(f"ALTER TABLE {table} DROP COLUMN {column}")
        told = "\n".join(brought(original).drift)
        for sentence in (
            "auth.users has no email_confirmed_at: taken as the moment the account was made.",
            "public.help_requests has no location_privacy: taken as told after a yes.",
            "public.messages has no moderation_status: taken as approved.",
        ):
            assert sentence in told
        assert Member.objects.get(pk=small.ana).is_pending
        assert HelpRequest.objects.get(pk=small.request).location_privacy == "after_match"
        assert (EarlierMessage.objects.count(), broken()) == (2, {})

    def test_extra_columns_and_tables_are_named(self, original: Original, small: Small) -> None:
        original.say("ALTER TABLE profiles ADD phone text, ADD zodiac text")
        original.say("CREATE TABLE page_views (id int)")
        told = "\n".join(brought(original).drift)
        assert "public.profiles has columns that are not read: phone, zodiac." in told
        assert "Tables that are not read: page_views." in told

    def test_other_names_and_types_are_read(self, original: Original, small: Small) -> None:
        original.said(small.thread, None, "From nobody we know.", 3)
        original.say("ALTER TABLE profiles RENAME name TO full_name")
        original.say("ALTER TABLE messages RENAME content TO body")
        original.say("ALTER TABLE messages ALTER sender_id TYPE text, ALTER is_flagged DROP DEFAULT")
        original.say("ALTER TABLE messages ALTER is_flagged TYPE text, ALTER created_at TYPE timestamp")
        original.say("ALTER TABLE messages ALTER read_at TYPE text")
        original.say("UPDATE messages SET sender_id = 'admin' WHERE body LIKE 'From nobody%'")
        assert "public.profiles.full_name is read as name." in brought(original).drift
        assert Member.objects.get(pk=small.ana).name == "Ana"
        assert EarlierMessage.objects.filter(sender_id=small.ben, created_at__gt=LONG_AGO).exists()
        assert (EarlierMessage.objects.count(), broken()) == (3, {})

    @pytest.mark.parametrize(
        "table",
        ["profiles", "help_requests", "conversations", "conversation_participants", "messages", "user_restrictions",
         "messaging_preferences", "message_reports", "conversations_v2", "messages_v2"],
    )  # fmt: skip
    def test_any_table_but_the_people_may_be_missing(self, original: Original, small: Small, table: str) -> None:
        original.report(small.first, by=small.ana)
        original.say(f"DROP TABLE {table}")
        brought(original)
        assert Member.objects.count() == 2
        assert broken() == {}

    def test_without_people_it_is_no_original(self, original: Original) -> None:
        original.say("DROP TABLE auth.users")
        assert refused(original.address) == drift.NOT_AN_ORIGINAL


class TestTheWayThere:
    @pytest.mark.parametrize(
        ("address", "why"),
        [
            ("postgresql://reader:secret@127.0.0.1:1/x", "nothing answers"),
            ("postgresql://reader:secret@no-such-host.invalid/x", "no machine has that name"),
            ("postgresql://reader@/x?host=/no/such/folder&password=secret", "no server at that socket"),
            ("postgresql://reader:secret/oops", ""),
            ("reader secret nonsense", "is not an address"),
            ("", ""),
        ],
    )
    def test_one_that_is_not_there(self, address: str, why: str) -> None:
        assert why in refused(address)

    def test_no_such_database_or_role(self, original: Original) -> None:
        parts = urlsplit(original.address)
        assert refused(urlunsplit(parts._replace(path="/nothing_here"))) == faults.NO_SUCH_DATABASE
        stranger = parts._replace(netloc="stranger@" + parts.netloc.rpartition("@")[2])
        assert refused(urlunsplit(stranger)) in (
            faults.NO_ENTRY,
            faults.NOT_REACHED.format(why=faults.WHYS["no pg_hba.conf entry"]),
        )

    def test_one_that_is_too_old(self, original: Original, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(source, "OLDEST", 990000)
        assert "needs version 99 or newer" in refused(original.address)

    def test_one_that_may_not_be_read(self, original: Original, small: Small) -> None:
        told = refused(as_stranger(original))
        assert "may not read" in told
        assert "auth.users" in told

    def test_one_that_hides_some_of_its_rows(self, original: Original, small: Small) -> None:
        address = as_stranger(original)
        original.say(f"GRANT SELECT ON ALL TABLES IN SCHEMA auth, public TO {urlsplit(address).username}")
        original.say("ALTER TABLE profiles ENABLE ROW LEVEL SECURITY")
        assert refused(address) == faults.HIDES_ROWS

    def test_nothing_is_written_there(self, original: Original, small: Small) -> None:
        with source.opened(original.address) as opened, pytest.raises(NotPermitted):
            list(opened.rows("UPDATE profiles SET name = 'x' RETURNING id", 10))
        with source.opened(original.address) as opened, pytest.raises(NotPermitted):
            list(opened.stream("DELETE FROM profiles RETURNING id"))
        assert original.say("SELECT count(*) FROM profiles WHERE name = 'Ana'").fetchone() == (1,)

    def test_one_that_goes_away_in_the_middle(self, original: Original, small: Small) -> None:
        def end(progress: moving.Progress) -> None:
            original.say("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                         " AND datname = current_database()")  # fmt: skip

        with pytest.raises(NotPermitted, match="was lost"):
            bring_over(Order(original.address), end)
        assert (brought(original).here["people"], broken()) == (2, {})


class TestHere:
    @pytest.mark.parametrize(
        ("state", "told"),
        [("53100", faults.NO_ROOM), ("42501", faults.OURS_CLOSED), ("55P03", faults.OURS_BUSY), ("0A000", "0A000")],
    )
    def test_a_fault_of_ours_is_one_sentence_and_the_next_run_goes_on(
        self, original: Original, small: Small, state: str, told: str
    ) -> None:
        bad = original.conversation(original.request(small.ana), small.ben, small.ana)
        original.said(bad, small.ben, "Refuse me.")
        refuse(state)
        with pytest.raises(CommandError) as ended:
            command("--from", original.address, "--batch", "1")
        assert told in str(ended.value)
        assert not EarlierConversation.objects.filter(pk=bad).exists()
        assert broken() == {}
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
            owner.execute("DROP TRIGGER refuse_it ON messages")
        brought(original)
        assert (EarlierMessage.objects.count(), broken()) == (3, {})

    def test_two_at_once(self, original: Original, small: Small) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"]) as other:
            other.execute(alone.TAKE, [moving.THE_MOVE[0]])
            with pytest.raises(CommandError, match="Another backfill or import is running"):
                command("--from", original.address)
        assert rows(*EVERY_TABLE) == 0

    @pytest.mark.parametrize("path", ["/no/such/folder/report.txt", "/dev/full"])
    def test_a_report_that_cannot_be_written(self, original: Original, small: Small, path: str) -> None:
        for _ in range(500):
            original.put("auth.users", email=None)
        with pytest.raises(CommandError, match="The report cannot be written"):
            command("--from", original.address, "--report", path)


def test_killed_anywhere_and_run_again_it_ends_as_if_nothing_had_happened(
    original: Original, small: Small, long_run: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    for number in range(120 if long_run else 40):
        request = original.request(small.ana, f"Groceries {number}", status="in_progress", helper_id=small.ben)
        thread = original.conversation(request, small.ben, small.ana)
        for minute in range(3):
            original.said(thread, small.ben, f"Word {number} {minute}", minute)
    original.restriction(original.person("Carl"), "suspended", by=small.ana)
    original.report(small.first, by=small.ana)
    surroundings = os.environ | {"DJANGO_SETTINGS_MODULE": "carecollective.settings"}
    words = [sys.executable, "manage.py", "import_v1", "--from", original.address, "--batch", "1"]
    seen: set[int] = set()
    for seed in range(60 if long_run else 5):
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(words, cwd=ROOT, env=surroundings, stdout=quiet, stderr=quiet)
        before, deadline = rows(*EVERY_TABLE), time.monotonic() + 30
        while rows(*EVERY_TABLE) == before and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(random.Random(seed).uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.wait()
        seen.add(rows(*EVERY_TABLE))
        assert broken() == {}
    connections.close_all()
    assert len(seen) > 2, "it was killed in the middle of it"
    brought(original)
    assert EarlierMessage.objects.count() == 2 + 3 * (120 if long_run else 40)
    assert Conversation.objects.filter(offer_state="accepted").count() == (120 if long_run else 40)
    whole = everything()
    brought(original)
    assert everything() == whole
    moving.run()
    assert (broken(), proving.verify()) == ({}, [])

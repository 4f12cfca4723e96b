"""The last step: V1 goes when nothing is in the way, all of it or nothing, and what was moved lives on."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils.timezone import now

from audit.models import AuditEntry
from carecollective import structure
from carecollective.invariants import broken
from features import flag
from features.models import Attempt
from features.services import guarding, switching
from features.services.switching import By
from legacy.models import EarlierMessage, Ending, Move, Run
from legacy.personal import left_in_the_earlier_system
from legacy.services import closing, dropping, in_the_way, moving, proving
from legacy.services.protecting import protect
from legacy.services.settling import Decision, settle
from members import roles
from members.models import Member
from messaging import reads
from messaging.models import Conversation
from messaging.services import changing, deciding
from moderation.models import Case
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import WORDS, earlier, empty, on_for
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer, say
from tests.support.crowd import Crowd, offering, reading, saying
from tests.support.database import ROOT
from tests.support.site import running_site

LONG = "w" * 1200
PHONE = "Call me at (417) 555-0134 when you are there."
BY = "A test"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".data", ".*_cache", "legacy", "legacy.py", "__pycache__")


def command(*words: str) -> str:
    out = io.StringIO()
    call_command("drop_v1", *words, stdout=out, stderr=out)
    return out.getvalue()


def manage(*words: str, cwd: Path = ROOT, **more: str) -> "subprocess.CompletedProcess[str]":
    """As an operator says it; commands of the owner find their role themselves."""
    connections.close_all()
    surroundings = {name: value for name, value in os.environ.items() if name != "DATABASE_ROLE"} | more
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=cwd, env=surroundings, capture_output=True, text=True, timeout=300
    )


@contextmanager
def owner() -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as session:
        yield session


def as_owner(statement: LiteralString, *values: object) -> list[tuple[Any, ...]]:
    with owner() as session:
        found = session.execute(statement, values)
        return found.fetchall() if found.description else []


def texts(member: Member, conversation_id: Any) -> list[str]:
    return [line["content"] for line in reads.thread_rows(member, conversation_id, reads.Slice())[1]]


def reasons(why: str = "", has_archive: bool = False) -> list[str]:
    """But for the role these tests have."""
    found = in_the_way.reasons(why=why, has_archive=has_archive)
    return [reason for reason in found if reason != in_the_way.NOT_OWNER]


class Old:
    """An installation that is through: one is moved, one stays and is settled, one is empty."""

    def __init__(self, asker: Member, helper: Member, outsider: Member) -> None:
        self.asker, self.helper = asker, helper
        on_for(days=40)
        asked = HelpRequestFactory(requester=asker)
        self.moved = earlier(helper, asked, (helper, WORDS), (asker, "Friday is fine."), (helper, PHONE)).pk
        self.opening_id = EarlierMessage.objects.get(conversation=self.moved, content=WORDS).pk
        merged = HelpRequestFactory(requester=asker)
        self.first, self.second = (earlier(outsider, merged, (outsider, WORDS + more)).pk for more in ("", " Again."))
        self.stayed = earlier(helper, HelpRequestFactory(requester=asker), (helper, WORDS), (asker, LONG)).pk
        self.empty = empty(helper, HelpRequestFactory(requester=asker)).pk
        moving.run()
        protect()
        settle(Decision("Nobody needs it.", By(BY)), ids=[self.stayed, self.empty])
        closing.close(why="We are through.", by=BY)
        proving.verify()


@pytest.fixture
def old(asker: Member, helper: Member, outsider: Member) -> Old:
    return Old(asker, helper, outsider)


@pytest.mark.django_db
class TestWhatIsInTheWay:
    def test_all_of_it_is_told_at_once(self, asker: Member, helper: Member) -> None:
        """As it is on a site that has begun to move."""
        on_for(days=3)
        earlier(helper, HelpRequestFactory(requester=asker))
        earlier(helper, HelpRequestFactory(requester=asker), (helper, LONG))
        moving.run()
        earlier(helper, HelpRequestFactory(requester=asker))
        with pytest.raises(SystemExit) as ended:
            command()
        assert ended.value.code == 1
        assert reasons() == [
            in_the_way.NOT_CLOSED,
            in_the_way.NOT_MOVED.format(n=1),
            in_the_way.NEVER_COMPARED,
            in_the_way.UNSCREENED.format(n=1),
            in_the_way.UNSETTLED.format(n=1),
            in_the_way.TOO_SOON,
        ]

    def test_nothing_is(self, old: Old) -> None:
        assert reasons(has_archive=True) == []

    def test_what_is_settled_and_has_words_goes_into_an_archive(self, old: Old) -> None:
        assert reasons() == [in_the_way.NO_ARCHIVE.format(n=1)]

    def test_a_comparison_of_yesterday(self, old: Old) -> None:
        Run.objects.update(verified_at=now() - timedelta(hours=25))
        assert reasons(has_archive=True) == [in_the_way.COMPARED_LONG_AGO]

    def test_a_comparison_that_found_something(self, old: Old) -> None:
        Run.objects.update(differences=3)
        assert reasons(has_archive=True) == [in_the_way.DIFFERS.format(n=3)]

    def test_something_in_v1_is_not_what_it_was(self, old: Old) -> None:
        changing.delete_message(old.helper, old.stayed)
        assert reasons(has_archive=True) == [in_the_way.WRITTEN]
        proving.verify()
        assert reasons(has_archive=True) == []

    def test_something_went_the_v1_way(self, old: Old) -> None:
        Attempt.objects.create(kind="send_message", version=1, code="success", at=now() + timedelta(seconds=1))
        Attempt.objects.create(kind="send_message", version=1, code="permission_denied")
        Attempt.objects.create(kind="send_message", version=1, code="success", at=now() - timedelta(days=1))
        assert reasons(has_archive=True) == [in_the_way.WENT_THERE.format(n=1)]

    def test_unscreened_words(self, old: Old) -> None:
        Move.objects.filter(pk=old.second).update(protected_at=None)
        assert reasons(has_archive=True) == [in_the_way.UNSCREENED.format(n=1)]

    def test_what_nobody_has_settled(self, old: Old) -> None:
        Move.objects.filter(pk=old.stayed).update(settled_at=None, settled_as="", settled_by="", settled_why="")
        assert reasons() == [in_the_way.UNSETTLED.format(n=1)]

    def test_help_that_is_under_way(self, asker: Member, helper: Member, outsider: Member) -> None:
        on_for(days=40)
        stays = earlier(helper, HelpRequestFactory(requester=asker), (helper, WORDS), (asker, LONG))
        deciding.accept_offer(asker, stays.pk)
        moving.run()
        closing.close(why="", by=BY)
        assert in_the_way.UNDER_WAY.format(n=1) in reasons()

    def test_a_case_that_is_open(self, old: Old) -> None:
        case = Case.objects.create(
            target_kind="conversation", target_id=old.stayed, conversation_id=old.stayed, author=old.helper,
            source="member", due_at=now(),
        )  # fmt: skip
        assert reasons(has_archive=True) == [in_the_way.CASES.format(n=1)]
        Case.objects.filter(pk=case.pk).update(conversation_id=old.moved)
        assert reasons(has_archive=True) == []

    @pytest.mark.parametrize("days", [29, 31])
    def test_thirty_days_at_on(self, days: int, old: Old) -> None:
        switching.switch("off", why="A pause.", by=By(BY))
        on_for(days=days)
        found = reasons(has_archive=True)
        assert found == ([in_the_way.TOO_SOON] if days < 30 else [])
        assert reasons(has_archive=True, why="The board says so.") == []

    def test_the_guard_was_there_meanwhile(self, old: Old) -> None:
        switching.switch("off", why="too much failed", by=guarding.GUARD)
        on_for(days=31)
        assert reasons(has_archive=True) == [in_the_way.TOO_SOON]

    def test_a_switch_that_is_only_pinned_is_no_change(self, old: Old) -> None:
        switching.switch("on", why="It stays.", by=By(BY), pin=True)
        assert reasons(has_archive=True) == []

    def test_who_does_not_own_the_tables(self, old: Old) -> None:
        assert in_the_way.reasons(why="", has_archive=True) == [in_the_way.NOT_OWNER]

    def test_a_dry_run_says_it_and_changes_nothing(self, old: Old, tmp_path: Path) -> None:
        with pytest.raises(SystemExit):
            command("--dry-run", "--archive", str(tmp_path / "old.jsonl"))
        assert list(tmp_path.iterdir()) == []
        assert EarlierMessage.objects.exists()

    def test_a_reason_nobody_reads(self, old: Old) -> None:
        with pytest.raises(CommandError, match="at most 300"):
            command("--why", "w" * 301)


@pytest.fixture
def site_without_it(tmp_path: Path) -> Path:
    copy = tmp_path / "site"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT, symlinks=True)
    return copy


@pytest.mark.committed
class TestGone:
    def test_what_was_moved_lives_on(self, old: Old, site_without_it: Path, tmp_path: Path) -> None:
        kept: list[UUID] = [old.moved, old.first]
        before = {thread: texts(old.asker, thread) for thread in kept}
        archive = tmp_path / "old.jsonl"
        with running_site(MESSAGING_V2_ENABLED="") as address:
            self.a_day_on_it(address, old)
            done = manage("drop_v1", "--archive", str(archive), "--why", "We are through.")
            assert done.returncode == 0, done.stdout + done.stderr
            assert "V1 is gone. 3 conversations live on in V2, 1 in the archive." in done.stdout
            self.a_day_on_it(address, old)

        self.look_at(archive, old)
        assert {thread: [*texts(old.asker, thread)][: len(before[thread])] for thread in kept} == before
        assert changing.find(old.asker, old.opening_id).row.pk == old.moved, "the id V1 had for it"
        assert set(Conversation.objects.filter(origin="v1").values_list("pk", flat=True)) == set(kept)
        assert broken() == {}
        entry = AuditEntry.objects.get(action="v1_dropped")
        assert (entry.reason, entry.details) == ("We are through.", {"moved": 3, "archived": 1})
        self.with_its_folder(old)
        self.without_its_folder(site_without_it)

    def a_day_on_it(self, address: str, old: Old) -> None:
        """As people have it while the folder is still there."""
        crowd = Crowd(address)
        asked = HelpRequestFactory()
        thread = Conversation(pk=old.moved)
        answers = [
            crowd.one(offering(old.helper, asked)),
            crowd.one(saying(old.asker, thread, "See you on Friday.")),
            crowd.one(reading(old.asker, thread, "after=0")),
        ]
        assert [answer.status for answer in answers] == [201, 201, 200]
        with urllib.request.urlopen(f"{address}/api/health", timeout=10) as health:
            assert health.status == 200

    def look_at(self, archive: Path, old: Old) -> None:
        (line,) = archive.read_text().splitlines()
        told = json.loads(line)
        assert (told["id"], [said["words"] for said in told["messages"]]) == (str(old.stayed), [WORDS, LONG])
        assert archive.stat().st_mode & 0o777 == 0o600

    def with_its_folder(self, old: Old) -> None:
        flag.forget()
        assert not flag.has_two_ways()
        assert flag.answer().explained(old.asker.pk)[-1].endswith("because the earlier system is gone.")
        assert offer(old.helper, HelpRequestFactory(requester=old.asker)).version == 2
        assert left_in_the_earlier_system(old.asker) is None
        assert str(old.moved) in browser_of(old.asker).get("/messages/").content.decode()
        assert structure.differences() == [
            "V1 was dropped, and its code is still here: deploy the release without the folder legacy/."
        ]
        page = browser_of(MemberFactory(role=roles.OPERATOR)).get("/admin/legacy/run/")
        assert (page.status_code, "V1 was dropped" in page.content.decode()) == (200, True)
        every = ("close_v1", "protect_old_messages", "backfill_v1 status", "backfill_v1 reverse", "drop_v1",
                 "import_v1 --invite", f"import_v1 --from {os.environ['DATABASE_URL']}")  # fmt: skip
        for words in (each.split() for each in every):
            with pytest.raises(CommandError, match="V1 was dropped"):
                call_command(*words)
        assert manage("migrate").returncode == 0
        assert "No changes" in manage("makemigrations", "--check", "--dry-run").stdout
        assert {table for (table,) in as_owner("SELECT tablename FROM pg_tables WHERE schemaname = 'v1_record'")} >= {
            "legacy_moves", "legacy_runs", "legacy_ending",
        }  # fmt: skip
        assert as_owner("SELECT count(*), count(kept) FROM v1_record.legacy_moves") == [(5, 0)]

    def without_its_folder(self, site: Path) -> None:
        done = manage("verify_schema", cwd=site)
        assert (done.returncode, done.stdout.strip()) == (0, "Nothing differs."), done.stdout + done.stderr
        done = manage("check_invariants", cwd=site)
        assert done.returncode == 0, done.stdout + done.stderr
        assert manage("migrate", "--check", cwd=site).returncode == 0

    def test_what_is_in_the_way_ends_it_with_1(self, asker: Member, helper: Member) -> None:
        earlier(helper, HelpRequestFactory(requester=asker))
        done = manage("drop_v1")
        assert done.returncode == 1
        assert done.stderr.splitlines()[0] == "V1 cannot be dropped yet, and nothing was changed:"
        assert f"- {in_the_way.NOT_CLOSED}" in done.stderr
        assert "Traceback" not in done.stderr

    def test_an_archive_that_is_there_already_is_not_replaced(self, old: Old, tmp_path: Path) -> None:
        archive = tmp_path / "old.jsonl"
        archive.write_text("Something else.")
        done = manage("drop_v1", "--archive", str(archive))
        assert (done.returncode, "is there already" in done.stderr) == (1, True), done.stderr
        assert archive.read_text() == "Something else."
        done = manage("drop_v1", "--archive", str(tmp_path / "nowhere" / "old.jsonl"))
        assert (done.returncode, "no such folder" in done.stderr) == (1, True), done.stderr
        assert EarlierMessage.objects.exists()
        assert broken() == {}

    def test_something_of_an_operators_that_reads_v1_stays_and_so_does_v1(self, old: Old, tmp_path: Path) -> None:
        as_owner("CREATE VIEW how_many AS SELECT count(*) FROM messages")
        archive = tmp_path / "old.jsonl"
        done = manage("drop_v1", "--archive", str(archive))
        assert done.returncode == 1
        assert "still uses V1's tables" in done.stderr
        assert "how_many" in done.stderr
        assert not archive.exists(), "it holds words of people, and nothing was dropped"
        as_owner("DROP VIEW how_many")
        assert structure.differences() == []

    def test_people_who_use_the_tables_are_not_waited_for_long(self, old: Old, tmp_path: Path) -> None:
        """It lets others pass, again and again, and goes on when they are through."""
        archive = tmp_path / "old.jsonl"
        surroundings = {name: value for name, value in os.environ.items() if name != "DATABASE_ROLE"}
        with owner() as somebody:
            somebody.execute("SELECT FROM members FOR SHARE")
            process = subprocess.Popen(
                [sys.executable, "manage.py", "drop_v1", "--archive", str(archive)], cwd=ROOT, env=surroundings,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
            until = time.monotonic() + 60
            while not archive.exists() and time.monotonic() < until:
                time.sleep(0.05)
            waits = []
            for _ in range(5):
                begun = time.monotonic()
                say(old.asker, Conversation(pk=old.moved), "Nobody keeps me waiting.")
                waits.append(time.monotonic() - begun)
                time.sleep(0.2)
            assert max(waits) < 1.5
            assert process.poll() is None
            somebody.rollback()
        connections.close_all()
        told, problem = process.communicate(timeout=120)
        assert process.returncode == 0, told + problem
        assert broken() == {}

    @pytest.mark.parametrize("moment", ["archive", "locks"])
    def test_killed_in_the_middle_nothing_is_gone(self, moment: str, old: Old, tmp_path: Path) -> None:
        archive = tmp_path / "old.jsonl"
        surroundings = {name: value for name, value in os.environ.items() if name != "DATABASE_ROLE"}
        with owner() as somebody:
            somebody.execute("SELECT FROM members FOR SHARE")
            process = subprocess.Popen(
                [sys.executable, "manage.py", "drop_v1", "--archive", str(archive)], cwd=ROOT, env=surroundings,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            until = time.monotonic() + 60
            while not archive.exists() and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(0.8 if moment == "locks" else 0)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert wait_for(lambda: structure.differences() == [])
        assert texts(old.asker, old.stayed) == [WORDS, LONG]
        assert (broken(), proving.verify()) == ({}, [])
        assert Ending.objects.get().closed_at
        done = manage("drop_v1", "--archive", str(tmp_path / "again.jsonl"))
        assert done.returncode == 0, done.stderr


def wait_for(is_so: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.committed
def test_v1_that_never_held_anything_goes_as_well() -> None:
    on_for(days=40)
    moving.run()
    closing.close(why="", by=BY)
    proving.verify()
    done = manage("drop_v1")
    assert done.returncode == 0, done.stderr
    assert broken() == {}


@pytest.mark.django_db
def test_the_verb_drops_nothing_for_who_may_not(old: Old) -> None:
    done = dropping.drop(dropping.Asked(archive="old.jsonl"))
    assert done.reasons == [in_the_way.NOT_OWNER]

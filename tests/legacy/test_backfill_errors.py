"""What can go wrong around a backfill: one sentence, the exit code 1, no traceback, and nothing half done."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.utils.timezone import now

from carecollective.embedded_postgres import SITE
from carecollective.invariants import broken
from legacy.models import EarlierConversation, Move, Run
from legacy.services import alone, moving
from members.models import Member
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import earlier, empty
from tests.support.database import ROOT

pytestmark = pytest.mark.committed

LONG_AGO = now() - timedelta(days=100)
ACTS = (
    "plan",
    "run",
    "run --dry-run",
    "status",
    "pause",
    "resume",
    "verify",
    "quarantine",
    "quarantine replay",
    "quarantine settle --reason empty --why x",
    "report",
)


def backfill(words: str, folder: Path, *, largest: int | None = None, **environment: str) -> tuple[int, str]:
    """As an operator runs it, in a folder of theirs; its code and what it said about what went wrong."""
    surroundings = os.environ | {"DJANGO_SETTINGS_MODULE": "carecollective.settings"} | environment
    command = [sys.executable, str(ROOT / "manage.py"), "backfill_v1", *words.split()]

    def limit() -> None:
        if largest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    done = subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=300, preexec_fn=limit
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


@contextmanager
def as_owner(there: str, back: str) -> Iterator[None]:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute(there)  # type: ignore[arg-type]
        try:
            yield
        finally:
            owner.execute(back)  # type: ignore[arg-type]


@pytest.fixture
def threads(asker: Member, helper: Member) -> list[EarlierConversation]:
    made = [earlier(helper, HelpRequestFactory(requester=asker), at=LONG_AGO + timedelta(days=n)) for n in range(3)]
    empty(helper, HelpRequestFactory(requester=asker))
    return list(EarlierConversation.objects.filter(pk__in=[one.pk for one in made]).order_by("created_at"))


@pytest.mark.parametrize("words", ACTS)
def test_a_database_that_cannot_be_reached(words: str, tmp_path: Path) -> None:
    code, told = backfill(words, tmp_path, DATABASE_URL=f"postgresql://{SITE}@/care?host={tmp_path}")
    assert code == 1
    assert "The database cannot be reached, or has gone away." in told
    assert list(tmp_path.iterdir()) == []


def test_a_role_that_may_not(threads: list[EarlierConversation], tmp_path: Path) -> None:
    moving.run()
    away = f"REVOKE SELECT, INSERT, UPDATE ON legacy_moves, legacy_runs, legacy_census FROM {SITE}"
    back = (
        f"GRANT SELECT, INSERT, UPDATE ON legacy_moves, legacy_runs TO {SITE}; GRANT SELECT ON legacy_census TO {SITE}"
    )
    with as_owner(away, back):
        for words in ACTS:
            code, told = backfill(words, tmp_path)
            assert (code, "may not do this. Run manage.py migrate first." in told) == (1, True), f"{words}: {told}"
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_in_the_middle(threads: list[EarlierConversation], tmp_path: Path) -> None:
    """As PostgreSQL says it when it cannot make a table larger."""
    full = f"""
        CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.id = '{threads[1].pk}' THEN
                RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER is_full BEFORE INSERT ON legacy_moves FOR EACH ROW EXECUTE FUNCTION is_full();
    """
    with as_owner(full, "DROP TRIGGER is_full ON legacy_moves; DROP FUNCTION is_full()"):
        code, told = backfill("run --batch 1", tmp_path)
        assert code == 1
        assert "The disk of the database is full. Make room on it first." in told
        assert Move.objects.count() == 1
        assert broken() == {}
    assert backfill("run --batch 1", tmp_path)[0] == 0
    assert (Move.objects.count(), Run.objects.get().conversations) == (4, 3)


def test_somebody_who_holds_a_row(threads: list[EarlierConversation], tmp_path: Path) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        other.execute("SELECT FROM conversations WHERE id = %s FOR UPDATE", [threads[1].pk])
        code, told = backfill("run --batch 1", tmp_path)
    assert code == 1
    assert "Somebody else held a row or a table for too long. Whole batches stay" in told
    assert Move.objects.count() == 1
    assert backfill("run --batch 1", tmp_path)[0] == 0


@pytest.mark.parametrize("words", ["run", "quarantine replay", "quarantine settle --reason empty --why x"])
def test_another_that_is_at_work(words: str, threads: list[EarlierConversation], tmp_path: Path) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        other.execute(alone.TAKE, [moving.THE_MOVE[0]])
        code, told = backfill(words, tmp_path)
    assert (code, "Another backfill or import is running. This one has changed nothing." in told) == (1, True)
    assert not Move.objects.exists()


def test_a_database_that_goes_away_in_the_middle(threads: list[EarlierConversation], tmp_path: Path) -> None:
    gone = f"""
        CREATE FUNCTION goes_away() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
            IF NEW.id = '{threads[1].pk}' THEN
                PERFORM pg_terminate_backend(pg_backend_pid());
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER goes_away BEFORE INSERT ON legacy_moves FOR EACH ROW EXECUTE FUNCTION goes_away();
    """
    with as_owner(gone, "DROP TRIGGER goes_away ON legacy_moves; DROP FUNCTION goes_away()"):
        code, told = backfill("run --batch 1", tmp_path)
    assert code == 1
    assert "The database cannot be reached, or has gone away." in told
    assert Move.objects.count() == 1


def test_an_operator_who_presses_ctrl_c(threads: list[EarlierConversation], tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "backfill_v1", "run", "--batch", "1"]
    surroundings = os.environ | {"DJANGO_SETTINGS_MODULE": "carecollective.settings"}
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        other.execute("SELECT FROM conversations WHERE id = %s FOR UPDATE", [threads[1].pk])
        with subprocess.Popen(command, cwd=tmp_path, env=surroundings, stderr=subprocess.PIPE, text=True) as process:
            while Move.objects.count() == 0:
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=300)
    assert (process.returncode, "Traceback" in told) == (130, False)
    assert "Stopped. Whole batches stay as they are; the same command goes on where it stopped." in told
    assert Move.objects.count() == 1


class TestTheFile:
    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        code, told = backfill(f"report --to {tmp_path}/nowhere/report.md", tmp_path)
        assert (code, "there is no such folder. Nothing was left there." in told) == (1, True)

    def test_a_file_that_is_there_already(self, tmp_path: Path) -> None:
        file = tmp_path / "report.md"
        file.write_text("Mine.")
        code, told = backfill("report --to report.md", tmp_path)
        assert (code, f"{file} is there already. Please name another file." in told) == (1, True)
        assert file.read_text() == "Mine."

    def test_a_folder_in_its_place_and_a_file_as_its_folder(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        for to in (str(tmp_path), f"{tmp_path}/file/report.md"):
            code, told = backfill(f"report --to {to}", tmp_path)
            assert code == 1
            assert "there already" in told or "no such folder" in told

    @pytest.mark.skipif(not Path("/proc/version").exists(), reason="only Linux has such a folder")
    def test_a_folder_nobody_may_write_to(self, tmp_path: Path) -> None:
        code, told = backfill("report --to /proc/report.md", tmp_path)
        assert code == 1
        assert "The report cannot be written to /proc/report.md: " in told

    def test_no_room_for_it(self, threads: list[EarlierConversation], tmp_path: Path) -> None:
        moving.run()
        code, told = backfill("report --to report.md", tmp_path, largest=200)
        assert (code, "it would be larger than a file may be here. Nothing was left there." in told) == (1, True)
        assert list(tmp_path.iterdir()) == [], "not even a part of it"

"""What the migrations make and what is there are compared both ways, and each difference is named."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db import models as django_models
from django.test import Client

from carecollective import migrated, structure, structure_catalog, structure_sentences, structure_text
from carecollective.ports import Signal
from carecollective.structure_text import Thing
from tests.support.database import ROOT

ANEW = "`bin/manage migrate`, then `bin/manage verify_schema --write` writes it anew"


def as_owner(*statements: str) -> None:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        for statement in statements:
            owner.execute(statement)  # type: ignore[call-overload]


def differing() -> list[str]:
    """What the command prints before it ends with 1."""
    told = StringIO()
    with pytest.raises(SystemExit) as ending:
        call_command("verify_schema", stdout=told)
    assert ending.value.code == 1
    return told.getvalue().splitlines()


@pytest.mark.django_db
class TestADatabaseBuiltFromNothing:
    def test_it_is_what_is_kept(self) -> None:
        kept, found = structure_text.read(), structure_catalog.read()
        assert structure_sentences.differences(kept, found) == [], f"structure.txt is stale: {ANEW}"
        assert kept == found

    def test_nothing_differs(self) -> None:
        told = StringIO()
        call_command("verify_schema", stdout=told)
        assert told.getvalue() == "Nothing differs.\n"

    def test_each_file_is_as_it_would_be_written(self, settings: Any, tmp_path: Path) -> None:
        files = {file.relative_to(ROOT): file.read_text() for file in ROOT.glob(f"*/{structure_text.FILE}")}
        settings.BASE_DIR = tmp_path
        for room in ("carecollective", *settings.ROOMS):
            (tmp_path / room).mkdir()
        assert sorted(structure.write()) == sorted(map(str, files))
        assert {file: (tmp_path / file).read_text() for file in files} == files
        assert structure.write() == []

    def test_it_holds_what_models_do_not_know(self) -> None:
        kept = structure_text.read()
        assert kept[Thing("trigger", "audit_no_change", "audit_log")].startswith(
            "CREATE TRIGGER audit_no_change BEFORE"
        )
        assert "as its owner" in kept[Thing("function", "audit_chain()")]
        assert Thing("table", "procrastinate_jobs") in kept
        assert Thing("table", "django_migrations") in kept


DRIFT = {
    "ALTER TABLE members DROP CONSTRAINT members_trust_is_a_score": (
        "The constraint members_trust_is_a_score of members is missing: put it back with "
        "`ALTER TABLE members ADD CONSTRAINT members_trust_is_a_score CHECK (trust <= 100)`."
    ),
    "ALTER TABLE members ADD COLUMN more text": (
        "No migration makes the column more of members: drop it, or write the migration that makes it."
    ),
    "ALTER TABLE members DROP COLUMN about": (
        "The column about of members is missing: put it back with "
        "`ALTER TABLE members ADD COLUMN about text NOT NULL`, and its content from a backup."
    ),
    "ALTER TABLE members ALTER called DROP NOT NULL": (
        "The column called of members is `character varying(50)` and should be `character varying(50) NOT NULL`: "
        "change it back, or write the migration that makes it so."
    ),
    "ALTER TABLE members ALTER reason SET DEFAULT 'none'": (
        "The column reason of members is `text DEFAULT 'none'::text NOT NULL` and should be `text NOT NULL`: "
        "change it back, or write the migration that makes it so."
    ),
    "ALTER TABLE members ALTER time_zone TYPE text": (
        "The column time_zone of members is `text NOT NULL` and should be `character varying(64) NOT NULL`: "
        "change it back, or write the migration that makes it so."
    ),
    "ALTER TABLE audit_log DISABLE TRIGGER audit_no_change": (
        "The trigger audit_no_change of audit_log is disabled: turn it on with "
        "`ALTER TABLE audit_log ENABLE TRIGGER audit_no_change`."
    ),
    "DROP TRIGGER audit_head_no_delete ON audit_head": (
        "The trigger audit_head_no_delete of audit_head is missing: put it back with `CREATE TRIGGER "
        "audit_head_no_delete BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse()`."
    ),
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'": (
        "The function audit_refuse() is not the one of the migrations: "
        "run the newest CREATE FUNCTION that they have for it again."
    ),
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'": (
        "No migration makes the function mine(): drop it, or write the migration that makes it."
    ),
    "DROP INDEX audit_log_by_actor": (
        "The index audit_log_by_actor of audit_log is missing: put it back with "
        "`CREATE INDEX audit_log_by_actor ON audit_log USING btree (actor, sequence)`."
    ),
    "CREATE INDEX one_more ON phrases (id)": (
        "No migration makes the index one_more of phrases: drop it, or write the migration that makes it."
    ),
    "ALTER TABLE members DROP CONSTRAINT members_trust_check, "
    "ADD CONSTRAINT members_trust_check CHECK (trust >= 0) NOT VALID": (
        "The constraint members_trust_check of members is NOT VALID, so older rows may break it: "
        "mend those, then `ALTER TABLE members VALIDATE CONSTRAINT members_trust_check`."
    ),
    'CREATE TABLE "left over; DROP TABLE members" (id int PRIMARY KEY)': (
        "No migration makes the table left over; DROP TABLE members: "
        "look what is in it, then drop it, or move it into a schema of its own."
    ),
    "DROP TABLE recovery_codes": (
        "The table recovery_codes is missing: bring it back from a backup, or make it as its migration does."
    ),
    "ALTER TABLE phrases ENABLE ROW LEVEL SECURITY": (
        "The table phrases is `ordinary, row security` and should be `ordinary`: "
        "change it back, or write the migration that makes it so."
    ),
    "GRANT UPDATE, DELETE ON audit_log TO PUBLIC": (
        "The site's role has DELETE, UPDATE on audit_log: run manage.py migrate, which takes it back."
    ),
    f'REVOKE DELETE ON notices FROM "{connection.settings_dict["USER"]}"': (
        "The site's role lacks DELETE on notices: run manage.py migrate, which grants it."
    ),
    "DELETE FROM django_migrations WHERE (app, name) = ('audit', '0002_chain')": (
        "The migration audit.0002_chain is not applied: run manage.py migrate."
    ),
    "INSERT INTO django_migrations (app, name, applied) VALUES ('members', '0999_later', now())": (
        "The database has the migration members.0999_later, which this code does not know: "
        "deploy the code it came with, or take it back with that code."
    ),
}
LEFT_OVER = (
    "No migration makes the index auth_once of auth_permission: it is what is left of one whose building failed, "
    "so remove it with `DROP INDEX CONCURRENTLY auth_once`."
)
INVALID = (
    "The index members_by_status of members is invalid, so nobody uses it: "
    "build it anew with `REINDEX INDEX CONCURRENTLY members_by_status`."
)


def fail_to_build_indexes() -> None:
    """One that its rows do not allow, and one that was given up while somebody wrote."""
    with suppress(psycopg.errors.UniqueViolation):
        as_owner("CREATE UNIQUE INDEX CONCURRENTLY auth_once ON auth_permission (content_type_id)")
    with psycopg.connect(os.environ["DATABASE_URL"]) as somebody:
        somebody.execute("LOCK TABLE members IN ROW EXCLUSIVE MODE")
        with suppress(psycopg.errors.QueryCanceled):
            as_owner(
                "ALTER INDEX members_by_status RENAME TO aside",
                "SET statement_timeout = '300ms'",
                "CREATE INDEX CONCURRENTLY members_by_status ON members (verification_status, applied_at)",
            )
    as_owner("DROP INDEX aside")


@pytest.mark.committed
def test_every_difference_is_named_and_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    as_owner(*DRIFT)
    fail_to_build_indexes()
    told, made = set(differing()), {*DRIFT.values(), LEFT_OVER, INVALID}
    assert (made - told, told - made) == (set(), set())

    monkeypatch.setattr(structure, "_last_look", None)
    answer = Client().get("/api/health")
    found = answer.json()
    # Health has the migrations in a part of their own.
    assert found["schema"] == {"ok": True, "differences": len(made) - 2}
    assert answer.status_code == 503, "a migration is not applied"
    assert "differences from what the migrations make" in " ".join(found["warnings"])
    assert "audit_no_change" not in answer.content.decode(), "it does not tell strangers what is open"


# What restoring a dump does: PostgreSQL reads its own words again, and tells some of them otherwise afterwards.
RESTORED = """
DO $$
DECLARE
    it record;
BEGIN
    FOR it IN SELECT conrelid::regclass AS place, conname AS name, pg_get_constraintdef(oid) AS words FROM pg_constraint
        WHERE contype = 'c' AND coninhcount = 0 AND connamespace = 'public'::regnamespace AND conrelid <> 0
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %2$I %s', it.place, it.name, it.words);
    END LOOP;
    FOR it IN SELECT tgrelid::regclass AS place, tgname AS name, pg_get_triggerdef(oid) AS words FROM pg_trigger
        WHERE NOT tgisinternal
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', it.name, it.place);
        EXECUTE it.words;
    END LOOP;
    FOR it IN SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS words FROM pg_index
        WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
          AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
    LOOP
        EXECUTE format('DROP INDEX %s', it.name);
        EXECUTE it.words;
    END LOOP;
END $$
"""
TOLD = """
SELECT count(*), md5(string_agg(pg_get_constraintdef(oid), '' ORDER BY conrelid::regclass::text, conname))
FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0
"""


@pytest.mark.committed
def test_a_restored_backup_does_not_differ() -> None:
    with connection.cursor() as cursor:
        cursor.execute(TOLD)
        before = cursor.fetchone() or (0, "")
        as_owner(RESTORED)
        cursor.execute(TOLD)
        after = cursor.fetchone() or (0, "")
    assert after[0] == before[0]
    assert after[1] != before[1], "PostgreSQL tells them otherwise now"
    assert structure.differences() == []


def test_a_foreign_key_that_is_not_held_is_named() -> None:
    # Only a superuser can turn off the triggers of a foreign key, and none may connect to the database of the tests.
    key = Thing("constraint", "plans_fk", "plans")
    kept = {key: "FOREIGN KEY (by_id) REFERENCES members(id)"}
    (said,) = structure_sentences.differences(kept, {key: kept[key] + structure_catalog.DISABLED})
    assert said.startswith("The constraint plans_fk of plans is not held, because its triggers are disabled")


def test_whatever_a_table_is_called_its_sentence_is_one_line() -> None:
    (said,) = structure_sentences.differences({}, {Thing("table", "a\n\x1b[2J{name}"): "ordinary"})
    assert said.isprintable()
    assert "{name}" in said


@pytest.mark.django_db
class TestModels:
    def test_a_column_that_no_migration_makes_is_named(self) -> None:
        kept = structure_text.read()
        del kept[Thing("column", "town", "members")]
        assert structure._of_models(kept) == [
            "The model Member reads column town of members, which no migration makes: write the migration that does."
        ]

    def test_a_change_without_a_migration_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Longer(django_models.CharField):
            def deconstruct(self) -> Any:
                name, path, positional, named = super().deconstruct()
                return name, path, positional, named | {"max_length": 99}

        from members.models import Member

        assert migrated.unwritten() == []
        monkeypatch.setattr(Member._meta.get_field("town"), "__class__", Longer)
        assert migrated.unwritten() == ["members"]


class TestWhoCannotLook:
    def ask(self, **surroundings: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", "verify_schema"]
        return subprocess.run(
            command, cwd=ROOT, env=os.environ | surroundings, capture_output=True, text=True, timeout=60
        )

    def test_a_database_that_is_away_is_said(self) -> None:
        ending = self.ask(DATABASE_URL="postgresql://nobody:secret@/none?host=/nowhere")
        assert ending.returncode == 1
        assert "The database does not answer: " in ending.stderr
        assert "secret" not in ending.stderr
        assert "Traceback" not in ending.stderr

    @pytest.mark.committed
    @pytest.mark.parametrize("statement", ["SELECT ON django_migrations", "USAGE ON SCHEMA public"])
    def test_a_role_that_may_not_look_is_said(self, statement: str) -> None:
        role = connection.settings_dict["USER"]
        as_owner(f'REVOKE {statement} FROM PUBLIC, "{role}"')
        with pytest.raises(CommandError, match=r"may not look.*run manage.py migrate, which grants"):
            call_command("verify_schema")

    def test_a_text_that_was_left_behind_is_said(self, settings: Any, tmp_path: Path) -> None:
        settings.BASE_DIR = tmp_path
        with pytest.raises(structure_text.CannotCompare, match=r"carecollective/structure.txt is missing"):
            structure_text.read()


@pytest.mark.committed
def test_a_database_that_is_not_migrated_is_not_written_down(settings: Any, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    as_owner("INSERT INTO django_migrations (app, name, applied) VALUES ('members', '0999_later', now())")
    with pytest.raises(CommandError, match=r"run manage\.py migrate first"):
        call_command("verify_schema", "--write")


@pytest.mark.django_db
def test_health_that_cannot_compare_only_says_so(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr(structure, "_last_look", None)
    settings.BASE_DIR = tmp_path
    told = structure.health()
    assert (told.facts, told.is_well) == ({"differences": None}, True)
    assert "could not be compared" in told.warning


@pytest.mark.django_db
def test_health_looks_once_a_minute(monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any) -> None:
    monkeypatch.setattr(structure, "_last_look", None)
    assert structure.health() == Signal({"differences": 0})
    with django_assert_num_queries(0):
        structure.health()
    monkeypatch.setattr(structure, "_last_look", (time.monotonic() - 61, Signal()))
    assert structure.health() == Signal({"differences": 0})

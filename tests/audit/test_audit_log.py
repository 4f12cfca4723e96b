"""What staff did stays written: in order, whole, and for everybody the same."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction

from audit import services as audit
from audit.models import REASON_MOST, AuditEntry
from carecollective import invariants
from carecollective.errors import NotValid
from members.models import Member
from tests.cast import browser_of


@pytest.fixture
def owner(committed: None) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Somebody with the rights of the owner, up to no good."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("ALTER TABLE audit_log DISABLE TRIGGER USER")
        owner.execute("ALTER TABLE audit_head DISABLE TRIGGER USER")
        yield owner
        owner.execute("ALTER TABLE audit_log ENABLE TRIGGER USER")
        owner.execute("ALTER TABLE audit_head ENABLE TRIGGER USER")


def write(count: int) -> None:
    for _ in range(count):
        audit.record("tested", subject=("thing", uuid4()), reason="Because.", number=1)


@pytest.mark.django_db
class TestRecording:
    def test_an_entry_says_who_did_what_to_whom(self, moderator: Member, outsider: Member) -> None:
        case = uuid4()
        audit.record("warned", actor=moderator, subject=outsider, reason="Shouting.", case_id=case, rule="kindness")
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.actor_label, entry.action) == (moderator.pk, "staff", "warned")
        assert (entry.subject_kind, entry.subject_id, entry.case_id) == ("member", str(outsider.pk), case)
        assert (entry.reason, entry.details) == ("Shouting.", {"rule": "kindness"})

    def test_the_system_and_commands_sign_with_a_word(self) -> None:
        assert audit.record("expired").actor_label == "system"
        assert audit.record("appointed", actor="command").actor_label == "command"

    def test_the_database_numbers_and_links_the_entries(self) -> None:
        first, second = audit.record("first"), audit.record("second")
        assert (first.sequence, first.previous_digest) == (1, "")
        assert (second.sequence, second.previous_digest) == (2, first.digest)
        assert len(second.digest) == 64
        assert second.at >= first.at

    def test_nobody_chooses_a_number_a_moment_or_a_digest(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_log (sequence, at, digest, previous_digest, actor_label, action, subject_kind,"
                " subject_id, reason, details)"
                " VALUES (77, '2001-01-01', 'x', 'y', 'system', 'forged', '', '', '', '{}')"
            )
        entry = AuditEntry.objects.get()
        assert (entry.sequence, entry.at.year > 2001, entry.previous_digest) == (1, True, "")
        assert audit.verify().broken_at is None

    def test_words_of_people_are_not_kept_as_details(self) -> None:
        with pytest.raises(ValueError, match="text is not kept here"):
            audit.record("read", message="Hello, my dear")

    def test_a_reason_is_short(self) -> None:
        audit.record("short", reason="é" * REASON_MOST)
        with pytest.raises(NotValid, match="300 letters"):
            audit.record("long", reason="é" * (REASON_MOST + 1))

    def test_what_is_rolled_back_leaves_no_entry_and_no_gap(self) -> None:
        write(1)
        with transaction.atomic():
            write(1)
            transaction.set_rollback(True)
        assert audit.record("after").sequence == 2
        assert audit.verify().broken_at is None


@pytest.mark.django_db
class TestTheSiteCannotChangeIt:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_log SET action = 'other'",
            "DELETE FROM audit_log",
            "TRUNCATE audit_log",
            "DROP TABLE audit_log",
            "ALTER TABLE audit_log DISABLE TRIGGER ALL",
            "SELECT * FROM audit_head",
            "UPDATE audit_head SET last_sequence = 0",
            "DELETE FROM audit_head",
            "CREATE OR REPLACE FUNCTION public.audit_digest(entry public.audit_log) RETURNS text LANGUAGE sql AS ''",
        ],
    )
    def test_the_role_of_the_site_is_refused(self, statement: str) -> None:
        write(2)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert AuditEntry.objects.filter(action="tested").count() == 2

    def test_a_table_of_the_same_name_does_not_take_its_place(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE audit_head AS SELECT 1 AS id, 0::bigint AS last_sequence, '' AS last_digest"
            )
        write(2)
        assert audit.verify().entries == 2


class TestTheOwnerIsCaught:
    def test_even_the_owner_is_stopped_by_the_triggers(self, committed: None) -> None:
        write(1)
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
            for statement in ("UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added to"):
                    owner.execute(statement)
            for statement in ("DELETE FROM audit_head", "TRUNCATE audit_head"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added to"):
                    owner.execute(statement)

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("reason", "'Nothing happened.'"),
            ("actor", "gen_random_uuid()"),
            ("at", "at - interval '1 microsecond'"),
            ("details", """'{"number": 2}'"""),
            ("case_id", "gen_random_uuid()"),
            ("subject_id", "''"),
            ("action", "'other'"),
            ("actor_label", "'member'"),
            ("subject_kind", "'x'"),
        ],
    )
    def test_a_changed_entry_is_named(self, owner: psycopg.Connection, column: str, value: str) -> None:
        with_triggers(owner, 5)
        owner.execute(f"UPDATE audit_log SET {column} = {value} WHERE sequence = 3")
        assert (audit.verify().broken_at, audit.verify().why) == (3, "it was changed")

    def test_a_changed_entry_with_a_new_digest_breaks_the_next_one(self, owner: psycopg.Connection) -> None:
        with_triggers(owner, 5)
        owner.execute("UPDATE audit_log SET reason = 'Other.' WHERE sequence = 3")
        owner.execute("UPDATE audit_log SET digest = audit_digest(audit_log) WHERE sequence = 3")
        assert audit.verify().broken_at == 4

    @pytest.mark.parametrize(
        ("gone", "broken_at"), [("sequence = 1", 2), ("sequence = 3", 4), ("sequence > 3", 5), ("true", 5)]
    )
    def test_a_removed_entry_is_noticed(self, owner: psycopg.Connection, gone: str, broken_at: int) -> None:
        with_triggers(owner, 5)
        owner.execute(f"DELETE FROM audit_log WHERE {gone}")
        assert audit.verify().broken_at == broken_at
        assert "14 the audit log is whole" in invariants.broken()

    def test_a_lost_end_of_the_chain_is_noticed_and_stops_writing(self, owner: psycopg.Connection) -> None:
        with_triggers(owner, 2)
        owner.execute("DELETE FROM audit_head")
        assert audit.verify().broken_at == -1
        owner.execute("ALTER TABLE audit_log ENABLE TRIGGER USER")
        with pytest.raises(DatabaseError, match="missing"):
            write(1)

    def test_the_command_ends_with_1_and_names_the_entry(
        self, owner: psycopg.Connection, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with_triggers(owner, 3)
        call_command("verify_audit")
        assert "whole: 3 entries" in capsys.readouterr().out
        owner.execute("UPDATE audit_log SET action = 'other' WHERE sequence = 2")
        with pytest.raises(SystemExit) as ending:
            call_command("verify_audit")
        assert ending.value.code == 1
        assert "broken at entry 2" in capsys.readouterr().err


@pytest.mark.committed
def test_many_writers_at_once_make_one_whole_chain(long_run: bool) -> None:
    writers, each = (16, 100) if long_run else (6, 15)

    def work(_: int) -> None:
        try:
            for turn in range(each):
                with transaction.atomic():
                    write(1)
                    if turn % 5 == 0:
                        transaction.set_rollback(True)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(writers) as people:
        list(people.map(work, range(writers)))
    kept = writers * (each - (each + 4) // 5)
    numbers = list(AuditEntry.objects.order_by("sequence").values_list("sequence", flat=True))
    assert numbers == list(range(1, kept + 1))
    assert audit.verify().broken_at is None
    moments = list(AuditEntry.objects.order_by("sequence").values_list("at", flat=True))
    assert moments == sorted(moments)


@pytest.mark.django_db
class TestReading:
    def test_an_auditor_reads_it_and_cannot_write(self, auditor: Member) -> None:
        write(1)
        browser = browser_of(auditor)
        assert b"tested" in browser.get("/admin/audit/auditentry/").content
        assert browser.get("/admin/audit/auditentry/1/change/").status_code == 200
        assert browser.post("/admin/audit/auditentry/1/change/", {"action": "x"}).status_code == 403
        assert browser.get("/admin/audit/auditentry/add/").status_code == 403
        assert browser.post("/admin/audit/auditentry/1/delete/", {"post": "yes"}).status_code == 403

    def test_a_moderator_does_not(self, moderator: Member) -> None:
        assert browser_of(moderator).get("/admin/audit/auditentry/").status_code == 403


def with_triggers(owner: psycopg.Connection, entries: int) -> None:
    """Honest entries first, and then the owner takes the guards away."""
    owner.execute("ALTER TABLE audit_log ENABLE TRIGGER USER")
    write(entries)
    owner.execute("ALTER TABLE audit_log DISABLE TRIGGER USER")

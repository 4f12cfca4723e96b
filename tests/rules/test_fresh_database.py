"""Whatever a test commits, the next one finds the database as the migrations left it."""

import os
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, connections
from django.utils.timezone import now

from audit import services as audit
from audit.models import AuditEntry
from members import roles
from members.models import Member
from notifications.models import Event
from tests.factories.members import MemberFactory
from tests.factories.messaging import accepted
from tests.support.database import TestDatabase

pytestmark = pytest.mark.committed

TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences ORDER BY sequencename"


def as_owner(*statements: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        for statement in statements[:-1]:
            owner.execute(statement)  # type: ignore[call-overload]
        found = owner.execute(statements[-1])  # type: ignore[call-overload]
        return list(found.fetchall()) if found.description else []


def everything() -> dict[str, Any]:
    """All rows of all tables, and how far each sequence has counted."""
    rows = {name: sorted(as_owner(f'SELECT it::text FROM public."{name}" it')) for (name,) in as_owner(TABLES)}
    return rows | {"sequences": as_owner(SEQUENCES)}


def number_of_this_database() -> object:
    """Another one for each copy."""
    return as_owner("SELECT oid FROM pg_database WHERE datname = current_database()")


def make_new(database: TestDatabase) -> None:
    connections.close_all()
    database.reset()


@pytest.fixture(autouse=True)
def _as_new(test_database: TestDatabase) -> None:
    """What a test takes back it does not count back: sequences go on."""
    make_new(test_database)


def write_all_over() -> None:
    """In every kind of table: those that are only added to, those that count, those that migrations filled."""
    asker, helper = MemberFactory(), MemberFactory(role=roles.VERIFIER)
    accepted(asker, helper)
    audit.record("tested", actor=helper, subject=asker, reason="Because.")
    Event.objects.create(kind="test", about_kind="mark", about_id="1", at=now())
    as_owner("UPDATE auth_group SET name = 'others' WHERE id = (SELECT min(id) FROM auth_group)")
    as_owner("DELETE FROM auth_permission WHERE id = (SELECT max(id) FROM auth_permission)")
    as_owner("INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())")


def test_what_was_written_is_gone_and_what_was_changed_is_back(test_database: TestDatabase) -> None:
    before, number = everything(), number_of_this_database()
    write_all_over()
    changed = everything()
    names = {"members", "audit_log", "audit_head", "auth_group", "django_migrations", "messages_v2", "sequences"}
    assert names <= {name for name in before if changed[name] != before[name]}
    make_new(test_database)
    assert everything() == before
    assert number_of_this_database() == number, "it was copied, which takes thirty times as long"
    assert Group.objects.filter(name=roles.VERIFIER).exists()


def test_what_is_only_added_to_still_is(test_database: TestDatabase) -> None:
    write_all_over()
    make_new(test_database)
    first = audit.record("tested", reason="Again.")
    assert (first.sequence, first.previous_digest) == (1, "")
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        for statement in ("DELETE FROM audit_log", "TRUNCATE audit_log", "DELETE FROM audit_head"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added to"):
                owner.execute(statement)  # type: ignore[call-overload]
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_log")
    assert AuditEntry.objects.count() == 1


def large() -> None:
    as_owner("INSERT INTO auth_group (name) SELECT repeat('x', 100) || n FROM generate_series(1, 2000) n")


CHANGES: dict[str, Callable[[], object]] = {
    "column": lambda: as_owner("ALTER TABLE members ADD COLUMN more text"),
    "table": lambda: as_owner("CREATE TABLE left_over (id int)"),
    "dropped": lambda: as_owner("DROP TABLE members_groups"),
    "right": lambda: as_owner("GRANT ALL ON audit_log TO PUBLIC"),
    "disabled": lambda: as_owner("ALTER TABLE audit_log DISABLE TRIGGER USER"),
    "trigger": lambda: as_owner("DROP TRIGGER audit_no_change ON audit_log"),
    "function": lambda: as_owner(
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'"
    ),
    "schema": lambda: as_owner("CREATE SCHEMA elsewhere"),
    "index": lambda: as_owner("CREATE INDEX one_more ON members (called)"),
    "statistics": lambda: as_owner("ANALYZE auth_group"),
    "large": large,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_cannot_be_written_back_is_copied(test_database: TestDatabase, change: Callable[[], object]) -> None:
    before, number = everything(), number_of_this_database()
    change()
    make_new(test_database)
    assert everything() == before
    assert number_of_this_database() != number
    assert Member.objects.count() == 0


def test_who_is_still_connected_is_not_waited_for(test_database: TestDatabase) -> None:
    number = number_of_this_database()
    with psycopg.connect(os.environ["DATABASE_URL"]) as somebody:
        somebody.execute("UPDATE members SET called = 'x'")
        somebody.execute("LOCK TABLE members IN ROW EXCLUSIVE MODE")
        MemberFactory()
        make_new(test_database)
        with pytest.raises(psycopg.OperationalError):
            somebody.execute("SELECT 1")
    assert Member.objects.count() == 0
    assert number_of_this_database() == number

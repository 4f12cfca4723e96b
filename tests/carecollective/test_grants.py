"""The role that runs the site may do what each table says, and nothing more, however often rights are set."""

import os
import subprocess
import sys

import psycopg
import pytest
from django.apps import apps
from django.db import connection

from carecollective import grants
from tests.support.database import ROOT

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def rights_of(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"has_table_privilege(%s, '{right}')" for right in RIGHTS), [table] * 7)
        return {right for right, given in zip(RIGHTS, cursor.fetchone() or (), strict=True) if given}


def migrate_again() -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    surroundings = {name: value for name, value in os.environ.items() if name != "DATABASE_ROLE"}
    ending = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=120)
    assert ending.returncode == 0, ending.stderr


@pytest.mark.django_db
class TestRights:
    @pytest.mark.parametrize(
        ("table", "rights"),
        [
            ("audit_log", {"SELECT", "INSERT"}),
            ("audit_head", set()),
            ("key_canaries", {"SELECT", "INSERT"}),
            ("django_migrations", {"SELECT"}),
            ("members", {"SELECT", "INSERT", "UPDATE", "DELETE"}),
            ("members_groups", {"SELECT", "INSERT", "UPDATE", "DELETE"}),
            ("procrastinate_jobs", {"SELECT", "INSERT", "UPDATE", "DELETE"}),
        ],
    )
    def test_each_table_gives_what_it_says(self, table: str, rights: set[str]) -> None:
        assert rights_of(table) == rights

    def test_every_table_is_as_its_model_says(self) -> None:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            wanted = {"SELECT"} if table in grants.FIXED else set(getattr(model, "site_rights", grants.EVERYDAY))
            assert rights_of(table) == wanted, table

    def test_the_site_owns_nothing_and_makes_nothing(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
            assert cursor.fetchone() == (0,)
            cursor.execute(
                "SELECT has_schema_privilege('public', 'CREATE'), rolsuper FROM pg_roles WHERE rolname = current_user"
            )
            assert cursor.fetchone() == (False, False)

    def test_the_site_does_not_set_rights(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class WHERE relname = 'audit_log'"
            )
            assert cursor.fetchone() == (False,)


@pytest.mark.committed
def test_migrating_again_takes_back_what_nobody_should_have() -> None:
    role = str(connection.settings_dict["USER"])
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("GRANT ALL ON audit_log, audit_head, django_migrations TO PUBLIC")
        owner.execute(psycopg.sql.SQL("GRANT UPDATE (reason) ON audit_log TO {}").format(psycopg.sql.Identifier(role)))
        owner.execute('CREATE TABLE "left over; DROP TABLE members" (id int)')
        owner.execute(
            psycopg.sql.SQL('GRANT ALL ON "left over; DROP TABLE members" TO {}').format(psycopg.sql.Identifier(role))
        )
    migrate_again()
    assert rights_of("audit_log") == {"SELECT", "INSERT"}
    assert rights_of("audit_head") == set()
    assert rights_of('"left over; DROP TABLE members"') == set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_any_column_privilege('audit_log', 'UPDATE')")
        assert cursor.fetchone() == (False,)


def test_a_right_nobody_can_give_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="not rights a model can give"):
        grants._say("GRANT {rights} ON TABLE public.{table} TO {role}", "members", ("ALL; DROP TABLE members",))

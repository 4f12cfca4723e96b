"""Operators and load balancers learn how the site is doing, and nothing else."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from carecollective import health, migrated, ports, startup
from carecollective.jobs import app
from carecollective.models import KeyCanary
from carecollective.ports import Signal
from tests.support.database import ROOT

EVERY = ("/api/health", "/api/health/live", "/api/health/ready", "/api/health/deep")


def ask(address: str) -> tuple[int, dict[str, Any]]:
    answer = Client().get(address)
    return answer.status_code, answer.json()


def say(statement: str, values: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.django_db
class TestWhenAllIsWell:
    @pytest.mark.parametrize("address", EVERY)
    def test_everybody_may_ask_and_nothing_is_kept(self, address: str) -> None:
        answer = Client().get(address)
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
        assert answer["Cache-Control"] == "no-store"
        assert answer["Content-Type"] == "application/json"
        assert not answer.cookies

    @pytest.mark.parametrize("address", EVERY)
    def test_it_is_only_for_asking(self, address: str) -> None:
        assert Client().head(address).status_code == 200
        assert Client().post(address).status_code == 405

    def test_it_tells_about_each_part(self) -> None:
        _, found = ask("/api/health/deep")
        assert found["database"] == {"ok": True, "reachable": True}
        assert found["migrations"] == {"ok": True, "pending": []}
        assert found["keys"] == {"ok": True, "proved": True}
        assert found["schema"] == {"ok": True, "differences": 0}
        assert found["roles"]["site_owns_tables"] is False
        assert found["writing"] == {"ok": True, "possible": True}
        assert found["jobs"]["ok"]

    @pytest.mark.parametrize(
        ("address", "most"), [("/api/health/live", 0), ("/api/health/ready", 12), ("/api/health", 24)]
    )
    def test_it_costs_a_fixed_number_of_statements(
        self, address: str, most: int, django_assert_max_num_queries: Any
    ) -> None:
        Client().get(address)
        for _ in range(30):
            app.configure_task("tests.none", queue="tests").defer()
        with django_assert_max_num_queries(most):
            Client().get(address)

    def test_no_secret_stands_in_it(self, settings: Any) -> None:
        shown = Client().get("/api/health/deep").content.decode()
        for secret in (settings.SECRET_KEY, *settings.ENCRYPTION_KEYS, os.environ["DATABASE_URL"]):
            assert secret not in shown
            assert secret.rpartition(":")[2] not in shown

    def test_the_probe_leaves_nothing_behind(self) -> None:
        Client().get("/api/health/deep")
        assert not KeyCanary.objects.filter(key_id="health-probe").exists()


@pytest.mark.django_db
class TestWhenSomethingIsMissing:
    def test_new_code_on_an_old_schema_is_not_ready(self, monkeypatch: pytest.MonkeyPatch) -> None:
        on_disk = migrated.on_disk() | {("members", "0999_later"): []}
        monkeypatch.setattr(migrated, "on_disk", lambda: on_disk)
        status, found = ask("/api/health/ready")
        assert (status, found["status"]) == (503, "unavailable")
        assert found["migrations"]["pending"] == ["members.0999_later"]
        assert ask("/api/health/live")[0] == 200

    def test_old_code_on_a_new_schema_is_ready(self, monkeypatch: pytest.MonkeyPatch) -> None:
        on_disk = dict(list(migrated.on_disk().items())[1:])
        monkeypatch.setattr(migrated, "on_disk", lambda: on_disk)
        assert ask("/api/health/ready")[0] == 200

    def test_migrations_folded_into_one_count_as_done(self, monkeypatch: pytest.MonkeyPatch) -> None:
        folded = {("audit", "0001_folded"): [("audit", "0001_initial"), ("audit", "0002_chain")]}
        monkeypatch.setattr(migrated, "on_disk", lambda: folded)
        assert ask("/api/health/ready")[0] == 200

    def test_a_wrong_key_is_not_ready(self, settings: Any) -> None:
        startup.must_open_canaries()
        settings.ENCRYPTION_KEYS = ["tests:" + "A" * 43 + "="]
        status, found = ask("/api/health/ready")
        assert (status, found["keys"]["ok"]) == (503, False)
        assert "is not the one that sealed our texts" in found["warnings"][0]

    def test_a_part_that_is_unwell_takes_the_site_out_of_service(self, monkeypatch: pytest.MonkeyPatch) -> None:
        told = {"post": lambda: Signal({"letters": 3}, "The post is late.", is_well=False)}
        monkeypatch.setattr(ports, "health", lambda: told)
        status, found = ask("/api/health")
        assert (status, found["post"]) == (503, {"ok": False, "letters": 3})
        assert "The post is late." in found["warnings"]
        assert ask("/api/health/ready")[0] == 200

    def test_one_role_for_both_is_said(self) -> None:
        alone = os.environ | {"DATABASE_URL": os.environ["DATABASE_OWNER_URL"], "DATABASE_OWNER_URL": ""}
        assert "triggers alone protect the audit log" in elsewhere("health.roles().warning", alone)


@pytest.mark.django_db
class TestJobs:
    def defer(self) -> None:
        app.configure_task("notifications.send_notice", queue="mail").defer(notice="x")

    def warning(self) -> str:
        return health.jobs().warning

    def test_without_a_worker_it_says_that_no_mail_leaves(self) -> None:
        assert "No worker is running" in self.warning()
        say("INSERT INTO procrastinate_workers DEFAULT VALUES")
        assert self.warning() == ""
        say("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
        assert "No worker is running" in self.warning()

    def test_a_job_that_waits_too_long_is_said(self) -> None:
        say("INSERT INTO procrastinate_workers DEFAULT VALUES")
        self.defer()
        assert self.warning() == ""
        say("UPDATE procrastinate_events SET at = now() - interval '90 seconds'")
        assert self.warning() == "A job has been due for 90 seconds."
        say("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour'")
        assert self.warning() == "", "a retry later is not late"

    def test_parked_mails_are_said(self) -> None:
        say("INSERT INTO procrastinate_workers DEFAULT VALUES")
        self.defer()
        say("UPDATE procrastinate_jobs SET status = 'failed'")
        assert "mails among them: 1" in self.warning()
        assert health.jobs().is_well, "a late mail does not close the site"
        assert ProcrastinateJob.objects.count() == 1

    def test_housekeeping_that_failed_is_said_for_a_day(self) -> None:
        say("INSERT INTO procrastinate_workers DEFAULT VALUES")
        app.configure_task("housekeeping.x", queue="housekeeping").defer()
        say("UPDATE procrastinate_jobs SET status = 'failed'")
        assert "Housekeeping that failed since yesterday: 1." in self.warning()
        say("UPDATE procrastinate_events SET at = now() - interval '25 hours'")
        assert self.warning() == ""


def test_without_a_database_it_lives_and_is_not_ready() -> None:
    nowhere = os.environ | {"DATABASE_URL": "postgresql://nobody@/none?host=/nowhere"}
    lines = "[(a.status_code, a.json()['status'], a.get('Retry-After')) for a in map(Client().get, addresses)]"
    said = elsewhere(lines, nowhere)
    assert said == str(
        [(503, "unavailable", "5"), (200, "ok", None), (503, "unavailable", "5"), (503, "unavailable", "5")]
    )


def elsewhere(expression: str, environment: dict[str, str]) -> str:
    """What another process, with other settings, says."""
    lines = (
        "import django; django.setup(); from django.test import Client; from carecollective import health;"
        f"addresses = {EVERY!r}; print({expression})"
    )
    surroundings = environment | {"DJANGO_SETTINGS_MODULE": "carecollective.settings"}
    ending = subprocess.run(
        [sys.executable, "-c", lines], cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=60
    )
    return ending.stdout.strip() or ending.stderr

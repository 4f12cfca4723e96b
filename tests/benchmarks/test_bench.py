"""bin/bench in its short form: every scenario is asked, every answer is right, and the tables are there."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from benchmarks import data, goals, long_talk, long_thread, own_database, scenarios, tables, talk_data
from benchmarks.driver import Load, drive, request_text
from benchmarks.measure import Cost, Figures
from benchmarks.own_database import LEFTOVERS, PREFIX, TEMPLATE
from benchmarks.pages import PAGES
from benchmarks.talk_scenarios import CREATE, PAGE, TALKS, Talk
from carecollective import invariants
from messaging.models import Conversation, Message
from tests.support.database import ROOT, TestDatabase
from tests.support.jobs import wait_until

pytestmark = pytest.mark.usefixtures("django_db_setup")
FAILED = 8
USED, UNUSED = "care_bench_used", "care_bench_unused"


def bench(*options: str, template: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "bin/_bench.py", *options]
    environment = os.environ | ({TEMPLATE: template} if template else {})
    return subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240, env=environment
    )


def rows_of(printed: str) -> dict[str, list[str]]:
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines() if line[:2] == "| "]
    return {row[0]: row for row in lines}


def goal_rows(printed: str) -> dict[str, list[str]]:
    return {name: row for name, row in rows_of(printed).items() if ": " in name}


def figures(name: str, clients: int, milliseconds: float, database: float) -> Figures:
    """A thousand operations, of which the floor makes 1,000 a second at 0.1 ms each."""
    talk = next(talk for talk in TALKS if talk.name == name)
    ours = Cost(1_000, [310.0], site=0.4, database=database)
    return Figures(talk, clients, ours, Cost(1_000, [1_000.0], database=0.1), [milliseconds] * 100)


def test_v1_goes_over_and_back(test_database: TestDatabase) -> None:
    done = bench("backfill", "--short", template=test_database.template)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = rows_of(done.stdout)
    assert {"import_v1", "run", "verify", "reverse", "protect_old_messages"} <= rows.keys()
    assert rows["run"][1:3] == ["50", "1,000"]


def test_asked_for_a_list_it_says_what_can_be_measured() -> None:
    listed = bench("--list").stdout
    every: list[scenarios.Scenario | Talk] = [*scenarios.API, *TALKS]
    for scenario in every:
        assert f"{scenario.name}: {scenario.method} {scenario.path}" in listed
    for page in PAGES:
        assert page.path in listed


def test_every_scenario_is_answered_and_its_database_is_dropped(test_database: TestDatabase) -> None:
    done = bench("api", "--short")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = rows_of(done.stdout)
    for scenario in scenarios.API:
        assert rows[scenario.name][FAILED] == "0", done.stdout
        assert (rows[scenario.name][-1] != "–") == bool(scenario.floor), done.stdout
    with psycopg.connect(test_database.owner_url) as connection:
        assert set(connection.execute(LEFTOVERS, [PREFIX])) <= {(UNUSED,)}


def databases(session: own_database.Rows) -> set[object]:
    return {name for (name,) in session.execute("SELECT datname FROM pg_database")}


def databases_after_dropping(session: own_database.Rows) -> set[object]:
    own_database.drop_leftovers(session)
    return databases(session)


def test_a_database_that_a_killed_run_left_is_dropped_and_one_in_use_is_not(test_database: TestDatabase) -> None:
    url = test_database.owner_url
    elsewhere = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    with own_database.present(url, USED) as mine, own_database.present(elsewhere, UNUSED) as other:
        for name in (USED, UNUSED):
            mine.execute(f"CREATE DATABASE {name}")
        try:
            assert not {(USED,), (UNUSED,)} & set(mine.execute(LEFTOVERS, [PREFIX]))
            other.close()
            # A closed session is seen for a moment longer.
            wait_until(lambda: UNUSED not in databases_after_dropping(mine), "it was dropped")
            assert USED in databases(mine)
        finally:
            mine.execute(f"DROP DATABASE IF EXISTS {USED}")
            mine.execute(f"DROP DATABASE IF EXISTS {UNUSED}")


def test_without_a_word_it_measures_conversations_against_their_goals(test_database: TestDatabase) -> None:
    done = bench("--short", template=test_database.template)
    assert done.returncode == 0, done.stdout + done.stderr
    rows, judged = rows_of(done.stdout), goal_rows(done.stdout)
    for talk in TALKS:
        assert rows[talk.name][FAILED] == "0", done.stdout
        assert rows[talk.name][-1] != "–", done.stdout
        assert [name for name in judged if name.startswith(talk.name)], done.stdout
    for row in judged.values():
        assert row[-1] in ("yes", "no"), done.stdout


@pytest.mark.committed
def test_the_conversations_it_makes_are_as_the_site_would_have_left_them() -> None:
    talk_data.fill(os.environ.get("DATABASE_OWNER_URL", os.environ["DATABASE_URL"]), data.TALKS["tiny"])
    assert invariants.broken() == {}
    assert Conversation.objects.count() == data.TALKS["tiny"].conversations
    assert Message.objects.count() == 10 * data.TALKS["tiny"].conversations
    # Among them one that goes on and on.
    long_talk.fill(os.environ.get("DATABASE_OWNER_URL", os.environ["DATABASE_URL"]), messages=300)
    assert invariants.broken() == {}
    assert Conversation.objects.get(pk=long_talk.CONVERSATION).last_sequence == 300


def test_goals_are_judged_by_the_figures() -> None:
    found = [figures(CREATE, clients, milliseconds=26.0, database=0.1) for clients in (8, 32)]
    small = [figures(CREATE, clients, milliseconds=21.0, database=0.06) for clients in (8, 32)]
    judged = goal_rows(goals.table_of(found, small))
    assert judged[f"{CREATE}: speed, 8 clients"][1:] == ["≥ 30% of floor", "31% of floor", "yes"]
    assert judged[f"{CREATE}: processor time, 8 clients"][1:] == ["≤ 5.0 × floor", "5.0 × floor", "yes"]
    assert judged[f"{CREATE}: p95, 8 clients"][1:] == ["≤ 25.0 ms", "26.0 ms", "no"]
    assert judged[f"{CREATE}: p95, 32 clients"][1:] == ["≤ 100.0 ms", "26.0 ms", "yes"]
    assert judged[f"{CREATE}: p95, large data, 8 clients"][1:] == ["≤ 1.20 × small", "1.24 × small", "no"]
    assert judged[f"{CREATE}: database time, large data, 8 clients"][1:] == ["≤ 1.50 × small", "1.67 × small", "no"]
    assert judged[f"{PAGE}: p95, 8 clients"][2:] == ["–", "–"]


def test_every_page_is_weighed_and_a_long_conversation_is_read_back_and_forth(test_database: TestDatabase) -> None:
    done = bench("browser", "--short", template=test_database.template)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = rows_of(done.stdout)
    for page in PAGES:
        assert float(rows[page.name][1].split()[0]) > 0, done.stdout
    for row in long_thread.ROWS:
        assert float(rows[row.name][2].split()[0]) >= 0, done.stdout
        assert rows[row.name][3] in ("yes", "no", "–"), done.stdout
    # What is counted and not timed is the same on every machine.
    assert rows[long_thread.ROWS[0].name][3] == "yes", done.stdout


def test_an_answer_that_is_no_success_counts_as_failed(site: str) -> None:
    port = int(site.rpartition(":")[2])
    texts = [request_text(port, f"GET {path}", {}) for path in ("/api/health/live", "/api/me", "/nothing")]
    answers = drive(Load(port, clients=2, count=9, requests=texts))
    assert len(answers.milliseconds) == 3
    assert answers.failed == {"401": 3, "404": 3}


def test_a_site_that_is_not_there_counts_as_failed() -> None:
    port = 1
    answers = drive(Load(port, clients=1, count=2, requests=[request_text(port, "GET /", {})]))
    assert answers.failed == {"none": 2}


def test_figures_are_kept_in_their_place_and_nowhere_else(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("Before.\n<!-- api, small -->\nold\n<!-- end of api, small -->\nAfter.\n")
    tables.write(document, "api, small", r"new \1")
    assert document.read_text() == "Before.\n<!-- api, small -->\nnew \\1\n<!-- end of api, small -->\nAfter.\n"
    with pytest.raises(OSError, match="no place for these figures"):
        tables.write(document, "api, large", "new")
    assert os.listdir(tmp_path) == ["performance.md"]

"""bin/bench in its short form: every scenario is asked, every answer is right, and the tables are there."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from benchmarks import scenarios, tables
from benchmarks.driver import Load, drive, request_text
from benchmarks.pages import PAGES
from tests.support.database import ROOT, TestDatabase

pytestmark = pytest.mark.usefixtures("django_db_setup")
FAILED = 8


def bench(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "bin/_bench.py", *options]
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240)


def rows_of(printed: str) -> dict[str, list[str]]:
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines() if line[:2] == "| "]
    return {row[0]: row for row in lines}


def test_without_a_word_it_lists_what_can_be_measured() -> None:
    listed = bench().stdout
    for scenario in scenarios.API:
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
        left = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, 'care_bench_')")
        assert left.fetchall() == []


def test_every_page_is_weighed() -> None:
    done = bench("browser", "--short")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = rows_of(done.stdout)
    for page in PAGES:
        assert float(rows[page.name][1].split()[0]) > 0, done.stdout


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

"""The folder can be deleted: what is left is a site with one way, and its tests pass."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.database import ROOT, SERVER

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".data", ".*_cache", "legacy", "legacy.py", "__pycache__", "node_modules"
)
# What offering and talking are; the long form runs all of the room, and of those that stand on it.
SHORT = ("test_offering.py", "test_talking.py", "test_inbox.py", "test_direct.py")
LONG = ("tests/messaging", "tests/features", "tests/home", "tests/moderation", "tests/flows/test_what_v1_did.py")
NO_PAGES = ("-k", "not browser")


@pytest.fixture
def site_without_it(tmp_path: Path) -> Path:
    copy = tmp_path / "site"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT, symlinks=True)
    urls = copy / "carecollective" / "urls.py"
    urls.write_text("".join(line for line in urls.read_text().splitlines(keepends=True) if "legacy.urls" not in line))
    assert not list(copy.rglob("legacy*"))
    return copy


def run(*command: str, cwd: Path) -> str:
    # The server of this run; the copy has a template of its own there, made by its own migrations.
    known = {name: os.environ[name] for name in ("PATH", "HOME", SERVER) if name in os.environ}
    done = subprocess.run(
        [sys.executable, *command], cwd=cwd, env=known, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


@pytest.mark.usefixtures("django_db_setup")
def test_its_tests_pass(site_without_it: Path, long_run: bool) -> None:
    chosen = (*LONG, *NO_PAGES) if long_run else tuple(f"tests/messaging/{name}" for name in SHORT)
    told = run("-m", "pytest", "-q", *chosen, cwd=site_without_it)
    assert " passed" in told
    assert "[V1]" not in told
    assert "skipped" not in told

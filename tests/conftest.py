"""Points Django at this process's own database before the settings are read, and gives every test its fixtures."""

import base64
import gc
import os
import subprocess
import sys
from typing import Any

import django
import pytest

from carecollective.embedded_postgres import DatabaseUnavailable
from tests.support.database import ROOT, TestDatabase

pytest_plugins = ["tests.support.fixtures", "tests.support.browser", "tests.cast", "tests.support.talking"]

# Fixed, so that a developer's own .env does not change what the tests see.
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "carecollective.settings",
    "SECRET_KEY": "only-for-tests-" * 5,
    "ENCRYPTION_KEYS": "tests:" + base64.b64encode(b"only for tests, not for anything").decode(),
    "DATABASE_ROLE": "site",
    "DEBUG": "false",
    "PRODUCTION_LIKE": "true",
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "SITE_URL": "http://testserver",
    "TRUSTED_PROXIES": "0",
    "EMAIL_URL": "memorymail://",
    "MAIL_FROM": "CARE Collective <hello@localhost>",
    "DEFAULT_TIME_ZONE": "America/Chicago",
    "LOG_LEVEL": "INFO",
}

LONG_FIRST = (
    "tests/benchmarks/",
    "tests/bin/",
    "tests/flows/test_chaos.py",
    "tests/flows/test_the_whole_journey.py",
    "tests/static/test_every_answer.py",
    "tests/static/test_every_page.py",
)


def _prepare() -> TestDatabase:
    os.environ |= SETTINGS
    try:
        database = TestDatabase()
    except DatabaseUnavailable as problem:
        pytest.exit(str(problem), returncode=1)
    os.environ |= database.environment()
    # Here and not by pytest-django, which reads the settings before this file wherever the environment names them;
    # that is why the name is taken away again, before the processes of a parallel run inherit it.
    django.setup()
    del os.environ["DJANGO_SETTINGS_MODULE"]
    _hash_lightly()
    _list_static_files_once()
    _ask_for_rules_once()
    _ask_for_the_flag_once()
    return database


def _hash_lightly() -> None:
    # The same algorithm; only what makes it slow on purpose is small here. The running site hashes in full strength.
    from django.contrib.auth.hashers import Argon2PasswordHasher

    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1


def _list_static_files_once() -> None:
    # Each test client has middleware of its own, and that of WhiteNoise goes through some hundred files to begin with.
    # A process of the site does so once, too.
    from whitenoise.base import WhiteNoise

    listed: dict[tuple[str, ...], dict[str, Any]] = {}
    list_them = WhiteNoise.update_files_dictionary

    def listed_once(middleware: WhiteNoise, root: str, prefix: str) -> None:
        if (root, prefix) not in listed:
            list_them(middleware, root, prefix)
            listed[root, prefix] = dict(middleware.files)
        middleware.files.update(listed[root, prefix])

    WhiteNoise.update_files_dictionary = listed_once


def _ask_for_rules_once() -> None:
    # The site asks every five seconds whether its rules of screening have changed. Here the statements of a test would
    # depend on the clock, so those of the migrations stay in force; tests/screening asks as the site does.
    from screening.services import examining

    examining.FRESH_SECONDS = 24 * 3600.0


def _ask_for_the_flag_once() -> None:
    # Likewise, every two seconds, for the switch of messaging_v2; tests/features asks as the site does.
    from features import flag
    from features.states import State

    flag.FRESH_SECONDS = 24 * 3600.0
    flag.keep(flag.Answer(State.parse("on")))


DATABASE = _prepare()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the long counts of the costly tests")


def pytest_configure(config: pytest.Config) -> None:
    from hypothesis import settings
    from hypothesis.configuration import set_hypothesis_home_dir

    set_hypothesis_home_dir(ROOT / ".data" / "hypothesis")
    settings.register_profile("short", max_examples=25, deadline=None, derandomize=True)
    settings.register_profile("long", max_examples=1000, deadline=None)
    settings.load_profile("long" if config.getoption("long") else "short")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Where the room of the earlier system was deleted, there is one way."""
    if mark := metafunc.definition.get_closest_marker("both_ways"):
        is_wanted = metafunc.config.getoption("long") or not mark.kwargs.get("only_long")
        ways = [2, 1] if is_wanted and (ROOT / "legacy").is_dir() else [2]
        metafunc.fixturenames.insert(0, "way")
        metafunc.parametrize("way", ways, ids=[f"V{version}" for version in ways], indirect=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # After the shuffling: what takes long begins, so that at the end no process waits for the other.
    items.sort(key=lambda item: not item.nodeid.startswith(LONG_FIRST))


def pytest_collection_finish() -> None:
    # What stays until the end is not gone through again and again in search of what could be let go.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_sessionstart(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        return
    done = subprocess.run([sys.executable, "bin/_static.py"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.exit(done.stderr, returncode=1)


@pytest.fixture(scope="session")
def test_database() -> TestDatabase:
    return DATABASE

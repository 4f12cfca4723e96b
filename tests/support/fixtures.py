"""The database, as rolled back, as committed, and behind the running site."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.db import connections
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from carecollective.embedded_postgres import DatabaseUnavailable
from features import flag
from features.states import State
from screening.services import examining
from tests.support.database import ROOT, TestDatabase
from tests.support.jobs import Start
from tests.support.site import MortalSite, running_site

ANSWERS = {1: flag.Answer(State.parse("off")), 2: flag.Answer(State.parse("on"))}


@pytest.fixture(scope="session")
def long_run(pytestconfig: pytest.Config) -> bool:
    """True when the costly tests are to run with their long counts."""
    return bool(pytestconfig.getoption("long"))


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, test_database: TestDatabase
) -> Iterator[None]:
    """Replaces pytest-django's: the site's role may not make databases."""
    try:
        test_database.create()
    except DatabaseUnavailable as problem:
        pytest.fail(str(problem), pytrace=False)
    with django_db_blocker.unblock():
        examining.examine("The rules as the migrations left them.")
    # Django would TRUNCATE after a test that commits, which the site's role may not do either.
    TransactionTestCase._fixture_teardown = lambda case: _as_new(test_database)  # type: ignore[attr-defined]
    yield
    connections.close_all()
    test_database.drop()


@pytest.fixture
def committed(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    test_database: TestDatabase,
) -> Iterator[None]:
    """What this test writes is committed, so other threads and processes see it; afterwards the database is as new."""
    if request.node.get_closest_marker("django_db"):
        pytest.fail("A test is either `django_db` (rolled back) or `committed`, not both.")
    with django_db_blocker.unblock():
        yield
        _as_new(test_database)


@pytest.fixture(autouse=True)
def _committed_by_mark(request: pytest.FixtureRequest) -> None:
    # A mark comes before the fixtures a test names, so those may write already.
    if request.node.get_closest_marker("committed"):
        request.getfixturevalue("committed")


@pytest.fixture
def way(request: pytest.FixtureRequest) -> Iterator[int]:
    """Which way new conversations go, for a test that is marked `both_ways`: the version they have."""
    version: int = request.param
    flag.keep(ANSWERS[version])
    yield version
    flag.keep(ANSWERS[2])


@pytest.fixture(scope="session")
def site_process(django_db_setup: None) -> Iterator[str]:
    with running_site() as address:
        yield address


@pytest.fixture(scope="session")
def site_process_of_v1(django_db_setup: None) -> Iterator[str]:
    """Another one, where new conversations go the V1 way."""
    with running_site(MESSAGING_V2_ENABLED="false") as address:
        yield address


@pytest.fixture(scope="session")
def mortal_site(django_db_setup: None) -> Iterator[MortalSite]:
    """Another one, whose process a test may kill; each test waits until it is there."""
    site = MortalSite()
    yield site
    site.end()


@pytest.fixture
def worker_process(committed: None) -> Iterator[Start]:
    """Real workers, with the tasks of tests/support/worker.py beside ours."""
    running: list[subprocess.Popen[str]] = []

    def start(**environment: str) -> subprocess.Popen[str]:
        surroundings = os.environ | {"DJANGO_SETTINGS_MODULE": "carecollective.settings"} | environment
        command = [sys.executable, "-m", "tests.support.worker"]
        running.append(subprocess.Popen(command, cwd=ROOT, env=surroundings, text=True, stderr=subprocess.DEVNULL))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def site(request: pytest.FixtureRequest, committed: None) -> str:
    """The address of the real web process on this test's database."""
    version = request.getfixturevalue("way") if "way" in request.fixturenames else 2
    address: str = request.getfixturevalue("site_process" if version == 2 else "site_process_of_v1")
    return address


def _as_new(database: TestDatabase) -> None:
    connections.close_all()
    database.reset()
    flag.keep(ANSWERS[2])

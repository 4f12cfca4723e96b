"""A log line says what happened and where, never what somebody wrote."""

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
import structlog
from django.test import Client

from carecollective import logs
from members.models import Member
from tests.cast import browser_of

pytestmark = pytest.mark.django_db
SECRET = "my-mother-has-dementia"


Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Everything that is logged, as it would stand in the log."""
    written, root = StringIO(), logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.setFormatter(root.handlers[0].formatter)
    assert isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)


def test_each_request_is_one_line_with_its_id_and_route(asker: Member, lines: Lines) -> None:
    answer = browser_of(asker).get(f"/requests/?q={SECRET}")
    (line,) = [line for line in lines() if line["event"] == "request"]
    assert line["request_id"] == answer["X-Request-ID"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/requests/", 200)
    assert isinstance(line["duration_ms"], float)


def test_nothing_people_type_reaches_the_log(asker: Member, lines: Lines) -> None:
    browser = browser_of(asker)
    browser.get(f"/requests/?q={SECRET}", headers={"user-agent": SECRET, "referer": f"http://x/{SECRET}"})
    browser.get(f"/{SECRET}/")
    browser.post("/login/", {"email": f"{SECRET}@example.org", "password": SECRET})
    browser.patch("/api/me", {"called": SECRET * 9}, content_type="application/json")
    Client(headers={"host": SECRET}).get("/")
    assert len([line for line in lines() if line["event"] == "request"]) == 5
    assert not [line for line in lines() if SECRET in json.dumps(line)]


def test_a_fault_is_logged_by_kind_and_place_and_not_by_its_words() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as problem:
        event = logs.without_words(None, "error", {"event": "server_error", "problem": problem})
    assert event["kind"] == "ValueError"
    assert "test_logs.py" in event["place"][0]
    assert SECRET not in json.dumps(event)


def test_a_library_that_logs_an_exception_says_no_more(lines: Lines) -> None:
    try:
        raise KeyError(SECRET)
    except KeyError:
        logging.getLogger("some.library").exception("It broke")
        structlog.get_logger("ours").exception("It broke too")
    assert [line["kind"] for line in lines()] == ["KeyError", "KeyError"]
    assert SECRET not in json.dumps(lines())

"""What only Django itself can tell: sessions of the web, and how many statements one request takes."""

import re
from typing import Any

from benchmarks.driver import HOST, NUMBER
from benchmarks.scenarios import Ask

SESSIONS = 32
NOT_COUNTED = re.compile(r"(BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK)\b")


def web_sessions() -> list[str]:
    """The session keys of some members."""
    from members.models import Member

    return [_session(member) for member in Member.objects.order_by("id")[:SESSIONS]]


def web_session_of(member_id: str) -> str:
    from members.models import Member

    return _session(Member.objects.get(pk=member_id))


def _session(member: Any) -> str:
    from django.test import Client

    browser = Client()
    browser.force_login(member)
    return str(browser.session.session_key)


def statements_of(asks: list[Ask]) -> int:
    """Of the second one: the first may load what stays loaded."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    asked: list[dict[str, str]] = []
    for turn, ask in enumerate(asks[:2]):
        headers = {name: value.replace(NUMBER, f"statements-{turn}") for name, value in ask.headers.items()}
        with CaptureQueriesContext(connection) as captured:
            client = Client(SERVER_NAME=HOST, headers=headers)
            client.generic(ask.method, ask.path, ask.body, content_type="application/json")
        asked = captured.captured_queries
    return sum(not NOT_COUNTED.match(query["sql"]) for query in asked)

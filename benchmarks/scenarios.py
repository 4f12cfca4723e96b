"""What is asked of the site, and the same work as one statement: the floor nobody can go below."""

import json
from dataclasses import dataclass, field
from typing import Any

from benchmarks import data, floor_sql
from benchmarks.driver import NUMBER

MOST_CALLERS = 1_000


@dataclass(frozen=True)
class Scenario:
    """`caller` is a token, a session of the web, or nobody; `{request}` in the path is one of the current requests."""

    name: str
    path: str
    caller: str = "token"
    body: dict[str, Any] = field(default_factory=dict)
    floor: str = ""

    @property
    def writes(self) -> bool:
        return bool(self.body)

    @property
    def method(self) -> str:
        return "POST" if self.writes else "GET"


WISH = {
    "title": "Pick up groceries on Tuesday",
    "description": "My hip hurts and I cannot carry bags. The market on Oak Street has all of it.",
    "category": "groceries-meals",
    "subcategory": "shopping-delivery",
    "urgency": "urgent",
    "exchange_offer": "I can bake bread.",
}

# In this order: what writes comes last, so everything before it sees the data as they were filled in.
API = (
    Scenario("browse help requests (20)", "/api/help-requests?limit=20", floor=floor_sql.BROWSE),
    Scenario("read one help request", "/api/help-requests/{request}", floor=floor_sql.READ_ONE),
    Scenario("my account", "/api/me", floor=floor_sql.ME),
    Scenario("first page", "/", "nobody"),
    Scenario("sign-in page", "/login/", "nobody"),
    Scenario("requests page", "/requests/", "session", floor=floor_sql.BROWSE_BY_SESSION),
    Scenario("post a help request", "/api/help-requests", body=WISH, floor=floor_sql.POST),
)


@dataclass(frozen=True)
class Ask:
    """One request, as an HTTP client and as Django's test client write it."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


def asks(scenario: Scenario, size: data.Size, sessions: list[str]) -> list[Ask]:
    """The requests of one scenario, each by another caller and about another row."""
    current, made = data.newest(size), []
    for number in range(min(size.members, MOST_CALLERS)):
        path = scenario.path.format(request=data.request_id(current[number % len(current)]))
        headers = _who(scenario.caller, number, sessions)
        if scenario.writes:
            headers["Idempotency-Key"] = NUMBER
        made.append(Ask(scenario.method, path, headers, json.dumps(scenario.body) if scenario.body else ""))
    return made


def _who(caller: str, number: int, sessions: list[str]) -> dict[str, str]:
    if caller == "token":
        return {"Authorization": f"Bearer {data.token_of(number + 1)}"}
    return {"Cookie": f"sessionid={sessions[number % len(sessions)]}"} if caller == "session" else {}

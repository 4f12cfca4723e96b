"""Who has messaging_v2: which source speaks, that one request sees one answer, and that nothing is asked too often."""

import random
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test.utils import CaptureQueriesContext

from carecollective.database import new_id
from features import flag
from features.environment import ENABLED, ROLLOUT, Environment
from features.flag import Answer
from features.middleware import OneAnswer
from features.models import Flag, InternalMember
from features.states import BUCKETS, EVERYBODY, FLAG, NOBODY, State, bucket_of
from members.models import Member
from tests.cast import browser_of
from tests.factories.members import MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def say() -> Iterator[Any]:
    """Starts the site with other variables."""
    patches = []

    def start(**raw: str) -> None:
        patches.append(patch.object(flag, "environment", lambda: Environment.read(raw)))
        patches[-1].start()
        flag.forget()

    yield start
    for each in patches:
        each.stop()


def switch(state: str, *, pin: bool = False, group: str = "") -> None:
    Flag.objects.filter(name=FLAG).update(state=state, is_pinned=pin, group=group)
    flag.forget()


@pytest.mark.parametrize(("raw", "switched", "state", "source"), [
    ({}, "", NOBODY, ""),
    ({}, "on", EVERYBODY, "switch"),
    ({ROLLOUT: "internal"}, "", State("internal"), ROLLOUT),
    ({ROLLOUT: "internal"}, "off", NOBODY, "switch"),
    ({ENABLED: "true"}, "", EVERYBODY, ENABLED),
    ({ENABLED: "true"}, "off", NOBODY, "switch"),
    ({ENABLED: "true"}, "percentage:10", State("percentage", 1000), "switch"),
    ({ENABLED: "false"}, "on", NOBODY, ENABLED),
    ({ENABLED: "false", ROLLOUT: "percentage:10"}, "", NOBODY, ENABLED),
])  # fmt: skip
def test_the_first_that_speaks(say: Any, raw: dict[str, str], switched: str, state: State, source: str) -> None:
    say(**raw)
    switch(switched, pin=True)
    found = flag.answer()
    assert (found.state, found.source, found.is_pinned) == (state, source, source == "switch")


def test_internal_are_those_named_and_one_group(moderator: Member, operator: Member) -> None:
    named, other = MemberFactory(), MemberFactory()
    InternalMember.objects.create(member=named)
    people: list[Member] = [named, moderator, operator, other]

    def who_is_in(group: str) -> list[bool]:
        switch("internal", group=group)
        return [flag.answer().has_in(person.pk) for person in people]

    assert who_is_in("") == [True, False, False, False]
    assert who_is_in("moderator") == [True, True, False, False]
    assert who_is_in("team") == [True, True, True, False]
    # Who left our team is one member among others.
    Member.objects.filter(pk=moderator.pk).update(is_staff=False)
    assert who_is_in("team") == [True, False, True, False]


def test_whoever_is_nobody_has_what_everybody_has() -> None:
    assert not Answer(State("percentage", BUCKETS)).has_in(None)
    assert not Answer(State("internal")).has_in(None)
    assert Answer(EVERYBODY).has_in(None)


def test_what_is_explained_is_what_happens(say: Any) -> None:
    """10,000 situations: what the sentences say of each source and each number, reckoned once more by hand."""
    dice = random.Random(7)
    words = [
        "",
        "off",
        "internal",
        "on",
        "percentage:0",
        "percentage:0.01",
        "percentage:10",
        "percentage:62.5",
        "percentage:100",
    ]
    for _ in range(10_000):
        raw = {
            ENABLED: dice.choice(["", " ", "true\n", "FALSE"]),
            ROLLOUT: dice.choice(["", "internal", "percentage: 33.3"]),
        }
        switched, member, is_internal = dice.choice(words), UUID(int=dice.getrandbits(128)), dice.random() < 0.3
        said = Environment.read(raw)
        held = flag.resolved(said, State.parse(switched) if switched else None, False)
        found = Answer(*held, frozenset([member] if is_internal else []))
        *because, outcome = found.explained(member)
        told = " ".join(because)
        assert outcome == f"Their new conversations go the {'V2' if found.has_in(member) else 'V1'} way."
        assert outcome.endswith("V2 way.") == _by_hand(raw, switched, member, is_internal)
        assert f"{FLAG} is {found.state}" in told
        assert ("They are internal." in told) == (is_internal and found.state.kind in ("internal", "percentage"))
        assert (f"bucket is {bucket_of(member):,}" in told) == (found.state.kind == "percentage")


def _by_hand(raw: dict[str, str], switched: str, member: UUID, is_internal: bool) -> bool:
    enabled = raw[ENABLED].strip().lower()
    state = switched or {"true": "on"}.get(enabled, "") or raw[ROLLOUT].replace(" ", "") or "off"
    if enabled == "false" or state == "off":
        return False
    if state == "on":
        return True
    share = float(state.partition(":")[2] or 0)
    return is_internal or bucket_of(member) < round(share * 100)


def test_one_request_sees_one_answer_whatever_is_switched_meanwhile() -> None:
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(flag.answer().state)
        switch("on")
        seen.append(flag.answer().state)
        return HttpResponse()

    OneAnswer(view)(HttpRequest())
    assert seen == [NOBODY, NOBODY]
    assert flag.answer().state == EVERYBODY


def test_it_is_asked_once_in_two_seconds_and_not_by_each_request(asker: Member, monkeypatch: Any) -> None:
    clock = [1000.0]
    monkeypatch.setattr("features.flag.time.monotonic", lambda: clock[0])
    asked = []

    def ask() -> Answer:
        asked.append(clock[0])
        return Answer()

    monkeypatch.setattr(flag, "as_it_is", ask)
    for _ in range(50):
        flag.answer()
        clock[0] += 0.1
    assert len(asked) == 3


def test_a_page_that_asks_nothing_of_it_reads_nothing_of_it(asker: Member) -> None:
    browser = browser_of(asker)
    with CaptureQueriesContext(connection) as captured:
        browser.get("/home/")
    assert not [query for query in captured if "flag" in query["sql"]]


def test_while_the_database_is_away_what_held_holds(monkeypatch: Any) -> None:
    switch("on")
    assert flag.answer().state == EVERYBODY
    monkeypatch.setattr(flag, "FRESH_SECONDS", 0.0)
    from django.db import OperationalError

    def away() -> Answer:
        raise OperationalError("gone")

    monkeypatch.setattr(flag, "as_it_is", away)
    assert flag.answer().state == EVERYBODY


@pytest.mark.parametrize("state", ["yes", "percentage:101", "On", "percentage: 10"])
def test_the_row_of_a_switch_holds_only_what_is_known(state: str) -> None:
    """Whatever writes it, a site could not read it."""
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError, match="flags_state_is_known"), transaction.atomic():
        Flag.objects.filter(name=FLAG).update(state=state)


def test_buckets_are_even() -> None:
    counts = [0] * 10
    for _ in range(20_000):
        counts[bucket_of(new_id()) * 10 // BUCKETS] += 1
    assert sum((count - 2000) ** 2 / 2000 for count in counts) < 40

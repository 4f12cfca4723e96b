"""The states of messaging_v2: read strictly, written one way, and the same people in at every start."""

import json
import subprocess
import sys
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecollective.database import new_id
from features.states import BUCKETS, State, bucket_of

SHARES = st.integers(0, BUCKETS).map(lambda buckets: f"{Decimal(buckets) / 100}")
WORDS = st.one_of(st.sampled_from(["off", "internal", "on"]), SHARES.map("percentage:{}".format))
BLANKS = st.text(" \t\r\n\f\v", max_size=5)
MEMBERS = st.uuids()


@given(word=WORDS, before=BLANKS, after=BLANKS, inner=BLANKS, is_loud=st.booleans())
def test_what_stands_around_it_tells_nothing(word: str, before: str, after: str, inner: str, is_loud: bool) -> None:
    padded = before + word.replace(":", f"{inner}:{inner}") + after
    assert State.parse(padded.upper() if is_loud else padded) == State.parse(word)


@given(word=WORDS)
def test_it_is_written_as_it_is_read(word: str) -> None:
    state = State.parse(word)
    assert State.parse(str(state)) == state
    assert len(str(state)) <= len("percentage:99.99")


@pytest.mark.parametrize(("text", "written"), [
    ("percentage: 10 ", "percentage:10"), ("PERCENTAGE:2.50\n", "percentage:2.5"),
    ("percentage:0.01", "percentage:0.01"),
    ("percentage:100", "percentage:100"), ("percentage:0", "percentage:0"), (" On\n", "on"), ("\tOFF", "off"),
])  # fmt: skip
def test_as_people_write_it(text: str, written: str) -> None:
    assert str(State.parse(text)) == written


@pytest.mark.parametrize("text", [
    "", " ", "yes", "true", "1", "percentage", "percentage:", "percentage:ten", "percentage:-1", "percentage:100.01",
    "percentage:101", "percentage:10%", "percentage:1.234", "percentage:1e1", "percentage:.5", "percentage:10 20",
    "percentage:١٠", "percentage=10", "on off", "o n", "internal:10", "percentage:nan", '"on"', "on\x00",
    "percentage:0010",
])  # fmt: skip
def test_what_it_does_not_know_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be off, internal, on, or percentage"):
        State.parse(text)


@given(text=st.text(max_size=30))
def test_nothing_is_guessed(text: str) -> None:
    try:
        state = State.parse(text)
    except ValueError:
        return
    assert text.strip().lower().replace(" ", "").startswith(state.kind)


@given(member=MEMBERS, fewer=st.integers(0, BUCKETS), more=st.integers(0, BUCKETS), is_internal=st.booleans())
def test_who_is_in_stays_in_while_it_grows(member: UUID, fewer: int, more: int, is_internal: bool) -> None:
    fewer, more = sorted((fewer, more))
    steps = [State("off"), State("internal"), State("percentage", fewer), State("percentage", more), State("on")]
    answers = [state.has_in(member, is_internal) for state in steps]
    assert answers == sorted(answers)


def test_ten_percent_are_a_tenth_and_all_of_them_among_fifty() -> None:
    members = [new_id() for _ in range(20_000)]
    tenth, half = (
        {member for member in members if State("percentage", buckets).has_in(member, False)} for buckets in (1000, 5000)
    )
    assert tenth < half
    # Five times what chance does.
    assert abs(len(tenth) - 2000) < 5 * (20_000 * 0.1 * 0.9) ** 0.5
    assert abs(len(half) - 10_000) < 5 * (20_000 * 0.5 * 0.5) ** 0.5


def test_a_hundredth_of_a_percent_is_a_step() -> None:
    member = new_id()
    bucket = bucket_of(member)
    assert not State("percentage", bucket).has_in(member, False)
    assert State("percentage", bucket + 1).has_in(member, False)


def test_another_process_deals_out_the_same() -> None:
    members = [new_id() for _ in range(200)]
    program = (
        "import json, sys; from uuid import UUID; from features.states import bucket_of;"
        "print(json.dumps([bucket_of(UUID(it)) for it in json.load(sys.stdin)]))"
    )
    asked = json.dumps(list(map(str, members)))
    for seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", program], input=asked, text=True, capture_output=True, check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        )  # fmt: skip
        assert json.loads(done.stdout) == [bucket_of(member) for member in members]


def test_nobody_is_dealt_out_anew_by_a_change_of_the_code() -> None:
    known = {"00000000-0000-7000-8000-000000000001": 2506, "01a200c4-d6de-740e-8e66-4653f01b57e8": 8418}
    found = {member: bucket_of(UUID(member)) for member in known}
    assert found == known

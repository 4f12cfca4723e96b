"""What the environment says: trimmed, read strictly, and what cannot be read stops every process."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecollective.env import Unreadable
from features.environment import ALIASES, ENABLED, ROLLOUT, Environment
from features.states import EVERYBODY, NOBODY, State
from tests.support.database import ROOT

BLANKS = st.text(" \t\r\n", max_size=4)


def read(**raw: str) -> Environment:
    return Environment.read(raw)


@given(before=BLANKS, after=BLANKS, word=st.sampled_from(["true", "TRUE", "yes", "1", "on", "false", "No", "0", "off"]))
def test_a_line_end_does_not_turn_it_off(before: str, after: str, word: str) -> None:
    said = Environment.read({ENABLED: before + word + after})
    assert said == Environment(word.lower() in ("true", "yes", "1", "on"), None, said.raw)


def test_what_was_written_is_kept_as_it_stands() -> None:
    assert read(MESSAGING_V2_ENABLED="true\n").raw == ((ENABLED, "true\n"),)
    assert read(MESSAGING_V2_ENABLED="", MESSAGING_V2_ROLLOUT="").raw == ()


@pytest.mark.parametrize(("raw", "state", "source"), [
    ({}, NOBODY, ""),
    ({ENABLED: "  "}, NOBODY, ""),
    ({ENABLED: " TRUE "}, EVERYBODY, ENABLED),
    ({ENABLED: "false"}, NOBODY, ENABLED),
    ({ROLLOUT: "percentage: 10 "}, State("percentage", 1000), ROLLOUT),
    ({ROLLOUT: "internal\n"}, State("internal"), ROLLOUT),
    # Read only while the other is empty.
    ({ENABLED: "true", ROLLOUT: "percentage:10"}, EVERYBODY, ENABLED),
    ({ENABLED: "false", ROLLOUT: "percentage:10"}, NOBODY, ENABLED),
    ({ENABLED: " \n", ROLLOUT: "percentage:10"}, State("percentage", 1000), ROLLOUT),
    ({ALIASES[ENABLED]: "true\n"}, EVERYBODY, ENABLED),
    ({ALIASES[ROLLOUT]: "internal"}, State("internal"), ROLLOUT),
    ({ENABLED: "1", ALIASES[ENABLED]: " TRUE\n"}, EVERYBODY, ENABLED),
    ({ROLLOUT: "percentage:10", ALIASES[ROLLOUT]: "Percentage: 10.00"}, State("percentage", 1000), ROLLOUT),
])  # fmt: skip
def test_what_holds_without_a_switch(raw: dict[str, str], state: State, source: str) -> None:
    assert Environment.read(raw).without_switch == (state, source)


@pytest.mark.parametrize(("raw", "told"), [
    ({ENABLED: "maybe"}, "MESSAGING_V2_ENABLED must be true or false, but 'maybe' is not."),
    ({ENABLED: "tru e"}, "MESSAGING_V2_ENABLED must be true or false"),
    ({ALIASES[ENABLED]: '"true"'}, "NEXT_PUBLIC_MESSAGING_V2_ENABLED must be true or false"),
    ({ROLLOUT: "on"}, "MESSAGING_V2_ROLLOUT must be internal or percentage:N"),
    ({ROLLOUT: "percentage:101"}, "MESSAGING_V2_ROLLOUT must be internal or percentage:N"),
    # Nonsense is nonsense, also where it would not be used.
    ({ENABLED: "false", ROLLOUT: "tenth"}, "MESSAGING_V2_ROLLOUT must be internal or percentage:N"),
    ({ENABLED: "true", ALIASES[ENABLED]: "false"}, "say two different things"),
    ({ROLLOUT: "percentage:10", ALIASES[ROLLOUT]: "percentage:11"}, "say two different things"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name(raw: dict[str, str], told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        Environment.read(raw)


def test_a_veto_is_a_false_that_was_said() -> None:
    assert read(MESSAGING_V2_ENABLED="false").is_veto
    assert not read().is_veto
    assert (read().has_spoken, read(MESSAGING_V2_ROLLOUT="internal").has_spoken) == (False, True)


@pytest.mark.parametrize(
    ("name", "command"),
    [(ENABLED, "worker"), (ALIASES[ENABLED], "check"), (ROLLOUT, "flag"), (ALIASES[ROLLOUT], "migrate")],
)
def test_nonsense_stops_every_process_with_one_sentence(name: str, command: str) -> None:
    environment = os.environ | {name: "nonsense\n", "DJANGO_SETTINGS_MODULE": "carecollective.settings"}
    done = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert (len(done.stderr.strip().splitlines()), done.stdout) == (1, "")
    assert done.stderr.startswith(f"{name} must be ")
    assert r"'nonsense\n'" in done.stderr

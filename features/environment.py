"""What the environment says of messaging_v2: a veto, everybody, or how far; read once, at the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self, TypeVar

from carecollective.env import NO, YES, Unreadable
from features.states import EVERYBODY, INTERNAL, NOBODY, PERCENTAGE, State

ENABLED, ROLLOUT = "MESSAGING_V2_ENABLED", "MESSAGING_V2_ROLLOUT"
# As the site before this one called them.
ALIASES = {ENABLED: f"NEXT_PUBLIC_{ENABLED}", ROLLOUT: f"NEXT_PUBLIC_{ROLLOUT}"}
NAMES = (ENABLED, ALIASES[ENABLED], ROLLOUT, ALIASES[ROLLOUT])


@dataclass(frozen=True)
class Environment:
    enabled: bool | None = None
    rollout: State | None = None
    # By name, as they were written, blanks and line ends too.
    raw: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, raw: Mapping[str, str]) -> Self:
        """Refuses what it cannot read, and two names that say two things, in one sentence with the name in it."""
        enabled = _agreed(ENABLED, {name: _enabled(name, raw.get(name, "")) for name in (ENABLED, ALIASES[ENABLED])})
        rollout = _agreed(ROLLOUT, {name: _rollout(name, raw.get(name, "")) for name in (ROLLOUT, ALIASES[ROLLOUT])})
        return cls(enabled, rollout, tuple((name, raw[name]) for name in NAMES if raw.get(name)))

    @property
    def has_spoken(self) -> bool:
        return self.enabled is not None or self.rollout is not None

    @property
    def is_veto(self) -> bool:
        return self.enabled is False

    @property
    def without_switch(self) -> tuple[State, str]:
        """What holds where nobody has switched at run time, and which variable says so."""
        if self.enabled is not None:
            return (EVERYBODY if self.enabled else NOBODY), ENABLED
        return (self.rollout, ROLLOUT) if self.rollout else (NOBODY, "")


Said = TypeVar("Said")


def _agreed(name: str, said: Mapping[str, Said | None]) -> Said | None:
    values = {value for value in said.values() if value is not None}
    if len(values) > 1:
        raise Unreadable(f"{name} and {ALIASES[name]} say two different things. Please leave one of them empty.")
    return next(iter(values), None)


def _enabled(name: str, text: str) -> bool | None:
    word = text.strip().lower()
    if word and word not in YES | NO:
        raise Unreadable(f"{name} must be true or false, but {text!r} is not.")
    return word in YES if word else None


def _rollout(name: str, text: str) -> State | None:
    if not text.strip():
        return None
    try:
        state = State.parse(text)
    except ValueError:
        state = NOBODY
    if state.kind not in (INTERNAL, PERCENTAGE):
        raise Unreadable(f"{name} must be internal or percentage:N, N from 0 to 100, but {text!r} is not.")
    return state

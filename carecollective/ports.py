"""What the frame asks of the apps: each may have a `ports.py` with JOBS, HEALTH, INVARIANTS, LETTERS."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps


@dataclass(frozen=True)
class Job:
    """Housekeeping on a schedule (five cron fields, UTC). It must be safe to run twice and end within an hour."""

    name: str
    cron: str
    function: Callable[[], object]


@dataclass(frozen=True)
class Signal:
    """What a part of the site says about its health: `warning` for people, `facts` for programs."""

    facts: dict[str, Any] = field(default_factory=dict)
    warning: str = ""
    # False takes the site out of service; a warning alone does not.
    is_well: bool = True


@dataclass(frozen=True)
class Letter:
    """A mail about to leave: whom it goes to, what to call them, and what its template needs."""

    address: str
    called: str
    context: dict[str, Any] = field(default_factory=dict)


def jobs() -> list[Job]:
    found = [job for listed in _every("JOBS") for job in listed]
    names = [job.name for job in found]
    if len(set(names)) != len(names):
        raise LookupError("Two housekeeping jobs have the same name.")
    return found


def health() -> dict[str, Callable[[], Signal]]:
    return _merged("HEALTH")


def invariants() -> dict[str, str]:
    """Queries that must return nothing, by the name of what they hold true."""
    return _merged("INVARIANTS")


def letters() -> dict[str, Callable[[str], Letter | None]]:
    """For each kind of letter without an event, the function that makes it; None when it is no longer wanted."""
    return _merged("LETTERS")


def _merged(port: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for offered in _every(port):
        if twice := merged.keys() & offered.keys():
            raise LookupError(f"{port} has {', '.join(sorted(twice))} twice.")
        merged |= offered
    return merged


def _every(port: str) -> Iterator[Any]:
    """What each app offers at a port, in the order of INSTALLED_APPS."""
    for app in apps.get_app_configs():
        module = f"{app.name}.ports"
        # The frame's own offers stand in its roof, because this file is the ground.
        if app.name == "carecollective":
            module = "carecollective.housekeeping"
        if find_spec(module) and hasattr(import_module(module), port):
            yield getattr(import_module(module), port)

"""What the frame asks of the apps: each may have a `ports.py` that offers some of what is collected here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import UUID

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


@dataclass(frozen=True)
class Target:
    """Something a member can report: whose it is, what they are called, and the words a page may quote of it."""

    kind: str
    id: UUID
    author_id: UUID
    called: str
    quote: str = ""
    conversation_id: UUID | None = None


@dataclass(frozen=True)
class Reportable:
    """How a room finds and seals one kind of thing, and does what was decided about it; each in one transaction.

    The reporter comes first; None is the house itself, which finds and reads all there is.
    """

    # Refuses a reporter exactly as reading it does.
    find: Callable[[Any, UUID], Target]
    # What JSON can hold, read so that nobody changes it between here and the end of the transaction.
    evidence: Callable[[Any, Target], dict[str, Any]]
    # What the room itself keeps of the report.
    record: Callable[[Any, Target], object] | None = None
    # By its id; where one is missing, there is nothing to do. Each can be said twice, and refuses what cannot be.
    # Hiding keeps from readers: what nobody has read yet is refused, what was read is hidden.
    # Showing undoes both.
    hide: Callable[[UUID], object] | None = None
    show: Callable[[UUID], object] | None = None
    # Says in a sentence why it stays where it is, if it does: the writer deleted it, the chat has ended.
    release: Callable[[UUID], object] | None = None
    # By its id, and how many more of what stands around it: as it is now, in the shape of the evidence.
    more: Callable[[UUID, int], dict[str, Any]] | None = None


@dataclass(frozen=True)
class EarlierConversations:
    """Tables that inherit messaging's two: what stands in them is read and changed together with what stands there.

    Only what is made has to be told where to: a conversation somebody starts the V1 way, and what is said in it.
    """

    conversations: str
    messages: str
    # Nothing while something new may go there; otherwise `closed`, or `gone`. Asked with the flag, every two seconds.
    ended: Callable[[], str] = lambda: ""


@dataclass(frozen=True)
class DecisionLink:
    """Where somebody reads why their words were hidden or refused, and by which of our rules."""

    url: str
    rule: int | None = None


@dataclass(frozen=True)
class PersonalData:
    """One kind of thing a room holds about a person."""

    # What JSON can hold, for the person themselves; None when there is nothing.
    export: Callable[[Any], Any]


@dataclass(frozen=True)
class Need:
    """Something that waits for our staff: how many, where, and whether it is urgent. `place` names an address."""

    words: str
    count: int
    place: str
    query: str = ""
    urgent: str = ""


@dataclass(frozen=True)
class DeskPage:
    """A page of the desk that is gone with its room: its words in the bar, the name of its address, who may open it."""

    words: str
    name: str
    roles: tuple[str, ...]


def jobs() -> list[Job]:
    found = [job for listed in _every("JOBS") for job in listed]
    names = [job.name for job in found]
    if len(set(names)) != len(names):
        raise LookupError("Two housekeeping jobs have the same name.")
    return found


def health() -> dict[str, Callable[[], Signal]]:
    return _merged("HEALTH")


def at_start() -> list[Callable[[], object]]:
    """What a process makes ready before it serves anybody, so that nobody waits for it."""
    return [make_ready for offered in _every("AT_START") for make_ready in offered]


def invariants() -> dict[str, str]:
    """Queries that must return nothing, by the name of what they hold true; or a function that gives those."""
    return _merged("INVARIANTS")


def live_keys(table: str, row: str, *columns: str) -> dict[str, str]:
    """The invariant of a table with sealed text: each row, by its `row` column, names a key this site has."""
    dead = " OR ".join(
        f"({column} <> '' AND {column} <> ALL (string_to_array(current_setting('carecollective.keys'), ',')))"
        for column in columns
    )
    # Only names of our own tables and columns.
    return {f"17 every sealed row of {table} names a key that is there": f"SELECT {row} FROM {table} WHERE {dead}"}  # noqa: S608


def needs() -> list[Callable[[Any], list[Need]]]:
    """What waits for whoever asks, room by room."""
    return list(_every("DESK_NEEDS"))


@cache
def desk_pages() -> list[DeskPage]:
    """Pages of the desk beside those every installation has."""
    return [page for offered in _every("DESK_PAGES") for page in offered]


def member_sections() -> list[Callable[[Any, Any], str]]:
    """What the rooms above know about a member, for the page staff have of them: given who looks, and at whom."""
    return list(_every("DESK_MEMBER"))


def letters() -> dict[str, Callable[[str], Letter | None]]:
    """For each kind of letter without an event, the function that makes it; None when it is no longer wanted."""
    return _merged("LETTERS")


def reportable() -> dict[str, Reportable]:
    """What members can report, by its kind."""
    return _merged("REPORTABLE")


def decisions_about(kind: str, ids: list[UUID]) -> dict[UUID, DecisionLink]:
    """Of things their own writer looks at; asked only where something was hidden or refused."""
    found: dict[UUID, DecisionLink] = {}
    for ask in _every("DECISIONS_ABOUT") if ids else []:
        found |= ask(kind, ids)
    return found


@cache
def event_listeners() -> dict[str, list[Callable[[Any], object]]]:
    """By the kind of an event, who wants to know of it at once: called inside the transaction that recorded it."""
    listeners: dict[str, list[Callable[[Any], object]]] = {}
    for offered in _every("EVENT_LISTENERS"):
        for kind, listener in offered.items():
            listeners.setdefault(kind, []).append(listener)
    return listeners


@cache
def earlier_conversations() -> EarlierConversations | None:
    """Where conversations of the earlier system stand, as long as there is such a room."""
    return next(_every("EARLIER_CONVERSATIONS"), None)


def taken_down() -> dict[str, str]:
    """Rooms whose tables were dropped for good while their code is still here, each with what to do about that."""
    return {room: sentence for ask in _every("TAKEN_DOWN") for room, sentence in ask().items()}


def personal_data() -> dict[str, PersonalData]:
    """What the rooms hold about a person, by its name in the file they can take away."""
    return _merged("PERSONAL_DATA")


def _merged(port: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for each in _every(port):
        offered = each() if callable(each) else each
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

"""The structure of the database as lines of text, in each room's `structure.txt`: what its migrations make."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from django.apps import apps
from django.conf import settings

FILE = "structure.txt"
FRAME = "carecollective"
# These stand on a table, whose name follows theirs.
ON_A_TABLE = ("column", "constraint", "index", "trigger", "policy", "rule", "sequence")
ORDER = ("table", "view", *ON_A_TABLE, "type", "function")


class Thing(NamedTuple):
    kind: str
    name: str
    table: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" + (f" of {self.table}" if self.table else "")


Structure = dict[Thing, str]


class CannotCompare(Exception):
    """The text or the database cannot be read; its words are one plain sentence."""


def in_order(things: Structure) -> list[Thing]:
    """Each table with all that stands on it, then the rest."""
    return sorted(things, key=lambda it: (it.table or it.name, ORDER.index(it.kind), it.name))


def read(but: Collection[str] = ()) -> Structure:
    """What the migrations of the rooms that are here make; but of those that were taken down."""
    if not _file(FRAME).is_file():
        raise CannotCompare(f"{FRAME}/{FILE} is missing: it belongs to the code, so deploy the code again as a whole.")
    kept: Structure = {}
    for room in (FRAME, *(room for room in _rooms() if room not in but)):
        kept |= dict(_parse(line) for line in _text(room).split("\n") if line)
    return kept


def write(found: Structure) -> list[str]:
    """Into the file of the room that made it; returns the files that are others now."""
    lines: dict[str, list[str]] = {room: [] for room in (FRAME, *_rooms())}
    tables = _rooms_of_tables()
    for thing in in_order(found):
        lines[_room_of(thing, tables)].append(f"{thing}: {found[thing]}\n")
    return [f"{room}/{FILE}" for room, text in lines.items() if _put(room, "".join(text))]


def _parse(line: str) -> tuple[Thing, str]:
    head, _, definition = line.partition(": ")
    kind, _, name = head.partition(" ")
    name, _, table = name.rpartition(" of ") if kind in ON_A_TABLE and " of " in name else (name, "", "")
    return Thing(kind, name, table), definition


def _put(room: str, text: str) -> bool:
    if text == _text(room):
        return False
    _file(room).write_text(text, encoding="utf-8")
    return True


def _text(room: str) -> str:
    """A room without tables has none."""
    return _file(room).read_text(encoding="utf-8") if _file(room).is_file() else ""


def _room_of(thing: Thing, tables: dict[str, str]) -> str:
    """What a room adds to the table of another begins with its own name, and goes where the room goes."""
    room_of_table = tables.get(thing.table or thing.name, "")
    if room_of_table and thing.kind in ("table", "column"):
        return room_of_table
    begins = (room for room in _rooms() if any(name.startswith(f"{room}_") for name in (thing.name, thing.table)))
    return next(begins, room_of_table or FRAME)


def _rooms_of_tables() -> dict[str, str]:
    models = apps.get_models(include_auto_created=True)
    rooms = {model._meta.db_table: model._meta.app_label for model in models}
    return {table: room for table, room in rooms.items() if room in _rooms()}


def _rooms() -> list[str]:
    return [room for room in settings.ROOMS if apps.is_installed(room)]


def _file(room: str) -> Path:
    return Path(settings.BASE_DIR) / room / FILE

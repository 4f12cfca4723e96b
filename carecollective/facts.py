"""What may be kept about an event: ids, numbers, moments and known words; never what somebody wrote."""

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:%/+-]{0,99}")


def plain(details: dict[str, Any]) -> dict[str, Any]:
    """The details as JSON; refuses whatever could be a person's words."""
    return {name: _plain(name, value) for name, value in details.items()}


def named(thing: Any) -> tuple[str, str]:
    """A row as its kind and id; a pair of kind and id is taken as it is."""
    if thing is None:
        return "", ""
    if isinstance(thing, tuple):
        kind, identifier = thing
        return str(kind), str(identifier)
    return str(thing._meta.model_name), str(thing.pk)


def _plain(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(name, item) for item in value]
    if isinstance(value, UUID) or (isinstance(value, str) and WORD.fullmatch(value)):
        return str(value)
    raise ValueError(f"{name} must be an id, a number, a moment or a known word, because text is not kept here.")

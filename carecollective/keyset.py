"""Lists that stay right while rows arrive: the next page starts behind the last row, not at a number."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from django.db.models import Model, Q, QuerySet

from carecollective.errors import NotValid

Row = TypeVar("Row", bound=Model)
Found = TypeVar("Found")


@dataclass(frozen=True)
class Key:
    """One column of an order, and how its value is read back from a cursor."""

    name: str
    read: Callable[[Any], Any]
    descending: bool = True


def moment(value: Any) -> datetime:
    parsed = datetime.fromisoformat(value)
    if parsed.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return parsed


def number(value: Any) -> int:
    if not isinstance(value, int) or abs(value) > 2**31:
        raise ValueError("not a number of ours")
    return value


NEWEST_FIRST = (Key("created_at", moment), Key("id", UUID))


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    limit: int
    next_cursor: str | None

    def as_json(self) -> dict[str, Any]:
        return {
            "limit": self.limit,
            "has_more": self.next_cursor is not None,
            "next_cursor": self.next_cursor,
        }


def page(rows: QuerySet[Row], order: tuple[Key, ...], limit: int, cursor: str = "") -> Page[Row]:
    """One page of `rows` in that order; the last key must be unique."""
    ordered = rows.order_by(*(("-" if key.descending else "") + key.name for key in order))
    if cursor:
        ordered = ordered.filter(_behind(order, read_cursor(order, cursor)))
    found = list(ordered[: limit + 1])
    more = len(found) > limit
    return Page(found[:limit], limit, _cursor(order, found[limit - 1]) if more else None)


def or_first(find: Callable[[str], Found], cursor: str) -> tuple[Found, bool]:
    """That page; the first one, and True, when the cursor of an old or broken link leads nowhere."""
    try:
        return find(cursor), False
    except NotValid:
        return find(""), True


def _behind(order: tuple[Key, ...], values: list[Any]) -> Q:
    behind, same = Q(), Q()
    for key, value in zip(order, values, strict=True):
        side = "lt" if key.descending else "gt"
        behind |= same & Q(**{f"{key.name}__{side}": value})
        same &= Q(**{key.name: value})
    return behind


def _cursor(order: tuple[Key, ...], row: Model) -> str:
    return write_cursor([getattr(row, key.name) for key in order])


def write_cursor(last: list[Any]) -> str:
    """For a list that is read by hand: the values of its last row, in the order's order."""
    values = orjson.dumps(last)
    return base64.urlsafe_b64encode(values).rstrip(b"=").decode()


def read_cursor(order: tuple[Key, ...], cursor: str) -> list[Any]:
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        return [key.read(value) for key, value in zip(order, values, strict=True)]
    except (ValueError, TypeError, AttributeError, OverflowError) as problem:
        raise NotValid(fields={"cursor": ["This cursor is not one of ours."]}) from problem

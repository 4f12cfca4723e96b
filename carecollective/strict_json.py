"""JSON as we accept and write it: no depth, duplicate, number or character that surprises us later."""

import json
from typing import Any

import orjson

from carecollective.errors import NotValid
from carecollective.text import Unwritable, must_be_readable

MOST_DEPTH = 16
MOST_DIGITS = 18


def read(body: bytes) -> dict[str, Any]:
    """The object in a request body; anything else is refused in one sentence."""
    try:
        value = json.loads(
            body.decode("utf-8") if body.strip() else "{}",
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_int=_whole_number,
            parse_float=_finite_number,
        )
    except (ValueError, RecursionError) as problem:
        raise NotValid("This is not JSON we can read.") from problem
    if not isinstance(value, dict):
        raise NotValid("Please send one JSON object.")
    _must_be_plain(value, MOST_DEPTH)
    return value


def write(value: Any) -> bytes:
    return orjson.dumps(value, default=str)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise NotValid("A name stands twice in this JSON.")
    return value


def _refuse_constant(name: str) -> None:
    raise NotValid(f"{name} is not a number we can read.")


def _whole_number(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise NotValid("A number in this JSON is too long.")
    return int(digits)


def _finite_number(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise NotValid("A number in this JSON is too large.")
    return number


def _must_be_plain(value: Any, depth: int, field: str = "") -> None:
    """`field` is the name at the top under which it stands."""
    if depth == 0:
        raise NotValid("This JSON is nested too deeply.")
    if isinstance(value, str):
        _must_be_readable(value, field)
    if isinstance(value, dict):
        for name, inner in value.items():
            _must_be_readable(name, field)
            _must_be_plain(inner, depth - 1, field or name)
    if isinstance(value, list):
        for inner in value:
            _must_be_plain(inner, depth - 1, field)


def _must_be_readable(value: str, field: str) -> None:
    try:
        must_be_readable(value)
    except Unwritable as problem:
        fields = {field[:100]: [str(problem)]} if field else {}
        raise NotValid(str(problem), fields=fields) from problem

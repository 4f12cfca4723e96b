"""One column of the original as we need it: whatever type it has there, never a value that stops the reading."""

from collections.abc import Collection, Mapping

from legacy.importing.shape import FLAG, ID, MOMENT, NUMBER, TIME

LOOKS_LIKE_AN_ID = "'^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'"
NUMBERS = {"smallint", "integer", "bigint", "numeric"}
TIMES = {"time without time zone", "time with time zone"}
YES = "'t', 'true', 'yes', 'y', '1', 'on'"


def can_be_read(actual: str, wanted: str) -> bool:
    """Text holds anything; a moment written as text could be any."""
    if wanted == MOMENT:
        return actual in ("timestamp with time zone", "timestamp without time zone", "date")
    if wanted == NUMBER:
        return actual in NUMBERS
    return actual in TIMES if wanted == TIME else True


def value_of(column: str, actual: str, wanted: str) -> str:
    if wanted == ID:
        return column if actual == "uuid" else _id(column)
    if wanted == MOMENT:
        return _moment(column, actual)
    if wanted == FLAG:
        return column if actual == "boolean" else f"(lower({column}::text) IN ({YES}))"
    if wanted == NUMBER:
        return f"(CASE WHEN {column} BETWEEN 0 AND 32767 THEN {column}::integer END)"
    return f"{column}::{wanted}"


def in_our_words(column: str, ours: Collection[str], theirs: Mapping[str, str], *, empty: str, unknown: str) -> str:
    """A known word stays, another of theirs becomes ours; what nobody knows becomes `unknown`."""
    cases = [f"WHEN {column} IS NULL THEN '{empty}'", f"WHEN lower({column}) IN ({_listed(ours)}) THEN lower({column})"]
    cases += [f"WHEN lower({column}) = '{word}' THEN '{ours_for}'" for word, ours_for in theirs.items()]
    return f"(CASE {' '.join(cases)} ELSE '{unknown}' END)"


def is_unknown(column: str, ours: Collection[str], theirs: Mapping[str, str]) -> str:
    return f"lower({column}) NOT IN ({_listed([*ours, *theirs])})"


def _id(column: str) -> str:
    return f"(CASE WHEN {column}::text ~ {LOOKS_LIKE_AN_ID} THEN {column}::text::uuid END)"


def _moment(column: str, actual: str) -> str:
    """Python knows the years 1 to 9999 only; what lies beyond counts as not known."""
    at = column if actual == "timestamp with time zone" else f"({column}::timestamp AT TIME ZONE 'UTC')"
    return f"(CASE WHEN {at} >= '0001-01-02 UTC' AND {at} < '9999-01-01 UTC' THEN {at} END)"


def _listed(words: Collection[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)

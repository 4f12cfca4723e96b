"""Each difference between what the migrations make and what is there, in one sentence that says what to do."""

import re

from carecollective.structure_catalog import DISABLED, INVALID, NOT_VALID
from carecollective.structure_text import Structure, Thing, in_order

PUT_BACK = {
    "table": "bring it back from a backup, or make it as its migration does",
    "column": "put it back with `ALTER TABLE {table} ADD COLUMN {name} {definition}`, and its content from a backup",
    "constraint": "put it back with `ALTER TABLE {table} ADD CONSTRAINT {name} {definition}`",
    "index": "put it back with `{definition}`",
    "trigger": "put it back with `{definition}`",
}
AS_MIGRATED = "make it as its migration does"
REMOVE = {"table": "look what is in it, then drop it, or move it into a schema of its own"}
DROP = "drop it, or write the migration that makes it"
LEFT_OVER = "it is what is left of one whose building failed, so remove it with `DROP INDEX CONCURRENTLY {name}`"

# By what stands behind a definition that is right otherwise.
MENDED = {
    ("trigger", DISABLED): "is disabled: turn it on with `ALTER TABLE {table} ENABLE TRIGGER {name}`",
    ("constraint", DISABLED): (
        "is not held, because its triggers are disabled: turn them on, here and on the table it names, with "
        "`ALTER TABLE {table} ENABLE TRIGGER ALL`"
    ),
    ("constraint", NOT_VALID): (
        "is NOT VALID, so older rows may break it: mend those, then `ALTER TABLE {table} VALIDATE CONSTRAINT {name}`"
    ),
    ("constraint", INVALID): "has an invalid index: build it anew with `REINDEX INDEX CONCURRENTLY {name}`",
    ("index", INVALID): "is invalid, so nobody uses it: build it anew with `REINDEX INDEX CONCURRENTLY {name}`",
}
ANOTHER_FUNCTION = "is not the one of the migrations: run the newest CREATE FUNCTION that they have for it again"
ANOTHER = "is `{found}` and should be `{definition}`: change it back, or write the migration that makes it so"


def differences(kept: Structure, found: Structure) -> list[str]:
    """Of a table that only one of them has, only the table is named."""
    whole = {thing.name for thing in kept.keys() ^ found.keys() if thing.kind == "table"}
    differing = {it for it in kept.keys() | found.keys() if kept.get(it) != found.get(it) and it.table not in whole}
    return [_sentence(thing, kept.get(thing), found.get(thing)) for thing in in_order(dict.fromkeys(differing, ""))]


def _sentence(thing: Thing, kept: str | None, found: str | None) -> str:
    if found is None:
        said = f"The {thing} is missing: {_filled(PUT_BACK.get(thing.kind, AS_MIGRATED), thing, kept)}."
    elif kept is None:
        is_left_over = thing.kind == "index" and found.endswith(INVALID)
        to_do = LEFT_OVER if is_left_over else REMOVE.get(thing.kind, DROP)
        said = f"No migration makes the {thing}: {_filled(to_do, thing)}."
    elif thing.kind == "function":
        said = f"The {thing} {ANOTHER_FUNCTION}."
    else:
        said = (
            f"The {thing} {_filled(MENDED.get((thing.kind, found.removeprefix(kept)), ANOTHER), thing, kept, found)}."
        )
    # Whatever somebody named a table, it stays one line.
    return said if said.isprintable() else said.encode("unicode_escape").decode()


def _filled(words: str, thing: Thing, kept: str | None = "", found: str = "") -> str:
    return words.format(name=_quoted(thing.name), table=_quoted(thing.table), definition=kept, found=found)


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'

"""Does the database stand as models and migrations say? Both ways, from one look at it and a text that is kept."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg.errors import InsufficientPrivilege

from carecollective import grants, migrated, ports, structure_catalog, structure_sentences, structure_text
from carecollective.ports import Signal
from carecollective.structure_text import CannotCompare, Structure, Thing

# Health is asked every few seconds by everybody; what differs now will differ in a minute.
FRESH_SECONDS = 60.0
_last_look: tuple[float, Signal] | None = None


def differences() -> list[str]:
    """Every difference, each as one sentence that says what to do."""
    with _in_plain_words():
        found = structure_catalog.read()
        if Thing("table", "django_migrations") not in found:
            return ["The database has no django_migrations, so nothing was ever migrated: run manage.py migrate."]
        gone = ports.taken_down()
        kept = structure_text.read(gone)
        compared = structure_sentences.differences(kept, found)
        return [*gone.values(), *_of_migrations(), *_of_models(kept, gone), *compared, *grants.differences()]


def write() -> list[str]:
    """Keeps what this database has as what the migrations make; a test compares it with one built from nothing."""
    with _in_plain_words():
        if _of_migrations():
            raise CannotCompare("This database is not where the migrations are: run manage.py migrate first.")
        return structure_text.write(structure_catalog.read())


def health() -> Signal:
    """For everybody to read, so it counts and does not name."""
    global _last_look
    if _last_look is None or time.monotonic() > _last_look[0] + FRESH_SECONDS:
        _last_look = time.monotonic(), _look()
    return _last_look[1]


def _look() -> Signal:
    try:
        with _in_plain_words():
            found = structure_catalog.read()
            gone = ports.taken_down()
            compared = structure_sentences.differences(structure_text.read(gone), found)
            drift = [*gone.values(), *compared, *grants.differences()]
    except CannotCompare:
        return Signal({"differences": None}, "The schema could not be compared. manage.py verify_schema says why.")
    warning = f"{len(drift)} differences from what the migrations make. manage.py verify_schema names each."
    return Signal({"differences": len(drift)}, warning if drift else "")


def _of_migrations() -> list[str]:
    return [
        *(f"The migration {name} is not applied: run manage.py migrate." for name in migrated.pending()),
        *(
            f"The database has the migration {name}, which this code does not know: deploy the code it came with, "
            "or take it back with that code."
            for name in migrated.unknown()
        ),
    ]


def _of_models(kept: Structure, gone: Collection[str] = ()) -> list[str]:
    return [
        *(
            f"Models of {app} changed without a migration: run manage.py makemigrations."
            for app in migrated.unwritten()
        ),
        *(
            f"The model {model.__name__} reads {column}, which no migration makes: write the migration that does."
            for model in apps.get_models(include_auto_created=True)
            if model._meta.app_label not in gone
            for field in model._meta.local_concrete_fields
            if (column := Thing("column", str(field.column), model._meta.db_table)) not in kept
        ),
    ]


@contextmanager
def _in_plain_words() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as problem:
        raise CannotCompare(f"The database does not answer: {_first_line(problem)}") from problem
    except DatabaseError as problem:
        if isinstance(problem.__cause__, InsufficientPrivilege):
            raise CannotCompare(
                f"The role of DATABASE_URL may not look ({_first_line(problem)}): run manage.py migrate, which grants "
                "it that, or ask as the owner with DATABASE_ROLE=owner."
            ) from problem
        raise CannotCompare(f"The database cannot be read: {_first_line(problem)}") from problem


def _first_line(problem: Exception) -> str:
    return (str(problem).strip().splitlines() or ["it gives no reason"])[0]

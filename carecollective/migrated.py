"""Migrations that the code has and the database has not, the other way round, and those nobody has written yet."""

from functools import cache

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

# App and name.
Migration = tuple[str, str]


def pending() -> list[str]:
    done = _applied()
    return _named({key for key, replaced in on_disk().items() if not _is_applied(key, replaced, done)})


def unknown() -> list[str]:
    """Those of newer code, or of code that is gone; but of a room that was deleted, what it left says so itself."""
    known = on_disk().keys() | {old for replaced in on_disk().values() for old in replaced}
    deleted = {room for room in settings.ROOMS if not apps.is_installed(room)}
    return _named({(app, name) for app, name in _applied() - known if app not in deleted})


def unwritten() -> list[str]:
    """Apps whose models say something that no migration makes."""
    graph = _loader().graph
    detector = MigrationAutodetector(_loader().project_state(), ProjectState.from_apps(apps))
    return sorted(detector.changes(graph=graph))


@cache
def on_disk() -> dict[Migration, list[Migration]]:
    """With those each one replaces."""
    return {
        key: [(app, name) for app, name in migration.replaces] for key, migration in _loader().disk_migrations.items()
    }


@cache
def _loader() -> MigrationLoader:
    return MigrationLoader(None, ignore_no_migrations=True)


def _applied() -> set[Migration]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return set(cursor.fetchall())


def _is_applied(key: Migration, replaced: list[Migration], applied: set[Migration]) -> bool:
    return key in applied or (bool(replaced) and applied.issuperset(replaced))


def _named(keys: set[Migration]) -> list[str]:
    return sorted(".".join(key) for key in keys)

"""Readies the database, the static files and the demo data, as the database's owner."""

# All in one process: loading Django once more for each would make every start a second longer.

import os

from _static import collect_static
from _steps import ROOT, Stopped, run_plainly

from carecollective.env import Unreadable


def main() -> int:
    os.chdir(ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carecollective.settings")
    os.environ.setdefault("DATABASE_ROLE", "owner")
    import django

    try:
        django.setup()
    except Unreadable as problem:
        raise Stopped(str(problem)) from problem
    _migrate()
    collect_static()
    _load_demo()
    return 0


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import DatabaseError, connection

    try:
        connection.ensure_connection()
    except DatabaseError as problem:
        raise Stopped(f"The database of DATABASE_URL cannot be reached: {_first_line(problem)}") from problem
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as problem:
        raise Stopped(f"The database of DATABASE_URL cannot be migrated: {_first_line(problem)}") from problem


def _load_demo() -> None:
    from django.core.management import CommandError, call_command

    try:
        call_command("load_demo", skip_checks=True)
    except CommandError as problem:
        raise Stopped(f"The demo data cannot be loaded: {problem}") from problem


def _first_line(problem: Exception) -> str:
    return (str(problem).strip().splitlines() or ["it gives no reason."])[0]


if __name__ == "__main__":
    run_plainly(main)

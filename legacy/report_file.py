"""The report as a file."""

from collections.abc import Iterator
from pathlib import Path

from django.db import connection, transaction
from django.utils.timezone import now

from legacy import report_words
from legacy.new_file import write_new


def write(to: str = "") -> Path:
    path = Path(to or f"v1-backfill-{now():%Y-%m-%d-%H%M%S}.md").absolute()
    write_new(path, _lines_of_one_moment(), "report")
    return path


def _lines_of_one_moment() -> Iterator[str]:
    """A run that goes on meanwhile changes nothing in it."""
    with transaction.atomic():
        if not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield from report_words.lines()

"""The report as a file: whole, or not there at all; never in place of another."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.db import connection, transaction
from django.utils.timezone import now

from carecollective.errors import NotValid
from legacy import report_words

REASONS = {
    errno.ENOENT: "there is no such folder",
    errno.ENOTDIR: "there is no such folder",
    errno.EACCES: "this account may not write there",
    errno.EPERM: "this account may not write there",
    errno.EROFS: "nothing can be written there",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full for this account",
    errno.EFBIG: "it would be larger than a file may be here",
    errno.ENAMETOOLONG: "the name is too long",
}
# Some file systems know no second name for a file.
NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


def write(to: str = "") -> Path:
    path = Path(to or f"v1-backfill-{now():%Y-%m-%d-%H%M%S}.md").absolute()
    try:
        _must_be_new(path)
        _write_whole(path)
    except FileExistsError:
        raise NotValid(f"{path} is there already. Please name another file.") from None
    except OSError as problem:
        why = REASONS.get(problem.errno or 0, (problem.strerror or "it gives no reason").lower())
        raise NotValid(f"The report cannot be written to {path}: {why}. Nothing was left there.") from problem
    return path


def _must_be_new(path: Path) -> None:
    if os.path.lexists(path):
        raise FileExistsError(path)


def _write_whole(path: Path) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".v1-backfill-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            for line in _lines_of_one_moment():
                file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())
        # A file for whoever reviews the change, as any other that this account makes.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        _appear(name, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _appear(name: str, path: Path) -> None:
    try:
        os.link(name, path)
    except OSError as problem:
        if problem.errno not in NO_LINKS:
            raise
        _must_be_new(path)
        os.rename(name, path)


def _lines_of_one_moment() -> Iterator[str]:
    """A run that goes on meanwhile changes nothing in it."""
    with transaction.atomic():
        if not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield from report_words.lines()

"""A file that is there as a whole, or not at all; never in place of another."""

import errno
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from carecollective.errors import NotValid

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


def write_new(path: Path, lines: Iterable[str], what: str, *, is_private: bool = False) -> None:
    """On the disk when this ends. A private one is for this account alone, others for whom this account allows."""
    try:
        must_be_new(path)
        _write_whole(path, lines, is_private)
    except FileExistsError:
        raise NotValid(f"{path} is there already. Please name another file.") from None
    except OSError as problem:
        why = REASONS.get(problem.errno or 0, (problem.strerror or "it gives no reason").lower())
        raise NotValid(f"The {what} cannot be written to {path}: {why}. Nothing was left there.") from problem


def must_be_new(path: Path) -> None:
    if os.path.lexists(path):
        raise FileExistsError(path)


def _write_whole(path: Path, lines: Iterable[str], is_private: bool) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".v1-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            for line in lines:
                file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())
        if not is_private:
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(name, 0o666 & ~umask)
        _appear(name, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)
    _keep_name_of(path)


def _appear(name: str, path: Path) -> None:
    try:
        os.link(name, path)
    except OSError as problem:
        if problem.errno not in NO_LINKS:
            raise
        must_be_new(path)
        os.rename(name, path)


def _keep_name_of(path: Path) -> None:
    """A name is on the disk once its folder is."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

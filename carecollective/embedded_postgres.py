"""A real PostgreSQL without an installation: up while any process holds it, stopped after the last one."""

# Every process that uses the server holds a shared lock on one file, which the kernel drops however the process
# ends; a detached guard (embedded_postgres_guard.py) runs the server until it gets that lock for itself alone.

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from carecollective import embedded_postgres_guard
from carecollective import embedded_postgres_places as places
from carecollective.embedded_postgres_places import DatabaseUnavailable as DatabaseUnavailable

DATABASE = "carecollective"
OWNER = "care_owner"
SITE = "care_site"
SETTLE_SECONDS = 20
# One statement a line: that is how PostgreSQL's single-user mode reads them. The site's role may do nothing yet.
FIRST_STATEMENTS = f"""
CREATE ROLE {SITE} LOGIN;
CREATE ROLE {OWNER} LOGIN CREATEDB;
GRANT {SITE} TO {OWNER};
CREATE DATABASE {DATABASE} OWNER {OWNER};
"""
# Neither role is a superuser and no superuser can connect, because one would bypass every grant.
ACCESS = f"local all {OWNER},{SITE} trust\n"
# Loses data when the machine stops, though not when the server is killed; only tests ask for it.
# Nothing lives long enough to be vacuumed, and a database at work on that cannot be dropped by its owner.
FORGETFUL = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "autovacuum=off"]
GUARD = [sys.executable, "-I", "-S", embedded_postgres_guard.__file__]


class EmbeddedPostgres:
    """One server with its data in one folder."""

    def __init__(self, folder: Path, durable: bool = True):
        self.account = places.server_account(folder)
        self.home = places.home_of(folder, self.account)
        self.durable = durable
        self.cluster = self.home / "cluster"
        self.socket = places.socket_folder(self.home)
        self._users: int | None = None

    def hold(self) -> None:
        """Keep the server up until this process releases it or ends."""
        try:
            places.make_home(self.home, self.account)
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
        programs = places.programs(self.home, self.account)
        if not self.cluster.exists():
            self._create_cluster(programs)
        places.private_folder(self.socket, self.account)
        server = [programs / "postgres", "-D", self.cluster, "-k", self.socket]
        options = ["-c", "listen_addresses=", *([] if self.durable else FORGETFUL)]
        account = ",".join(map(str, self.account or ()))
        subprocess.Popen(
            [*GUARD, str(lock), str(self.home), account, *map(str, server), *options],
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
        places.private_folder(unfinished, self.account)
        locale = ["--no-locale", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        clock = ["--set", "timezone=UTC", "--set", "log_timezone=UTC"]
        more = [*locale, *clock, *([] if self.durable else ["--no-sync"])]
        self._run([programs / "initdb", "-D", unfinished, "-U", "postgres", "--auth=reject", *more])
        self._run([programs / "postgres", "--single", "-D", unfinished, "postgres"], typed=FIRST_STATEMENTS)
        (unfinished / "pg_hba.conf").write_text(ACCESS)
        unfinished.rename(self.cluster)

    def _run(self, command: list[str | Path], typed: str = "") -> None:
        done = subprocess.run(command, input=typed, text=True, capture_output=True, **places.how_to_run(self.account))
        if done.returncode or " ERROR: " in done.stderr:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise DatabaseUnavailable(f"The embedded database could not be created: {reason}")

    def _wait_until_ready(self) -> None:
        # Asked with the package's own program: this module also serves scripts that have no database driver.
        program = places.programs(self.home, self.account) / "pg_isready"
        question: list[str | Path] = [program, "-q", "-h", self.socket, "-U", SITE, "-d", DATABASE]
        deadline = time.monotonic() + SETTLE_SECONDS
        while subprocess.run(question, env=places.environment()).returncode:
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(f"The embedded database does not start: {_last_complaint(self.home)}")
            time.sleep(0.05)


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

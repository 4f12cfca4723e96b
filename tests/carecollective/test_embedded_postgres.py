"""The embedded server is there as long as somebody needs it, whatever is killed, and never longer."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from carecollective import embedded_postgres_places as places
from carecollective.embedded_postgres import OWNER, SITE, DatabaseUnavailable, EmbeddedPostgres
from tests.support.database import ROOT

HOLDER = """
import sys
from pathlib import Path
from carecollective.embedded_postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.hold()
print("held", flush=True)
for line in sys.stdin:
    server.ensure_guard()
"""


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    # Not pytest's own folder: that one is closed to the account that runs the server when we are root.
    path = Path(tempfile.mkdtemp(prefix="care-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def folder(open_folder: Path) -> Iterator[Path]:
    """The same for every test, for speed: what one test killed, the next one starts."""
    yield open_folder / "postgres"
    assert soon(lambda: not processes_of(open_folder)), "the server was left behind"


@pytest.fixture
def hold(folder: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    holders: list[subprocess.Popen[str]] = []

    def one_more() -> subprocess.Popen[str]:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        holders.append(holder)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        return holder

    yield one_more
    for holder in holders:
        holder.kill()
        holder.communicate()


Hold = Callable[[], subprocess.Popen[str]]


def test_the_server_stops_after_its_holder(folder: Path, hold: Hold) -> None:
    holder = hold()
    assert answers(folder)
    holder.communicate()
    assert soon(lambda: not processes_of(folder))


def test_the_server_stops_after_its_holder_is_killed(folder: Path, hold: Hold) -> None:
    hold().kill()
    assert soon(lambda: not processes_of(folder))


def test_two_holders_share_one_server_until_the_second_is_gone(folder: Path, hold: Hold) -> None:
    first = hold()
    server = postmaster(folder)
    second = hold()
    first.kill()
    time.sleep(1)
    assert postmaster(folder) == server
    assert answers(folder)
    second.kill()
    assert soon(lambda: not processes_of(folder))


def test_a_killed_server_comes_back_with_what_was_committed(folder: Path, hold: Hold) -> None:
    hold()
    table = keep_something(folder)
    server = postmaster(folder)
    os.kill(server, signal.SIGKILL)
    assert soon(lambda: answers(folder))
    assert postmaster(folder) != server
    assert say(folder, OWNER, f"SELECT * FROM {table}") == [(1,)]


def test_a_killed_guard_takes_the_server_with_it_and_the_next_look_brings_both_back(folder: Path, hold: Hold) -> None:
    holder = hold()
    os.kill(guard(folder), signal.SIGKILL)
    assert soon(lambda: not processes_of(folder / "cluster"))
    assert holder.stdin is not None
    holder.stdin.write("look\n")
    holder.stdin.flush()
    assert soon(lambda: answers(folder))
    assert guard(folder)


def test_after_everything_was_killed_at_once_the_next_holder_finds_its_data(folder: Path, hold: Hold) -> None:
    holder = hold()
    table = keep_something(folder)
    for number in (holder.pid, guard(folder), postmaster(folder)):
        os.kill(number, signal.SIGKILL)
    hold()
    assert say(folder, OWNER, f"SELECT * FROM {table}") == [(1,)]


def test_a_note_with_the_number_of_another_program_is_no_hindrance(folder: Path, hold: Hold) -> None:
    hold().communicate()
    assert soon(lambda: not processes_of(folder))
    (folder / "cluster" / "postmaster.pid").write_text(f"{os.getpid()}\n{folder / 'cluster'}\n")
    hold()
    assert answers(folder)


def test_a_half_made_cluster_is_made_anew(folder: Path, hold: Hold) -> None:
    (folder / "cluster.unfinished" / "base").mkdir(parents=True)
    shutil.rmtree(folder / "cluster", ignore_errors=True)
    hold()
    assert answers(folder)


def test_nobody_connects_as_superuser_or_over_the_network(folder: Path, hold: Hold) -> None:
    hold()
    assert say(folder, SITE, "SELECT rolname::text FROM pg_roles WHERE rolsuper") == [("postgres",)]
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        say(folder, "postgres", "SELECT 1")
    assert say(folder, SITE, "SHOW listen_addresses") == [("",)]
    assert (folder / "socket").stat().st_mode & 0o777 == 0o700
    assert (folder / "cluster").stat().st_mode & 0o777 == 0o700


def test_the_site_may_not_make_tables_and_the_owner_may_make_databases(folder: Path, hold: Hold) -> None:
    hold()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        say(folder, SITE, "CREATE TABLE mine (id int)")
    say(folder, OWNER, f"CREATE DATABASE {a_name()}")


def test_text_sorts_by_code_point_and_time_is_utc(folder: Path, hold: Hold) -> None:
    hold()
    asked = "SELECT datlocprovider::text, datlocale FROM pg_database WHERE datname = 'carecollective'"
    assert say(folder, SITE, asked) == [("b", "C.UTF-8")]
    assert say(folder, SITE, "SHOW timezone") == [("UTC",)]


def test_a_long_path_gets_a_short_socket() -> None:
    server = EmbeddedPostgres(Path("/tmp") / ("long" * 30))
    assert len(str(server.socket / ".s.PGSQL.5432")) < 100


def test_a_folder_the_servers_account_cannot_enter_is_left_for_one_it_can(open_folder: Path) -> None:
    project = open_folder / "project"
    project.mkdir(mode=0o700)
    stranger = (os.getuid() + 4321, os.getgid() + 4321)
    assert places.home_of(project / "postgres", stranger).is_relative_to("/var/lib/carecollective")
    project.chmod(0o755)
    assert places.home_of(project / "postgres", stranger) == project / "postgres"


def test_programs_copied_for_the_servers_account_run_from_there(open_folder: Path) -> None:
    package = places.programs(open_folder, None).parents[1]
    copied = places._copied_for((os.getuid(), os.getgid()), package, open_folder / "programs")
    version = subprocess.run([copied / places.PROGRAMS / "initdb", "--version"], capture_output=True, text=True)
    assert version.stdout.startswith("initdb (PostgreSQL) 18")


def test_a_folder_that_cannot_be_used_is_named(open_folder: Path) -> None:
    file = open_folder / "file"
    file.touch(mode=0o755)
    with pytest.raises(DatabaseUnavailable, match=f"{file}.*: "):
        EmbeddedPostgres(file).hold()


def keep_something(folder: Path) -> str:
    table = a_name()
    say(folder, OWNER, f"CREATE TABLE {table} AS SELECT 1")
    return table


def a_name() -> str:
    return f"kept_{secrets.token_hex(4)}"


def say(folder: Path, role: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(EmbeddedPostgres(folder).url(role), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def answers(folder: Path) -> bool:
    try:
        return say(folder, SITE, "SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def postmaster(folder: Path) -> int:
    return int((folder / "cluster" / "postmaster.pid").read_text().split()[0])


def guard(folder: Path) -> int:
    return next(number for number, command in processes_of(folder).items() if "embedded_postgres_guard" in command)


def processes_of(folder: Path) -> dict[int, str]:
    """The guard and the server of this folder, by their command lines."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command and "/bin/postgres " in command:
            found[int(process.name)] = command
    return found


def soon(happens: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happens():
            return True
        time.sleep(0.1)
    return False

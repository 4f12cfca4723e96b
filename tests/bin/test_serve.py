"""bin/serve as people use it: one command up, one key down, and a plain sentence when it cannot."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.database import ROOT
from tests.support.site import free_port

NOT_COPIED = shutil.ignore_patterns(".venv", ".data", ".git", ".env", "__pycache__", "tests")
START_SECONDS = 90


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    """A copy of the project with the same packages, so that nothing meets the site somebody may be running here."""
    place = Path(tempfile.mkdtemp(prefix="care-", dir="/tmp"))
    place.chmod(0o755)
    project = place / "care"
    shutil.copytree(ROOT, project, ignore=NOT_COPIED, symlinks=True)
    (project / ".venv").symlink_to(ROOT / ".venv")
    yield project
    shutil.rmtree(place)


@pytest.fixture
def serve(checkout: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start(*options: str, **settings: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            ["bin/serve", *options],
            cwd=checkout,
            env={"PATH": os.environ["PATH"], "HOME": "/tmp", **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
    assert soon(lambda: not processes_of(checkout)), processes_of(checkout)


Serve = Callable[..., subprocess.Popen[str]]


def test_it_is_up_survives_its_database_being_killed_and_leaves_nothing(checkout: Path, serve: Serve) -> None:
    port = str(free_port())
    site = up(serve("--port", port), port)
    assert site.poll() is None

    assert one_sentence(serve("--port", str(free_port()))) == (
        f"This site is running already, at http://127.0.0.1:{port}."
    )
    kill_oldest(checkout, "/bin/postgres -D", but="embedded_postgres_guard")
    assert soon(lambda: status(port, "/") == 200)
    kill_oldest(checkout, "embedded_postgres_guard")
    assert soon(lambda: status(port, "/") == 200)

    site.send_signal(signal.SIGINT)
    assert site.wait(35) == 0
    assert soon(lambda: not processes_of(checkout))


def test_after_a_kill_it_leaves_nothing_and_is_up_again_with_its_data(checkout: Path, serve: Serve) -> None:
    port = str(free_port())
    up(serve("--port", port), port).kill()
    assert soon(lambda: not processes_of(checkout))
    site = serve("--port", port)
    words = said_until_up(site, port)
    assert "shown this once" not in words, "the demo data was loaded twice"
    # Whoever operates it speaks to the same site. The demo data has messaging_v2 on.
    assert manage(checkout, "flag", "show").startswith("messaging_v2 is on (by the switch).\n")
    site.terminate()
    assert site.wait(35) == 0


def manage(checkout: Path, *command: str) -> str:
    """What it prints, and nothing else stands there."""
    surroundings = {"PATH": os.environ["PATH"], "HOME": "/tmp"}
    done = subprocess.run(
        ["bin/manage", *command], cwd=checkout, env=surroundings, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize(("name", "part"), [("web", "bin/_web.py"), ("worker", "manage.py worker")])
def test_when_one_process_is_killed_the_site_stops_and_says_so(
    checkout: Path, serve: Serve, name: str, part: str
) -> None:
    port = str(free_port())
    site = up(serve("--port", port), port)
    kill_oldest(checkout, part)
    assert f"The {name} process ended, so the site stops." in one_sentence(site)
    assert soon(lambda: not processes_of(checkout))


def test_a_busy_port_is_said(serve: Serve) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        expected = f"Port {port} is in use; choose another: bin/serve --port {port + 1}."
        assert one_sentence(serve("--port", str(port))) == expected


def test_an_unreadable_setting_is_named(serve: Serve) -> None:
    sentence = one_sentence(serve("--port", str(free_port()), DEBUG="perhaps"))
    assert sentence == "DEBUG must be true or false, but 'perhaps' is not."


def test_a_misspelt_name_in_the_settings_file_is_named(checkout: Path, serve: Serve) -> None:
    (checkout / ".env").write_text("SITE_ULR=http://localhost\n")
    try:
        sentence = one_sentence(serve("--port", str(free_port())))
    finally:
        (checkout / ".env").unlink()
    assert "SITE_ULR" in sentence


def test_a_database_that_does_not_answer_is_named_without_its_password(serve: Serve) -> None:
    url = f"postgresql://somebody:hidden-word@127.0.0.1:{free_port()}/care"
    sentence = one_sentence(serve("--port", str(free_port()), DATABASE_URL=url))
    assert sentence.startswith("The database of DATABASE_URL cannot be reached: ")
    assert "hidden-word" not in sentence


def test_a_data_folder_that_cannot_be_used_is_named(checkout: Path, serve: Serve) -> None:
    moved = checkout / "moved"
    if (checkout / ".data").exists():
        assert soon(lambda: not processes_of(checkout))
        (checkout / ".data").rename(moved)
    (checkout / ".data").touch()
    try:
        sentence = one_sentence(serve("--port", str(free_port())))
    finally:
        (checkout / ".data").unlink()
        if moved.exists():
            moved.rename(checkout / ".data")
    assert str(checkout / ".data") in sentence


def up(site: subprocess.Popen[str], port: str) -> subprocess.Popen[str]:
    said_until_up(site, port)
    assert status(port, "/api/health/live") == 200
    return site


def said_until_up(site: subprocess.Popen[str], port: str) -> str:
    assert site.stdout is not None
    said = ""
    deadline = time.monotonic() + START_SECONDS
    for line in site.stdout:
        said += line
        if f"CARE Collective is at http://127.0.0.1:{port}" in line:
            return said
        assert time.monotonic() < deadline, said
    assert site.stderr is not None
    raise AssertionError(said + site.stderr.read())


def one_sentence(site: subprocess.Popen[str]) -> str:
    _, complaint = site.communicate(timeout=60)
    assert site.returncode == 1
    assert len(complaint.strip().splitlines()) == 1, complaint
    return complaint.strip()


def status(port: str, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return int(answer.status)
    except OSError:
        return 0


def kill_oldest(checkout: Path, part: str, but: str = "nothing") -> None:
    found = processes_of(checkout).items()
    os.kill(min(number for number, command in found if part in command and but not in command), signal.SIGKILL)


def processes_of(checkout: Path) -> dict[int, str]:
    """What runs from this checkout, by working folder or command line."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = os.readlink(process / "cwd")
        except OSError:
            continue
        if command and (place == str(checkout) or str(checkout) in command):
            found[int(process.name)] = command
    return found


def soon(happens: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happens():
            return True
        time.sleep(0.2)
    return False

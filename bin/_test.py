"""Runs every check there is, in order, and names at the end those that failed."""

import argparse
import os
import shutil
import subprocess
import sys

from _settings import given_settings, local_settings
from _steps import DATA, ROOT, Stopped, run_plainly, step

from carecollective.embedded_postgres import OWNER, SITE, DatabaseUnavailable, EmbeddedPostgres

# Chromium without its windows: what a page sees is the same, for half the processor time.
LEAN = "chromium-headless-shell"
BROWSERS = (LEAN, "chromium", "chromium-browser", "google-chrome")
ADDRESS = "https://care.example.org"
PRODUCTION = {"DEBUG": "false", "PRODUCTION_LIKE": "false", "SITE_URL": ADDRESS, "ALLOWED_HOSTS": "care.example.org"}


class CheckFailed(Exception):
    """A check found something; the text is what it printed."""


def main() -> int:
    options, more = _options()
    DATA.mkdir(exist_ok=True)
    _have_a_browser()
    failed = [] if options.parts else _failed_checks()
    parts = [*options.parts, *more, *(["--long"] if options.long else [])]
    print("tests …", flush=True)
    # A process that has done its own takes over from the others, so that none is idle while another has work.
    shared = ["-n", _processes(), "--dist", "worksteal"]
    tests = subprocess.run([sys.executable, "-m", "pytest", *shared, *parts], cwd=ROOT, env=_compiling_once())
    if tests.returncode:
        failed.append("tests")
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


def _options() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="bin/test", description="Every check; more options are given to pytest.")
    parser.add_argument("parts", nargs="*", metavar="PATH", help="run only these tests")
    parser.add_argument("--long", action="store_true", help="with the long counts of the costly tests")
    return parser.parse_known_args()


def _processes() -> str:
    # Each test process also keeps a site with two workers busy.
    return str(max(2, (os.cpu_count() or 2) // 2))


def _compiling_once() -> dict[str, str]:
    """The tests start dozens of processes, and each would compile the whole site again."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _have_a_browser() -> None:
    has_one, can_install = any(map(shutil.which, BROWSERS)), os.geteuid() == 0 and shutil.which("apt-get")
    if shutil.which(LEAN) or (has_one and not can_install):
        return
    if not can_install:
        raise Stopped(f"The tests need Chromium. Install it (on Debian: apt-get install {LEAN}).")
    with step("Installing Chromium"):
        _apt_get("update")
        # Not every system has the lean one as a package.
        if _problem_installing(LEAN) and not has_one and (problem := _problem_installing("chromium")):
            raise Stopped(f"Chromium could not be installed with apt-get: {problem}")


def _problem_installing(package: str) -> str:
    return _apt_get("install", "--yes", "--no-install-recommends", package)


def _apt_get(*command: str) -> str:
    """Why it could not, or nothing."""
    done = subprocess.run(["apt-get", "-qq", *command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return (done.stderr.strip().splitlines() or ["it gives no reason"])[-1] if done.returncode else ""


def _failed_checks() -> list[str]:
    environment = _production_settings()
    return [name for name, commands in _checks().items() if not _passes(name, commands, environment)]


def _checks() -> dict[str, list[list[str]]]:
    python, manage = [sys.executable, "-m"], [sys.executable, "manage.py"]
    templates = sorted(str(file.relative_to(ROOT)) for file in ROOT.glob("templates/**/*.html"))
    rooms = sorted(file.parent.name for file in ROOT.glob("*/__init__.py"))
    return {
        "format": [
            [*python, "ruff", "format", "--check", "--quiet", "."],
            [_tool("djade"), "--check", "--target-version", "5.2", *templates],
        ],
        "lint": [[*python, "ruff", "check", "--quiet", "."]],
        "types": [[*python, "mypy", *rooms, "bin", "manage.py"]],
        "arrow": [[_tool("lint-imports"), "--no-logo", "--cache-dir", str(DATA / "import-linter")]],
        "migrations": [[*manage, "makemigrations", "--check", "--dry-run"]],
        "deploy": [[*manage, "check", "--deploy", "--fail-level", "WARNING"]],
        "contrast": [[sys.executable, "bin/_contrast.py"]],
    }


def _tool(name: str) -> str:
    return f"{sys.prefix}/bin/{name}"


def _passes(name: str, commands: list[list[str]], environment: dict[str, str]) -> bool:
    try:
        with step(name):
            for command in commands:
                done = subprocess.run(
                    command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
                )
                if done.returncode:
                    raise CheckFailed(done.stdout + done.stderr)
    except CheckFailed as found:
        print(found, flush=True)
        return False
    return True


def _production_settings() -> dict[str, str]:
    """As on a real site. The tests themselves are not given these: they make their own databases."""
    environment = os.environ | local_settings(ADDRESS) | PRODUCTION
    if given_settings().is_set("DATABASE_URL"):
        return environment
    try:
        embedded = EmbeddedPostgres(DATA / "test-postgres", durable=False)
        embedded.hold()
    except DatabaseUnavailable as problem:
        raise Stopped(str(problem)) from problem
    return environment | {"DATABASE_URL": embedded.url(SITE), "DATABASE_OWNER_URL": embedded.url(OWNER)}


if __name__ == "__main__":
    run_plainly(main)

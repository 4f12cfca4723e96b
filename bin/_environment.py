"""Makes the Python environment with the locked packages, then goes on inside it. Standard library only."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from _steps import ROOT, Stopped, one_at_a_time, run_plainly, step

HOME = ROOT / ".venv"
PYTHON = HOME / "bin" / "python"
STAMP = HOME / "installed.txt"
# What is needed for tests contains what is needed to run.
LOCKS = {
    "serve": ["requirements.txt"],
    "manage": ["requirements.txt"],
    "test": ["requirements.txt", "requirements-dev.txt"],
    "gallery": ["requirements.txt", "requirements-dev.txt"],
}


def main() -> int:
    script, *options = sys.argv[1:]
    wanted = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in LOCKS[script]}
    if not _is_ready(wanted):
        with one_at_a_time("environment"):
            if not _works():
                _make()
            if not _is_ready(wanted):
                _install(wanted)
    os.execv(PYTHON, [str(PYTHON), str(ROOT / "bin" / f"_{script}.py"), *options])


def _is_ready(wanted: dict[str, str]) -> bool:
    if not STAMP.is_file() or not _works():
        return False
    return set(_lines(wanted)) <= set(STAMP.read_text().splitlines())


def _works() -> bool:
    # Not just there: an environment may have been moved, half made, or made by a Python that is gone.
    if Path(sys.prefix) == HOME:
        return True
    try:
        return subprocess.run([PYTHON, "-c", "import encodings"], capture_output=True).returncode == 0
    except OSError:
        return False


def _make() -> None:
    uv = shutil.which("uv")
    if uv is None and importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Stopped(
            f"Python {version} here cannot make environments, because its ensurepip is missing. "
            f"Install it (on Debian or Ubuntu: apt-get install python{version}-venv), then try again."
        )
    with step("Making a Python environment in .venv"):
        if uv:
            _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(HOME)])
        else:
            _run([sys.executable, "-m", "venv", "--clear", str(HOME)])


def _install(wanted: dict[str, str]) -> None:
    name = list(wanted)[-1]
    with step(f"Installing the packages of {name}"):
        _run([*_installer(), "--require-hashes", "-r", str(ROOT / name)])
    STAMP.write_text("\n".join(_lines(wanted)) + "\n")


def _installer() -> list[str]:
    uv = shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    if subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode:
        _run([str(PYTHON), "-m", "ensurepip"])
    return [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        print("\n" + (done.stderr or done.stdout).strip()[-2000:], file=sys.stderr)
        raise Stopped(f"`{Path(command[0]).name} {' '.join(command[1:4])} …` failed; the lines above say why.")


def _lines(digests: dict[str, str]) -> list[str]:
    return [f"{name} {digest}" for name, digest in digests.items()]


if __name__ == "__main__":
    run_plainly(main)

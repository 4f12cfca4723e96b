"""Runs a command of manage.py on the site of this machine, whether bin/serve runs or not."""

import os
import subprocess
import sys
from contextlib import ExitStack, redirect_stdout

from _settings import local_database, local_settings
from _steps import DATA, ROOT, run_plainly

LOCK = DATA / "serve.lock"


def main() -> int:
    DATA.mkdir(exist_ok=True)
    running = LOCK.read_text().strip() if LOCK.is_file() else ""
    environment = os.environ | local_settings(running or "http://127.0.0.1:8000")
    with ExitStack() as held:
        # What the command prints is all that stands in its output.
        with redirect_stdout(sys.stderr):
            database, _ = held.enter_context(local_database())
        command = [sys.executable, "manage.py", *sys.argv[1:]]
        return subprocess.run(command, cwd=ROOT, env=environment | database).returncode


if __name__ == "__main__":
    run_plainly(main)

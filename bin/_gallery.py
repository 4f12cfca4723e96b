"""Draws every page of the site anew into docs/gallery/, on a database and a site of its own."""

import subprocess
import sys

from _steps import DATA, ROOT, run_plainly


def main() -> int:
    DATA.mkdir(exist_ok=True)
    # The list of pages, their people and the browser are those of the tests.
    return subprocess.run([sys.executable, "-m", "pytest", "-q", "tests/gallery.py"], cwd=ROOT).returncode


if __name__ == "__main__":
    run_plainly(main)

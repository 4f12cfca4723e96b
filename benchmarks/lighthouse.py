"""Lighthouse, when somebody put it on this machine: it is no part of the project and is never installed by it."""

import json
import os
import shutil
import subprocess

from benchmarks import tables
from benchmarks.pages import Page
from benchmarks.place import Place

WANTED = 95
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
ABSENT = "Lighthouse is not on this machine, so its scores are not known (npm install --global lighthouse@12)."
CHROME = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"


def scores(place: Place, pages: tuple[Page, ...], session: str, program: str) -> str:
    """A table of its own, under the other one."""
    lighthouse = shutil.which("lighthouse")
    if lighthouse is None:
        return f"\n\n{ABSENT}"
    rows = [_row(page, _ask(lighthouse, program, place, page, session)) for page in pages]
    return f"\n\n{tables.table(('Lighthouse 12, mobile', *CATEGORIES), rows)}"


def _ask(lighthouse: str, program: str, place: Place, page: Page, session: str) -> dict[str, float | None]:
    who = [] if page.is_public else ["--extra-headers", json.dumps({"Cookie": f"sessionid={session}"})]
    command = [
        lighthouse, place.address + page.address(place.size), "--quiet", "--output=json",
        f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={CHROME}", "--no-enable-error-reporting", *who,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"CHROME_PATH": program})
    if done.returncode:
        raise OSError(f"Lighthouse failed: {(done.stderr.strip().splitlines() or ['it gives no reason'])[-1]}")
    return {name: facts["score"] for name, facts in json.loads(done.stdout)["categories"].items()}


def _row(page: Page, found: dict[str, float | None]) -> tuple[str, ...]:
    return (page.name, *(_shown(name, found.get(name), page.is_public) for name in CATEGORIES))


def _shown(name: str, score: float | None, is_public: bool) -> str:
    if score is None:
        return "–"
    points = round(score * 100)
    # Pages of members are kept from search engines on purpose.
    is_low = points < WANTED and (is_public or name != "seo")
    return f"{points} (under {WANTED})" if is_low else str(points)

"""Lighthouse, when somebody put it on this machine: it is no part of the project and is never installed by it."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

from benchmarks import tables
from benchmarks.pages import Page
from benchmarks.place import Place

WANTED = 95
CATEGORIES = ("performance", "accessibility", "best-practices")
# Pages of members are kept from search engines on purpose.
PUBLIC_ONLY = "seo"


@dataclass(frozen=True)
class Figure:
    audit: str
    name: str
    unit: int
    shown: str
    most: float


FIGURES = (
    Figure("largest-contentful-paint", "largest paint s", 1000, ".1f", 2.0),
    Figure("cumulative-layout-shift", "layout shift", 1, ".3f", 0.02),
    Figure("total-blocking-time", "blocking ms", 1, ".0f", 100),
)
HEAD = ("Lighthouse 12, mobile", *CATEGORIES, PUBLIC_ONLY, *(figure.name for figure in FIGURES))
ABSENT = "Lighthouse is not on this machine, so its scores are not known (npm install --global lighthouse@12)."
CHROME = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"


def scores(place: Place, pages: tuple[Page, ...], session: str, program: str) -> str:
    """A table of its own, under the other one."""
    lighthouse = shutil.which("lighthouse")
    if lighthouse is None:
        return f"\n\n{ABSENT}"
    rows = [_row(page, _ask(lighthouse, program, place, page, session)) for page in pages]
    return f"\n\nWanted: {WANTED} points or more.\n\n{tables.table(HEAD, rows)}"


def _ask(lighthouse: str, program: str, place: Place, page: Page, session: str) -> dict[str, Any]:
    who = [] if page.is_public else ["--extra-headers", json.dumps({"Cookie": f"sessionid={session}"})]
    command = [
        lighthouse, place.address + page.address(place.size), "--quiet", "--output=json", *who,
        f"--only-categories={','.join(_categories(page))}", f"--chrome-flags={CHROME}", "--no-enable-error-reporting",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"CHROME_PATH": program})
    if done.returncode:
        raise OSError(f"Lighthouse failed: {(done.stderr.strip().splitlines() or ['it gives no reason'])[-1]}")
    return dict(json.loads(done.stdout))


def _categories(page: Page) -> tuple[str, ...]:
    return (*CATEGORIES, PUBLIC_ONLY) if page.is_public else CATEGORIES


def _row(page: Page, found: dict[str, Any]) -> tuple[str, ...]:
    scores = (_score(found["categories"].get(name, {}).get("score")) for name in (*CATEGORIES, PUBLIC_ONLY))
    return (page.name, *scores, *(_measured(found["audits"], figure) for figure in FIGURES))


def _score(score: float | None) -> str:
    if score is None:
        return "–"
    points = round(score * 100)
    return f"{points} (under {WANTED})" if points < WANTED else str(points)


def _measured(audits: dict[str, Any], figure: Figure) -> str:
    value = audits[figure.audit]["numericValue"] / figure.unit
    return f"{value:{figure.shown}} of {figure.most}" + (" (over)" if value > figure.most else "")

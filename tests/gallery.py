"""bin/gallery: every page of the inventory on a phone, a tablet and a desk, and one document that shows them all."""

import base64
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page

from tests.support import every_page
from tests.support.every_page import ROOMS, Stop

DOCS = Path(__file__).resolve().parents[1] / "docs"
FOLDER = DOCS / "gallery"
PHONE, WIDER = 360, (768, 1280)
LONGEST = 2400
QUALITY = 28
MOST_BYTES = 10_000_000
# What tests try to break a page with is not what people say.
PLAIN: dict[str, Any] = {
    "LONG_NAME": "Carol",
    "LONG_TITLE": "Sit with my father on Saturday morning",
    "LONG_WORD": "I can be there at nine. Shall I bring something for lunch?",
    "TOO_LONG": "I can be there at nine. " * 45,
    "SAID": (
        "I could also bring the heavy things up the stairs, if that helps.",
        "That would be wonderful. My shoulder is still bad.",
        "Is five too late?",
        "Five is fine.",
        "Porch is fine. The dog barks, but he is friendly.",
        "See you then.",
    ),
}
HEAD = """# Every page

Made by `bin/gallery` from the pages the tests look at (`tests/support/every_page.py`), so none is missing.
On a phone each state of a page is shown; on a tablet and a desk the first.
"""
SHOWN_AT = {"360": 180, "768": 260, "1280": 360}


def test_every_page_is_drawn(page: Page, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, words in PLAIN.items():
        monkeypatch.setattr(every_page, name, words)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    page.emulate_media(reduced_motion="reduce", color_scheme="light")
    session, shown = page.context.new_cdp_session(page), defaultdict(list)
    plain: set[str] = set()
    for room in ROOMS:
        for stop in room():
            stop.open(page, site)
            wide = not stop.state or stop.page not in plain
            plain |= set() if stop.state else {stop.page}
            pictures = [_draw(page, session, stop, width) for width in (PHONE, *(WIDER if wide else ()))]
            shown[room.__name__].append((stop, page.title(), pictures))
    (DOCS / "gallery.md").write_text("\n".join([HEAD, *_lines(shown)]))
    assert sum(picture.stat().st_size for picture in FOLDER.iterdir()) <= MOST_BYTES


def _draw(page: Page, session: CDPSession, stop: Stop, width: int) -> str:
    height = 640 if width == PHONE else 900
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    session.send("Emulation.setDeviceMetricsOverride", size)
    whole = page.evaluate("Math.max(document.documentElement.scrollHeight, innerHeight)")
    # Once as high as it is, so that what is fixed to the lower edge lies at the end and not in the middle.
    session.send("Emulation.setDeviceMetricsOverride", size | {"height": min(whole, LONGEST)})
    page.evaluate("document.fonts.ready.then(() => true)")
    made = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    name = f"{re.sub(r'[^a-z0-9]+', '-', stop.name.lower()).strip('-')}-{width}.webp"
    (FOLDER / name).write_bytes(base64.b64decode(made["data"]))
    return name


def _lines(shown: dict[str, list[tuple[Stop, str, list[str]]]]) -> Iterator[str]:
    for room, pages in shown.items():
        yield f"\n## {room.capitalize()}\n"
        for stop, title, pictures in pages:
            yield f"### {title.removesuffix(' – CARE Collective')}{f' ({stop.state})' if stop.state else ''}\n"
            yield " ".join(_picture(name, title) for name in pictures) + "\n"


def _picture(name: str, title: str) -> str:
    width = re.findall(r"-(\d+)\.webp", name)[0]
    return f'<img src="gallery/{name}" alt="{escape(title)}, {width} wide" width="{SHOWN_AT[width]}">'

"""Looks at a page in every way our rules ask for, within one load: a page is not fetched again for another width."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import CDPSession, Page

from tests.support.browser import STANDARDS

MEASURES = Path(__file__).with_name("looking.js").read_text()
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
HEIGHT = 640
THUMB_BAR = 34
LIGHT = {"theme": "light"}
LOOKS: dict[str, dict[str, str]] = {"dark": {"theme": "dark"}, "high contrast": {"contrast": "more"}}
SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-block-end: 2em !important }"""
# At this width a browser whose own letters are twice as large has the layout of a phone.
TWICE = "html { font-size: 200% !important }"
# Of another theme only the colours differ, so only what axe says about colours can.
EVERYTHING = {"runOnly": {"type": "tag", "values": STANDARDS}}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def _part(when: str, asked: str, look: dict[str, str] = LIGHT, sheet: str = "") -> dict[str, Any]:
    return {"when": when, "ask": asked.split(), "look": look, "sheet": sheet}


def _usual(width: int) -> dict[str, Any]:
    return _part(f"at {width}", "wide header small letters cut labels")


def _large(width: int) -> dict[str, Any]:
    return _part(f"A++ at {width}", "wide header small cut labels over", {"text": "3"})


# What is asked at each width, so that a page is laid out for it once; the phone comes last, for what follows on it.
WIDTHS: dict[int, list[dict[str, Any]]] = {
    320: [_usual(320), _large(320), _part("with wide spaces", "wide cut over", sheet=SPACED)],
    390: [_usual(390)],
    601: [_usual(601)],
    720: [_part("with letters twice as large", "wide cut over", sheet=TWICE)],
    768: [_usual(768), _large(768)],
    1024: [_usual(1024), _large(1024)],
    1440: [_usual(1440)],
    360: [
        _usual(360),
        *(_part(name, "pale running", look) for name, look in LOOKS.items()),
        _part("light", "pale over running"),
    ],
}

# Another state of a page that was looked at: what breaks there breaks on the narrowest, the widest, or between.
FEW = {width: WIDTHS[width] for width in (320, 768, 360)}
ANSWERS = "(parts) => looking.answers(parts)"

Found = Iterator[str]


def prepare(page: Page) -> CDPSession:
    """Before the first page: what measures comes with each, and nothing moves while it is measured."""
    page.add_init_script(MEASURES)
    page.add_init_script(AXE)
    page.emulate_media(reduced_motion="reduce", color_scheme="light")
    return page.context.new_cdp_session(page)


def look_over(page: Page, session: CDPSession, *, is_first: bool = True) -> list[str]:
    """Everything that is wrong with the page as it was loaded; its first state in every width and colour."""
    return [
        *_at_each_width(page, session, WIDTHS if is_first else FEW),
        *axe_finds(page, LOOKS if is_first else {}),
        *_by_keyboard(page),
        *_over_the_thumb_bar(page, session),
        *_in_the_colours_of_the_device(page),
    ]


def look_at(page: Page) -> list[str]:
    """What is wrong with a state that only a script makes, in three themes and in the colours of the device."""
    parts = [_usual(0) | {"when": "as it stands"}, *(_part(name, "pale running", look) for name, look in LOOKS.items())]
    return [
        *page.evaluate(ANSWERS, [*parts, _part("light", "pale over")]),
        *axe_finds(page),
        *_in_the_colours_of_the_device(page),
    ]


def _at_each_width(page: Page, session: CDPSession, widths: dict[int, list[dict[str, Any]]]) -> Found:
    for width, parts in widths.items():
        size = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        session.send("Emulation.setDeviceMetricsOverride", size)
        yield from page.evaluate(ANSWERS, parts)


def axe_finds(page: Page, looks: dict[str, dict[str, str]] = LOOKS) -> Found:
    runs = [["light", LIGHT, EVERYTHING], *([name, look, COLOURS] for name, look in looks.items())]
    yield from page.evaluate("(runs) => looking.axe(runs)", runs)


def _by_keyboard(page: Page) -> Found:
    # After a real key the browser draws the ring also where a program moves the focus.
    page.keyboard.press("Tab")
    yield from page.evaluate(ANSWERS, [_part("by keyboard", "lostFocus")])


def _over_the_thumb_bar(page: Page, session: CDPSession) -> Found:
    session.send("Emulation.setSafeAreaInsetsOverride", {"insets": {"bottom": THUMB_BAR}})
    yield from page.evaluate(f"looking.inStrip({THUMB_BAR})")
    session.send("Emulation.setSafeAreaInsetsOverride", {"insets": {}})


def _in_the_colours_of_the_device(page: Page) -> Found:
    page.emulate_media(forced_colors="active")
    yield from page.evaluate(ANSWERS, [_part("in forced colours", "borderless")])
    page.emulate_media(forced_colors="none")

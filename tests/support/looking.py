"""Looks at a page in every way our rules ask for, within one load: a page is not fetched again for another width."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import CDPSession, Page

from tests.support.browser import STANDARDS

MEASURES = Path(__file__).with_name("looking.js").read_text()
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
WIDTHS = (320, 360, 390, 601, 768, 1024, 1440)
HEIGHT = 640
THUMB_BAR = 34
LOOKS: dict[str, dict[str, str]] = {"dark": {"theme": "dark"}, "high contrast": {"contrast": "more"}}
LIGHT = {"theme": "light"}
# Of another theme only the colours differ, so only what axe says about colours can.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-block-end: 2em !important }"""
# At this width a browser whose own letters are twice as large has the layout of a phone.
TWICE = "html { font-size: 200% !important }"
ADAPTED = {"with wide spaces": (320, SPACED), "with letters twice as large": (720, TWICE)}

Found = Iterator[str]


def prepare(page: Page) -> None:
    """Before the first page: what measures comes with each, and nothing moves while it is measured."""
    page.add_init_script(MEASURES)
    page.emulate_media(reduced_motion="reduce", color_scheme="light")


def look_over(page: Page) -> list[str]:
    """Everything that is wrong with the page as it was loaded."""
    session = page.context.new_cdp_session(page)
    found = [*_at_every_width(page, session), *_in_every_theme(page), *_with_large_words(page, session)]
    _set_width(session, 360)
    found += [*_by_keyboard(page), *_over_the_thumb_bar(page, session), *_in_the_colours_of_the_device(page)]
    session.detach()
    return found


def _at_every_width(page: Page, session: CDPSession) -> Found:
    for width in WIDTHS:
        _set_width(session, width)
        yield from _ask(page, f"at {width}", "wide", "header", "small", "letters", "cut", "labels")


def _in_every_theme(page: Page) -> Found:
    _look(page, LIGHT)
    yield from _ask(page, "light", "pale", "over", "running")
    yield from _axe(page, "light", {"type": "tag", "values": STANDARDS})
    for name, chosen in LOOKS.items():
        _look(page, chosen)
        yield from _ask(page, name, "pale", "running")
        yield from _axe(page, name, COLOURS)


def _with_large_words(page: Page, session: CDPSession) -> Found:
    _look(page, {"text": "3"})
    for width in (320, 768, 1024):
        _set_width(session, width)
        yield from _ask(page, f"A++ at {width}", "wide", "header", "small", "cut", "labels", "over")
    _look(page, LIGHT)
    for name, (width, rules) in ADAPTED.items():
        _set_width(session, width)
        page.evaluate("(rules) => looking.sheet(rules)", rules)
        yield from _ask(page, name, "wide", "cut", "over")
    page.evaluate("looking.sheet('')")


def _by_keyboard(page: Page) -> Found:
    # After a real key the browser draws the ring also where a program moves the focus.
    page.keyboard.press("Tab")
    yield from _ask(page, "by keyboard", "lostFocus")


def _over_the_thumb_bar(page: Page, session: CDPSession) -> Found:
    session.send("Emulation.setSafeAreaInsetsOverride", {"insets": {"bottom": THUMB_BAR}})
    yield from page.evaluate(f"looking.inStrip({THUMB_BAR})")
    session.send("Emulation.setSafeAreaInsetsOverride", {"insets": {}})


def _in_the_colours_of_the_device(page: Page) -> Found:
    page.emulate_media(forced_colors="active")
    yield from _ask(page, "in forced colours", "borderless")
    page.emulate_media(forced_colors="none")


def _set_width(session: CDPSession, width: int) -> None:
    size = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    session.send("Emulation.setDeviceMetricsOverride", size)


def _look(page: Page, chosen: dict[str, str]) -> None:
    page.evaluate("(chosen) => looking.look(chosen)", chosen)


def _ask(page: Page, when: str, *questions: str) -> Found:
    asked = ", ".join(f"...looking.{question}()" for question in questions)
    yield from (f"{when}: {answer}" for answer in page.evaluate(f"[{asked}]"))


def _axe(page: Page, when: str, rules: dict[str, Any]) -> Found:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    for violation in page.evaluate("(options) => axe.run(options).then((all) => all.violations)", options):
        places = "; ".join(" ".join(map(str, node["target"])) for node in violation["nodes"])
        yield f"{when}: axe {violation['id']}: {violation['help']} ({places})"

"""Every page in a real browser: every width, three themes, large words, keyboard, the device's own colours."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.every_page import ROOMS, Stop
from tests.support.looking import look_over, prepare

Room = Callable[[], Iterator[Stop]]
FILLED_IN = "main form[method=post]:has(textarea, input:not([type=hidden]))"
# It may stand outside, in the bar under the thumb.
ITS_BUTTON = "(form) => [...form.elements].find((it) => it.matches('button.button:not([formaction])'))"
EMPTY = """(form) => { for (const field of form.querySelectorAll("input:not([type=hidden]), textarea, select")) {
  if (["radio", "checkbox"].includes(field.type)) field.checked = false; else field.value = "";
} }"""


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_every_page_can_be_used_by_everybody(page: Page, site: str, room: Room, long_run: bool) -> None:
    session = prepare(page)
    asked, said, wrong = _listen(page), _hear(page), {}
    known: set[str] = set()
    for stop in room():
        answer = stop.open(page, site)
        assert answer
        assert answer.status == stop.status, stop.name
        wrong[stop.name] = look_over(page, session, is_first=long_run or stop.page not in known)
        known.add(stop.page)
        if stop.empty:
            wrong[f"{stop.name}, sent empty"] = [*_send_empty(page), *look_over(page, session, is_first=False)]
    lines = [f"{name}: {line}" for name, found in wrong.items() for line in found]
    assert not lines, "\n".join(lines)
    assert {url for url in asked if not url.startswith((site, "data:"))} == set()
    assert [line for line in said if "Failed to load resource" not in line] == []


def _send_empty(page: Page) -> Iterator[str]:
    """Nothing is greyed out; what is missing is said, has the focus, and leads to its place."""
    form = page.locator(FILLED_IN).first
    form.evaluate(EMPTY)
    with page.expect_navigation():
        form.evaluate_handle(ITS_BUTTON).as_element().click()  # type: ignore[union-attr]
    summary = page.get_by_role("alert", name="There is a problem")
    expect(summary).to_be_focused()
    if not page.title().startswith("Error: "):
        yield f"the title says nothing of it: {page.title()}"
    for link in summary.get_by_role("link").all():
        link.click()
        field = (link.get_attribute("href") or "").removeprefix("#")
        if page.evaluate("document.activeElement.id") != field:
            yield f"a link that leads nowhere: {field}"


def _listen(page: Page) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def _hear(page: Page) -> list[str]:
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    return said

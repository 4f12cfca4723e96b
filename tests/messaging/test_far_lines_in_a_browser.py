"""Lines far from the end of a long conversation are only drawn where somebody looks, and nobody notices."""

import pytest
from playwright.sync_api import Browser, Locator, expect

from benchmarks.long_thread import LOOK
from members.models import LimitHits, Member
from tests.cast import browser_of
from tests.factories.messaging import offer_to, say

IS_FAR = "line => getComputedStyle(line).contentVisibility === 'auto'"
HEIGHTS = (
    """() => [...document.querySelectorAll('.log__lines > li')].map(line => line.getBoundingClientRect().height)"""
)
HEIGHTS_IF_DRAWN = f"""() => {{
    const far = [...document.querySelectorAll('.log__far')];
    for (const line of far) line.classList.remove('log__far');
    const found = ({HEIGHTS})();
    for (const line of far) line.classList.add('log__far');
    return found;
}}"""
# Nothing cuts it off: what is at the middle of each item is that item.
IS_WHOLE = """menu => [...menu.querySelectorAll('li:not([hidden])')].every(item => {
    const { left, top, width, height } = item.getBoundingClientRect();
    return item.contains(document.elementFromPoint(left + width / 2, top + height / 2));
})"""


def is_far(line: Locator) -> bool:
    return bool(line.evaluate(IS_FAR))


def test_a_line_far_from_the_end_moves_nothing_and_can_be_found_opened_and_reached(
    browser: Browser, site: str, asker: Member, helper: Member
) -> None:
    conversation = offer_to(asker, helper)
    said = []
    for number in range(160):
        if number % 80 == 0:
            LimitHits.objects.all().delete()
        words = f"Word {number}. " + "A little more. " * (number % 7)
        said.append(say((asker, helper)[number // 3 % 2], conversation, words))
    context = browser.new_context(base_url=site, viewport={"width": 360, "height": 640}, service_workers="block")
    session = browser_of(asker).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    page = context.new_page()
    page.goto(f"/messages/{conversation.pk}/")
    page.evaluate(LOOK)
    for place in ("top", "middle"):
        moved = page.evaluate("place => bench.load('before', place)", place)["moved"]
        assert moved == pytest.approx(0, abs=1), place
    lines = page.locator(".log__lines > [data-sequence]")
    expect(lines).to_have_count(150)
    expect(page.locator(".log__far")).to_have_count(90)
    early, late = page.locator(f"#m-{said[60]}"), page.locator(f"#m-{said[150]}")
    assert (is_far(early), is_far(late)) == (True, False)
    # As high as when they were drawn.
    before = page.evaluate(HEIGHTS)
    assert page.evaluate(HEIGHTS_IF_DRAWN) == pytest.approx(before, abs=0.1)
    page.evaluate("bench.stand('end')")
    # An address within the page leads there.
    page.evaluate("id => { location.hash = id; }", f"m-{said[60]}")
    expect(early).to_be_in_viewport()
    assert not is_far(early)
    # A menu opens over its neighbours.
    opener = page.locator(f"#m-{said[62]}")
    opener.locator(".menu__open").click()
    assert not is_far(opener)
    menu = opener.locator(".menu__list")
    expect(menu).to_be_in_viewport(ratio=1)
    assert menu.evaluate(IS_WHOLE)
    page.keyboard.press("Escape")
    # Who goes there by keyboard sees the whole ring.
    page.locator(f"#m-{said[66]}").focus()
    assert not is_far(page.locator(f"#m-{said[66]}"))
    page.evaluate("bench.stand('end')")
    # Who looks for a word finds it, drawn or not.
    assert is_far(page.locator(f"#m-{said[40]}"))
    assert page.evaluate("window.find('Word 40.', false, true)")
    context.close()

import os, pathlib, pytest
from tests.members.browser.rounds import every_round

OUT = pathlib.Path("/tmp/shots")
OUT.mkdir(exist_ok=True)


@pytest.mark.parametrize("walk", every_round(), ids=lambda w: w.__name__)
def test_shots(page, site, walk):
    tag = os.environ.get("SHOT_TAG", "light")
    if tag != "light":
        name, value = tag.split("=")
        page.context.add_cookies([{"name": name, "value": value, "url": site}])
    for stop in walk(page, site):
        page.evaluate("document.activeElement.blur?.()")
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=OUT / f"{stop}-{width}-{tag.replace('=', '_')}.png", full_page=True)

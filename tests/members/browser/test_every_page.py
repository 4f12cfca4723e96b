"""Pages anybody meets before and after joining: their forms, their numbers, on paper."""

from playwright.sync_api import Page, expect


def test_a_failed_form_puts_the_focus_on_what_went_wrong(page: Page) -> None:
    page.goto("/join/")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("alert").wait_for()
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.get_by_role("link", name="Please write your email.").click()
    assert page.evaluate("document.activeElement.name") == "email"


def test_no_button_is_ever_disabled_and_passwords_can_be_shown_and_pasted(page: Page) -> None:
    page.goto("/join/")
    assert page.locator("button[disabled]").count() == 0
    password = page.get_by_role("textbox", name="Choose a password")
    assert password.get_attribute("autocomplete") == "new-password"
    assert page.get_by_label("Your email").get_attribute("inputmode") == "email"
    password.focus()
    page.evaluate("navigator.clipboard?.writeText?.('x').catch(() => 0)")
    page.evaluate(
        """() => { const data = new DataTransfer(); data.setData("text/plain", "a pasted sentence");
        const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
        window.pasteTaken = document.activeElement.dispatchEvent(event); }"""
    )
    assert page.evaluate("window.pasteTaken") is True
    password.fill("three calm geese")
    page.get_by_role("button", name="Show password").click()
    assert password.get_attribute("type") == "text"


HIDDEN_ON_PAPER = ("nav", "footer", ".buttons", ".skip-link")
PALE = """(selector) => [...document.querySelectorAll(selector)].map((it) => getComputedStyle(it).backgroundColor)"""


def test_on_paper_there_is_only_what_is_to_be_read(page: Page, site: str) -> None:
    page.context.add_cookies([{"name": "look_theme", "value": "dark", "url": site}])
    page.emulate_media(media="print")
    for path in ("/help/", "/rules/", "/safety/"):
        page.goto(path)
        for part in HIDDEN_ON_PAPER:
            assert not [it for it in page.locator(part).all() if it.is_visible()], (path, part)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert set(page.evaluate(PALE, ".card, .note, .call")) == {"rgb(255, 255, 255)"}, path


def test_the_numbers_to_call_can_be_pressed(page: Page) -> None:
    page.goto("/safety/")
    numbers = [link.get_attribute("href") for link in page.locator(".calls a").all()]
    assert numbers[:2] == ["tel:911", "tel:988"]
    assert all(number and number.startswith("tel:") for number in numbers)
    assert page.locator("p, .note").filter(has_text="911").locator("a[href='tel:911']").count() >= 1


def test_the_first_page_is_light(page: Page) -> None:
    """The picture is drawn in the page itself: no picture file is asked for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.resource_type))
    page.goto("/")
    expect(page.locator(".hero__picture")).to_be_visible()
    page.wait_for_load_state()
    assert "image" not in [kind for kind in asked if kind != "other"]
    assert len(page.locator(".hero__picture").evaluate("it => it.outerHTML")) < 25_000

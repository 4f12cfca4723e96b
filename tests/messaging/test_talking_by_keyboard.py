"""A conversation with nothing but the keyboard: every way has a key, and the focus is never lost."""

from playwright.sync_api import Page, expect

from members.models import Member
from messaging.services import changing, deciding
from tests.factories.messaging import offer_to, say
from tests.support.talking import Comer, has_arrived, look, url_of

FOCUS = (
    "[document.activeElement?.tagName, document.activeElement?.className, document.activeElement?.innerText].join(' ')"
)
FURTHEST = 60
TAKEN = "() => addEventListener('keydown', (event) => { window.isTaken = event.defaultPrevented; }, { once: true })"


def key(page: Page, *names: str) -> None:
    """Presses them one after the other; somebody is always somewhere."""
    for name in names:
        page.keyboard.press(name)
        where = page.evaluate(FOCUS)
        assert not where.startswith("BODY"), f"lost after {name}"


def tab_to(page: Page, role: str, name: str, by: str = "Tab") -> None:
    wanted = page.get_by_role(role, name=name).first  # type: ignore[arg-type]
    for _ in range(FURTHEST):
        if wanted.evaluate("it => it === document.activeElement"):
            return
        page.keyboard.press(by)
    raise AssertionError(f"{by} does not lead to {name}.")


def test_from_the_list_to_the_answer_and_back_without_a_mouse(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    for number in range(30):
        say((asker, helper)[number % 2], conversation, f"Word {number}")
    page = come_in(asker, viewport={"width": 1280, "height": 800})
    page.goto("/messages/")
    tab_to(page, "link", "Ben, Pick up groceries")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "textbox", "Your message")
    page.keyboard.type("Six is good.")
    key(page, "Shift+Enter")
    page.keyboard.type("Or seven.")
    key(page, "Enter")
    has_arrived(page, "Six is good.\nOr seven.")
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(page.get_by_label("Your message")).to_have_value("")

    # The very first press already counts, though its script has to be fetched.
    where = [
        page.locator(".thread-head__back"),
        page.locator(".log [data-sequence]").last,
        page.get_by_label("Your message"),
    ]
    for place in where * 2:
        key(page, "F6")
        expect(place).to_be_focused()
    for place in (where[1], where[0], where[2]):
        key(page, "Shift+F6")
        expect(place).to_be_focused()

    key(page, "Shift+F6")
    for number in (31, 30, 29):
        key(page, "ArrowUp")
        expect(page.locator("li:focus")).to_have_attribute("data-sequence", str(number))
        expect(page.locator("li:focus")).to_be_in_viewport()
    key(page, "ArrowDown")
    expect(page.locator("li:focus")).to_have_attribute("data-sequence", "30")
    page.locator("[data-sequence='1']").focus()
    key(page, "ArrowUp")
    expect(page.locator("li:focus")).to_have_attribute("data-sequence", "1")
    key(page, "Alt+End")
    expect(page.locator("li:focus")).to_contain_text("Or seven.")
    expect(page.locator("li:focus")).to_be_in_viewport()

    key(page, "Tab")
    opener = page.locator(".menu__open:focus")
    expect(opener).to_contain_text("your message: Six is good.")
    key(page, "Enter")
    expect(page.locator("details[open] .menu__list")).to_be_visible()
    key(page, "Tab", "Escape")
    expect(page.locator("details[open]")).to_have_count(0)
    expect(page.locator("summary:focus")).to_contain_text("your message: Six is good.")

    key(page, "Enter", "Tab")
    expect(page.locator("details[open] a:focus")).to_have_text("Edit")
    key(page, "Enter")
    dialog = page.get_by_role("dialog", name="Edit my message")
    expect(dialog.get_by_label("Your message")).to_be_focused()
    key(page, "Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("summary:focus")).to_contain_text("your message: Six is good.")
    key(page, "Enter", "Tab", "Enter")
    expect(dialog.get_by_label("Your message")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Seven is better.")
    tab_to(page, "button", "Save")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    has_arrived(page, "Seven is better.")
    expect(page.locator("summary:focus, li:focus")).to_contain_text("Seven is better.")

    # A round by Tab is no trap: it leaves the page at its end.
    key(page, "F6")
    for _ in range(FURTHEST * 3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            return
    raise AssertionError("There is no way out.")


def test_what_changes_under_the_focus_does_not_lose_it(come_in: Comer, asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    message = say(helper, conversation, "I can come at six.")
    page = come_in(asker, viewport={"width": 1280, "height": 800})
    page.goto(url_of(conversation))
    # The browser has a use for this key itself: it must not get the first one, either.
    page.evaluate(TAKEN)
    page.keyboard.press("F6")
    assert page.evaluate("window.isTaken") is True

    tab_to(page, "link", "Yes, accept")
    deciding.withdraw_offer(helper, conversation.pk)
    look(page)
    expect(page.get_by_role("link", name="Yes, accept")).to_have_count(0)
    expect(page.locator(".log")).to_be_focused()
    deciding.renew_offer(helper, conversation.pk)
    look(page)
    tab_to(page, "link", "No, thanks", by="Shift+Tab")
    deciding.accept_offer(asker, conversation.pk)
    look(page)
    expect(page.locator(".talk-room__bar a:focus")).to_have_text("Plan")

    # Somebody reads in a menu: it stays open and as it was, and is brought up to date behind them.
    page.locator(".thread-head summary").focus()
    page.keyboard.press("Enter")
    tab_to(page, "link", "Report")
    deciding.withdraw_offer(helper, conversation.pk)
    look(page)
    expect(page.locator(".log__happened").last).to_contain_text("Ben took the offer back.")
    expect(page.locator(".thread-head a:focus")).to_have_text("Report")
    key(page, "Escape")
    expect(page.locator(".thread-head summary")).to_be_focused()
    look(page)
    expect(page.locator(".thread-head summary")).to_be_focused()

    line = page.locator(f"[id='m-{message}']")
    line.focus()
    changing.delete_message(helper, message)
    look(page)
    expect(line).to_contain_text("Ben deleted this message.")
    expect(line).to_be_focused()

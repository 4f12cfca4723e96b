"""Somebody at a page: with finger or mouse, with nothing but the keyboard, or with letters twice as large."""

from dataclasses import dataclass
from typing import ClassVar

from playwright.sync_api import Locator, Page, expect

from tests.support.looking import MEASURES

FURTHEST = 120
IS_HERE = "element => element === document.activeElement"
IS_LOST = "!document.activeElement || document.activeElement === document.body"
# Both at once, for it is asked after each press of Tab.
WHERE = f"element => element === document.activeElement ? 'here' : ({IS_LOST}) ? 'lost' : 'elsewhere'"
# A new page is read from its top or, where the address says so, from a place in it.
BEGINS_WELL = """() => {
  const place = location.hash && document.querySelector(location.hash);
  if (!place) return document.activeElement.matches(".skip-link");
  return place.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING;
}"""
FOCUSED = "document.activeElement.outerHTML.slice(0, 200)"
# What `fill` in the browser's library writes into a picker, a keyboard has to spell.
PICKERS = ("date",)
TWICE = {"standard": 32, "fixed": 26}
FITS = "looking.ask(['wide', 'small', 'cut', 'labels', 'over'])"
# With letters this large a label may take as many lines as it needs.
ONLY_HIGH = "a label of "


@dataclass
class Person:
    """What they do, in the words they would use; each act finds its place by what is written there."""

    page: Page
    size: ClassVar[dict[str, int]] = {"width": 1280, "height": 800}

    def __post_init__(self) -> None:
        """Before the first page."""

    def arrived(self) -> None:
        """On a page they have not seen yet."""

    def go(self, path: str) -> None:
        self.page.goto(path)
        self.arrived()

    def write(self, label: str, words: str) -> None:
        self._field(label).fill(words)

    def choose(self, words: str) -> None:
        # The label covers its whole card, so that is what a person presses.
        self.page.locator("label").filter(has_text=words).click()

    def press(self, words: str) -> None:
        with self.page.expect_navigation():
            self._use(self._button(words))
        self.arrived()

    def follow(self, words: str) -> None:
        with self.page.expect_navigation():
            self._use(self._link(words))
        self.arrived()

    def open(self, words: str, to: str) -> None:
        """A link that leads to the heading `to`: on a page of its own, or over this one where there is room."""
        self._use(self._link(words))
        expect(self.page.get_by_role("heading", name=to)).to_be_visible()
        self.arrived()

    def begin_with(self, words: str, label: str) -> None:
        """A button that puts words into a box: at once, or by way of the server."""
        self._use(self._button(words))
        expect(self._field(label)).to_have_value(words)
        self.arrived()

    def must_read(self, words: str) -> None:
        expect(self.page.get_by_text(words).filter(visible=True).first).to_be_visible()

    def _use(self, place: Locator) -> None:
        place.click()

    def _field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def _button(self, words: str) -> Locator:
        return self.page.get_by_role("button", name=words, exact=True)

    def _link(self, words: str) -> Locator:
        # The same way may stand in the menu, too.
        return self.page.get_by_role("main").get_by_role("link", name=words).first


class AtTheKeyboard(Person):
    """Tab, arrows, blank and Enter; the focus is never lost, and no page is a trap."""

    def arrived(self) -> None:
        """The first Tab leads past the menu, or on from the place the page opens at."""
        if self.page.evaluate(IS_LOST):
            self.page.keyboard.press("Tab")
            assert self.page.evaluate(BEGINS_WELL), f"{self.page.url}: {self.page.evaluate(FOCUSED)}"

    def write(self, label: str, words: str) -> None:
        field = self._field(label)
        self._reach(field)
        if field.get_attribute("type") in PICKERS:
            self.page.keyboard.type(_as_typed(words))
            expect(field).to_have_value(words)
            return
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(words)

    def choose(self, words: str) -> None:
        label = self.page.locator("label").filter(has_text=words)
        button = self.page.locator(f"#{label.get_attribute('for')}")
        if button.get_attribute("type") == "radio":
            self._reach_in_group(button)
        else:
            self._reach(button)
        if not button.is_checked():
            self.page.keyboard.press("Space")
        assert button.is_checked(), words

    def _use(self, place: Locator) -> None:
        self._reach(place)
        self.page.keyboard.press("Enter")

    def _reach(self, place: Locator) -> None:
        """Once around at most; between the last place and the first, the keyboard is in the browser's own bar."""
        around = 0
        for presses in range(FURTHEST):
            where = place.evaluate(WHERE)
            if where == "here":
                return
            around += bool(presses) and where == "lost"
            assert around < 2, f"The focus is lost on {self.page.url} on the way to {place}."
            self.page.keyboard.press("Tab")
        raise AssertionError(f"The keyboard does not reach {place} on {self.page.url}.")

    def _reach_in_group(self, button: Locator) -> None:
        """Tab leads to a group of choices, arrows lead inside it."""
        group = self.page.locator(f"[name='{button.get_attribute('name')}']")
        if not group.evaluate_all("choices => choices.includes(document.activeElement)"):
            chosen = [choice for choice in group.all() if choice.is_checked()]
            self._reach(chosen[0] if chosen else group.first)
        for _ in range(group.count()):
            if button.evaluate(IS_HERE):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"The arrows do not reach {button} on {self.page.url}.")


class WithLargeWords(Person):
    """The smallest phone, whose own letters are twice as large: every page fits, whole and to be pressed."""

    size = {"width": 320, "height": 568}

    def __post_init__(self) -> None:
        self.page.add_init_script(MEASURES)
        self.page.emulate_media(reduced_motion="reduce")
        self.page.context.new_cdp_session(self.page).send("Page.setFontSizes", {"fontSizes": TWICE})

    def arrived(self) -> None:
        found = [it for it in self.page.evaluate(FITS) if not it.startswith(ONLY_HIGH)]
        assert not found, "\n".join([self.page.url, *found])


def _as_typed(words: str) -> str:
    """A day as an American keyboard writes it into the day picker: month, day, year."""
    year, month, day = words.split("-")
    return f"{month}{day}{year}"

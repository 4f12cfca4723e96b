"""Somebody at a page: with finger or mouse, or with nothing but the keyboard."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

FURTHEST = 120
IS_HERE = "element => element === document.activeElement"
LOST = "document.activeElement === document.body"


@dataclass
class Person:
    """What they do, in the words they would use; each act finds its place by what is written there."""

    page: Page

    def go(self, path: str) -> None:
        self.page.goto(path)

    def write(self, label: str, words: str) -> None:
        self.page.get_by_label(label, exact=True).fill(words)

    def choose(self, words: str) -> None:
        # The label covers its whole card, so that is what a person presses.
        self.page.locator("label").filter(has_text=words).first.click()

    def press(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).first.click()

    def follow(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=words).first.click()

    def open(self, words: str) -> None:
        self.page.locator("summary").filter(has_text=words).first.click()

    def must_read(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()


class AtTheKeyboard(Person):
    """Tab, arrows, blank and Enter; the focus is never lost, and no page is a trap."""

    def write(self, label: str, words: str) -> None:
        field = self.page.get_by_label(label, exact=True)
        self._reach(field)
        if field.get_attribute("type") in ("date", "time"):
            self.page.keyboard.type(_as_typed(words))
            return
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(words)

    def choose(self, words: str) -> None:
        field = self.page.locator("label").filter(has_text=words).first
        button = self.page.locator(f"#{field.get_attribute('for')}")
        if button.get_attribute("type") == "radio":
            self._reach_in_group(button)
        else:
            self._reach(button)
        if not button.is_checked():
            self.page.keyboard.press("Space")
        assert button.is_checked(), words

    def press(self, words: str) -> None:
        self._reach(self.page.get_by_role("button", name=words, exact=True).first)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def follow(self, words: str) -> None:
        self._reach(self.page.get_by_role("link", name=words).first)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def open(self, words: str) -> None:
        self._reach(self.page.locator("summary").filter(has_text=words).first)
        self.page.keyboard.press("Enter")

    def _reach(self, place: Locator) -> None:
        for _ in range(FURTHEST):
            if place.evaluate(IS_HERE):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"The keyboard does not reach {place} on {self.page.url}.")

    def _reach_in_group(self, button: Locator) -> None:
        """Tab leads to a group of choices, arrows lead inside it."""
        group = button.evaluate("element => element.name")
        for _ in range(FURTHEST):
            if self.page.evaluate("document.activeElement.name") == group:
                break
            self.page.keyboard.press("Tab")
        for _ in range(FURTHEST):
            if button.evaluate(IS_HERE):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"The arrows do not reach {button} on {self.page.url}.")


def _as_typed(words: str) -> str:
    """A day as an American keyboard writes it into the day picker: month, day, year."""
    year, month, day = words.split("-")
    return f"{month}{day}{year}"

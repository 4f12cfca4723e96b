"""Somebody who writes in a conversation on a bad line, and the list of what they have pressed Send on."""

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as BrowserFault

from members.models import Member, MemberSession
from messaging.models import Conversation, Message
from tests.cast import browser_of
from tests.factories.members import PASSWORD
from tests.support.line import Line

READY = "[data-outbox=on]"
# What a browser says by itself when its signal is back; so nothing has to wait for a pause to end.
SIGNAL = "() => dispatchEvent(new Event('online'))"
ARRIVED = """said => {
  dispatchEvent(new Event("online"));
  const words = (place) => [...document.querySelectorAll(place)].map((it) => it.textContent);
  const mine = words(".log__lines > .bubble--mine[data-sequence] .bubble__words");
  const failed = words("[data-waiting] > [data-state=failed] .bubble__words");
  const isOnItsWay = document.querySelector("[data-waiting] > :not([data-state=failed])");
  return !isOnItsWay && said.every((it) => mine.includes(it) || failed.includes(it));
}"""
SEEN = """() => [...document.querySelectorAll(".log__lines > [data-sequence]")].map((it) => it.id.slice(2))"""
SEES = f"""ids => {{
  dispatchEvent(new Event("online"));
  return JSON.stringify(({SEEN})()) === JSON.stringify(ids);
}}"""
NOT_SENT = "[data-waiting] > [data-state=failed]:has-text('Not sent.') .bubble__words"


@dataclass
class Writer:
    """One member in one browser; `pressed` is the promise."""

    member: Member
    conversation: Conversation
    line: Line
    context: BrowserContext
    page: Page
    pressed: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"/messages/{self.conversation.pk}/"

    def open(self, page: Page | None = None) -> bool:
        """Whether the page came, and is ready to be written in."""
        page = page or self.page
        try:
            page.goto(self.url)
        except BrowserFault:
            return False
        if page.locator("[data-outbox]").count():
            expect(page.locator(READY)).to_be_visible()
        return self.can_write

    @property
    def can_write(self) -> bool:
        return not self.page.is_closed() and self.page.locator(READY).is_visible()

    def write(self, words: str, page: Page | None = None) -> None:
        (page or self.page).get_by_label("Your message").fill(words)

    def send(self, words: str, page: Page | None = None) -> None:
        self.write(words, page)
        (page or self.page).get_by_role("button", name="Send").click()
        self.pressed.append(words)

    def sign_out_elsewhere(self) -> None:
        """The session is no more, and the browser does not know."""
        MemberSession.objects.filter(member_id=self.member.pk).delete()

    @property
    def is_signed_in(self) -> bool:
        return MemberSession.objects.filter(member_id=self.member.pk).exists()

    def sign_in(self, member: Member | None = None) -> None:
        """In another tab of this browser, over the real page, which gives this browser another token, too."""
        self.context.clear_cookies(name="sessionid")
        request = self.context.request
        # A connection that was kept to a process that is killed says so only when it is used again.
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', request.get("/login/", max_retries=2).text())
        assert token
        form = {"csrfmiddlewaretoken": token[1], "email": (member or self.member).email, "password": PASSWORD}
        assert request.post("/login/", form=form, max_redirects=0).headers["location"] == "/home/"

    def signal(self) -> None:
        self.page.evaluate(SIGNAL)

    def stored(self) -> list[str]:
        said = Message.objects.filter(conversation=self.conversation, sender=self.member)
        return list(said.order_by("sequence").values_list("content", flat=True))

    def not_sent(self) -> list[str]:
        return self.page.locator(NOT_SENT).all_text_contents()

    def settles(self, timeout: float = 15_000) -> None:
        """Whatever was pressed stands among what was said, or says that it was not sent."""
        self.page.wait_for_function(ARRIVED, arg=self.pressed, polling=200, timeout=timeout)

    def kept_the_promise(self) -> None:
        """Each once and in order, or visible as “Not sent”; never both, never neither."""
        stored, failed = self.stored(), self.not_sent()
        assert stored == [words for words in self.pressed if words not in failed]
        assert sorted(failed) == sorted(words for words in self.pressed if words not in stored)


def writer(browser: Browser, line: Line, member: Member, conversation: Conversation, **more: Any) -> Writer:
    given: dict[str, Any] = {"viewport": {"width": 360, "height": 640}, "service_workers": "block"}
    context = browser.new_context(base_url=line.address, **given | more)
    session = browser_of(member).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": line.address}])
    context.set_default_timeout(10_000)
    return Writer(member, conversation, line, context, context.new_page())


def see_the_same(*writers: Writer) -> None:
    """Both pages end with the order the site has."""
    said = Message.objects.filter(conversation=writers[0].conversation).order_by("sequence")
    opening = str(writers[0].conversation.pk)
    ids = [opening, *map(str, said.values_list("pk", flat=True))]
    for each in writers:
        each.page.wait_for_function(SEES, arg=ids, polling=200, timeout=15_000)

"""Two people on bad lines: whatever happens, each word that was pressed Send arrives once, or says it did not."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserFault

from members.models import Member
from members.services import blocks
from tests.factories.messaging import offer_to
from tests.support.lifeline import READY, Writer, see_the_same, writer
from tests.support.line import FAULTS, KILLED, Line
from tests.support.site import MortalSite

pytestmark = [pytest.mark.committed, pytest.mark.both_ways(only_long=True)]

# In one task, so that nothing can come between; by nobody else is a box filled that is not to be seen.
PRESS = """(form, [words, times]) => {
  if (!form.checkVisibility()) return false;
  form.elements.content.value = words;
  form.elements.content.dispatchEvent(new Event("input", { bubbles: true }));
  for (; times; times--) form.querySelector("button").click();
  return true;
}"""
SCRIPTS, STEPS = 4, 16
# So many times four scripts: twenty, or two hundred.
SHORT, LONG = 5, 50


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(LONG if metafunc.config.getoption("long") else SHORT))


Act = Callable[[Writer], object]


class Story:
    """What happens to two people, all of it from one seed; `told` is for whoever has to understand it."""

    def __init__(self, seed: int, site: MortalSite, writers: tuple[Writer, Writer]) -> None:
        self.random = Random(seed)
        self.site, self.writers = site, writers
        self.told = [f"seed {seed}"]
        self.is_blocked = False
        # A new process of the site takes a while, and behind a block nobody says anything.
        self.last: Act = self.block if seed % 2 else self.kill
        self.acts: dict[Act, int] = {
            self.send: 10,
            self.send_twice: 4,
            self.fault: 8,
            self.offline: 2,
            self.online: 3,
            self.reload: 1,
            self.close_and_open: 1,
            self.session_ends: 1,
            self.sign_in: 2,
        }

    def script(self, is_last: bool) -> None:
        for number in range(STEPS):
            who = self.random.choice(self.writers)
            act = self.random.choices(list(self.acts), list(self.acts.values()))[0]
            if is_last and number == STEPS * 3 // 4:
                act = self.last
            self.told.append(f"{who.member.called} {act.__name__}")
            act(who)

    def end(self) -> None:
        """Everything is well again, and every promise is kept."""
        self.told.append("all is well")
        self.heal()
        for each in self.writers:
            each.settles()
            each.kept_the_promise()
            # Only a person can refuse words for good; nothing that happens to a line does.
            assert self.is_blocked or not each.not_sent()
        see_the_same(*self.writers)

    def send(self, who: Writer, times: int = 1) -> None:
        words = f"{who.member.called} {len(who.pressed)}"
        if who.can_write and who.page.locator(READY).evaluate(PRESS, [words, times]):
            who.pressed.append(words)

    def send_twice(self, who: Writer) -> None:
        self.send(who, times=2)

    def fault(self, who: Writer) -> None:
        faults = self.random.choices(FAULTS, k=self.random.randint(1, 3))
        self.told[-1] += f": {faults}"
        who.line.fails(*faults)

    def kill(self, who: Writer) -> None:
        """Between storing their next message and saying so."""
        who.line.fails(KILLED)

    def offline(self, who: Writer) -> None:
        who.context.set_offline(True)

    def online(self, who: Writer) -> None:
        who.context.set_offline(False)

    def reload(self, who: Writer) -> None:
        """Without signal the page does not come, and what is in the queue has no page at all."""
        with suppress(BrowserFault):
            who.page.reload()

    def close_and_open(self, who: Writer) -> None:
        who.page.close()
        who.page = who.context.new_page()
        who.open()

    def session_ends(self, who: Writer) -> None:
        who.sign_out_elsewhere()

    def sign_in(self, who: Writer) -> None:
        """It may meet a site that is just beginning again; then nobody came in, and they try again another time."""
        try:
            self.come_back(who)
        except BrowserFault:
            who.sign_out_elsewhere()

    def come_back(self, who: Writer) -> None:
        if not who.is_signed_in:
            who.sign_in()

    def block(self, who: Writer) -> None:
        """What is on its way then is refused for good."""
        other = next(each for each in self.writers if each is not who)
        self.is_blocked = True
        blocks.block(who.member, other.member.pk)

    def heal(self) -> None:
        for who in self.writers:
            who.line.heal()
        self.site.wait()
        for who in self.writers:
            who.context.set_offline(False)
            self.come_back(who)
            if not who.page.locator("[data-thread]").count():
                who.open()


@pytest.fixture
def story(
    committed: None, browser: Browser, mortal_site: MortalSite, asker: Member, helper: Member, seed: int
) -> Iterator[Story]:
    conversation = offer_to(asker, helper)
    mortal_site.wait()
    ana, ben = (writer(browser, Line(mortal_site), member, conversation) for member in (asker, helper))
    yield Story(seed, mortal_site, (ana, ben))
    for each in (ana, ben):
        each.context.close()
        each.line.end()


def test_no_word_is_lost_doubled_out_of_order_or_silent(story: Story) -> None:
    try:
        for each in story.writers:
            assert each.open()
        for number in range(SCRIPTS):
            story.script(is_last=number == SCRIPTS - 1)
            story.end()
    except (AssertionError, BrowserFault) as problem:
        came = [
            f"{each.member.called} pressed {each.pressed}, the site has {each.stored()}, the line {each.line.happened}"
            for each in story.writers
        ]
        raise AssertionError("\n".join([*story.told, *came, str(problem)])) from problem
    assert any(each.line.happened.count("") < len(each.line.happened) for each in story.writers)

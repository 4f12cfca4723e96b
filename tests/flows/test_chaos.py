"""Two people on bad lines: whatever happens, each word that was pressed Send arrives once, or says it did not."""

from collections.abc import Callable, Iterator
from random import Random

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserFault

from members.models import Member, MemberSession
from members.services import blocks
from tests.factories.messaging import offer_to
from tests.support.lifeline import READY, Writer, see_the_same, writer
from tests.support.line import FAULTS, KILLED, Line
from tests.support.site import MortalSite

pytestmark = pytest.mark.committed

ONCE = "it => { const words = it.elements.content.value; it.querySelector('button').click(); return words; }"
TWICE = """it => {
  const words = it.elements.content.value;
  it.querySelector("button").click();
  it.querySelector("button").click();
  return words;
}"""
STEPS = 9
SHORT, LONG = 20, 200
# A new process of the site takes a while, so not every script has one.
KILLS = 7


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(LONG if metafunc.config.getoption("long") else SHORT))


@pytest.fixture(scope="module")
def mortal_site(django_db_setup: None) -> Iterator[MortalSite]:
    site = MortalSite()
    yield site
    site.end()


class Script:
    """What happens to two people, all of it from one seed; `told` is the story, for whoever has to repeat it."""

    def __init__(self, seed: int, site: MortalSite, writers: tuple[Writer, Writer]) -> None:
        self.random = Random(seed)
        self.site, self.writers = site, writers
        self.told: list[str] = []
        self.may_kill = seed % KILLS == 0
        self.acts: dict[Callable[[Writer], object], int] = {
            self.send: 8,
            self.send_twice: 3,
            self.fault: 7,
            self.offline: 3,
            self.online: 3,
            self.reload: 2,
            self.close_and_open: 2,
            self.session_ends: 1,
            self.sign_in: 1,
            self.block: 1,
        }

    def run(self) -> None:
        for number in range(STEPS):
            who = self.random.choice(self.writers)
            act = self.random.choices(list(self.acts), list(self.acts.values()))[0]
            self.told.append(f"{who.member.called} {act.__name__}")
            act(who)
            if self.may_kill and number == STEPS // 2:
                self.told.append("the site is killed behind the next message of each")
                for each in self.writers:
                    each.line.fails(KILLED)

    def send(self, who: Writer, press: str = ONCE) -> None:
        """Pressed in one task with looking into the box, so that nobody can come between."""
        if not who.can_write:
            return
        words = f"{who.member.called} {len(who.pressed)}"
        who.write(words)
        if who.page.locator(READY).evaluate(press) == words:
            who.pressed.append(words)

    def send_twice(self, who: Writer) -> None:
        self.send(who, TWICE)

    def fault(self, who: Writer) -> None:
        fault = self.random.choice(FAULTS)
        self.told[-1] += f": {fault}"
        who.line.fails(fault)

    def offline(self, who: Writer) -> None:
        who.context.set_offline(True)

    def online(self, who: Writer) -> None:
        who.context.set_offline(False)

    def reload(self, who: Writer) -> None:
        """Without signal the page does not come, and what is in the queue has no page at all."""
        who.open()

    def close_and_open(self, who: Writer) -> None:
        who.page.close()
        who.page = who.context.new_page()
        who.open()

    def session_ends(self, who: Writer) -> None:
        who.sign_out_elsewhere()

    def sign_in(self, who: Writer) -> None:
        self.site.wait()
        who.sign_in()

    def block(self, who: Writer) -> None:
        """What is on its way then is refused for good."""
        other = next(each for each in self.writers if each is not who)
        blocks.block(who.member, other.member.pk)

    def heal(self) -> None:
        self.site.wait()
        for who in self.writers:
            who.line.heal()
            who.context.set_offline(False)
            if not MemberSession.objects.filter(member_id=who.member.pk).exists():
                who.sign_in()
            if not who.page.locator("[data-thread]").count():
                who.open()


@pytest.fixture
def script(
    committed: None, browser: Browser, mortal_site: MortalSite, asker: Member, helper: Member, seed: int
) -> Iterator[Script]:
    conversation = offer_to(asker, helper)
    mortal_site.wait()
    ana, ben = (writer(browser, Line(mortal_site), member, conversation) for member in (asker, helper))
    yield Script(seed, mortal_site, (ana, ben))
    for each in (ana, ben):
        each.context.close()
        each.line.end()


def test_no_word_is_lost_doubled_out_of_order_or_silent(script: Script, seed: int) -> None:
    try:
        for each in script.writers:
            assert each.open()
        script.run()
        script.heal()
        for each in script.writers:
            each.settles()
            each.kept_the_promise()
        see_the_same(*script.writers)
    except (AssertionError, BrowserFault) as problem:
        story = "\n".join(script.told)
        pressed = [(each.pressed, each.stored(), each.line.happened) for each in script.writers]
        raise AssertionError(f"seed {seed}\n{story}\n{pressed}\n{problem}") from problem

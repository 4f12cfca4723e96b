"""The never-lost word: what is pressed Send arrives exactly once, or stays on the screen as “Not sent”."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from members.models import Member
from messaging.models import Conversation, Message
from tests.factories.messaging import offer_to
from tests.support.lifeline import Writer, see_the_same, writer
from tests.support.line import KILLED, Line
from tests.support.site import MortalSite

pytestmark = [pytest.mark.committed]

SIGN_IN = "Please sign in again. Your words are saved."


@pytest.fixture(scope="module")
def mortal_site(django_db_setup: None) -> Iterator[MortalSite]:
    site = MortalSite()
    site.wait()
    yield site
    site.end()


@pytest.fixture
def come_in(committed: None, browser: Browser, mortal_site: MortalSite) -> Iterator[Callable[..., Writer]]:
    came: list[Writer] = []

    def come(member: Member, conversation: Conversation) -> Writer:
        came.append(writer(browser, Line(mortal_site), member, conversation))
        return came[-1]

    yield come
    for each in came:
        each.context.close()
        each.line.end()


def test_a_site_that_is_killed_between_storing_and_answering_has_the_words_once(
    come_in: Callable[..., Writer], asker: Member, helper: Member
) -> None:
    ben = come_in(helper, offer_to(asker, helper))
    ben.open()
    ben.line.fails(KILLED)
    ben.send("I am at the door.")
    ben.settles()
    assert ben.line.happened[0] == KILLED
    assert len(ben.line.happened) > 1
    ben.kept_the_promise()
    line = ben.page.locator(".bubble--mine").last
    expect(line.locator(".bubble__words")).to_have_text("I am at the door.")
    expect(line.locator(".bubble__state")).to_have_text("Sent")
    assert Message.objects.count() == 1

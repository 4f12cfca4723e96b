"""Home, notices and a person's page in a real browser: by keyboard alone, and read."""

from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.utils.timezone import now
from playwright.sync_api import Page, expect

import notifications.services as notifications
from members.models import Member
from messaging.services import planning
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import accepted, offer, offer_to, say
from tests.messaging.test_plans import wish

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff Hubert Blaine"
LONG_TITLE = "Sit with my father on Saturday from nine to noon, so that I can see my own doctor and rest for once"
# What stands under the keys, one after the other, by its words.
STOPS = """() => [...document.querySelectorAll("main a, main button, main summary")]
  .filter((it) => it.checkVisibility()).map((it) => it.getBoundingClientRect().top + scrollY)"""


def come_in(page: Page, site: str, member: Member) -> None:
    session = browser_of(member).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])


def a_full_life() -> tuple[Member, Member]:
    """Somebody with one of everything, and whom they deal with."""
    ana, other = MemberFactory(called="Ana", about="I bake on Sundays."), MemberFactory(called=LONG_NAME)
    with transaction.atomic():
        for _ in range(120):
            notifications.record("request_expiring", about=("helprequest", uuid4()), to=ana)
    offered = offer(other, HelpRequestFactory(requester=ana, title=LONG_TITLE, urgency="critical"))
    for number in range(3):
        say(other, offered, f"Word {number}")
    waiting = accepted(ana, MemberFactory(called="Ben")).asked_for.pk
    planning.make_plan(planning.find(ana, waiting).offer.helper, waiting, wish(2))  # type: ignore[union-attr]
    agreed = accepted(other, ana).asked_for.pk
    plan = planning.make_plan(ana, agreed, wish(1, place="x" * 200))
    planning.agree_to_plan(other, agreed, plan.version)
    offer_to(MemberFactory(called="Carol"), ana)
    HelpRequestFactory(requester=ana, expires_at=now() + timedelta(days=2))
    HelpRequestFactory.create_batch(3, title=LONG_TITLE, urgency="urgent")
    HelpRequestFactory(requester=other)
    return ana, other


def test_the_keys_go_down_the_page_and_reach_everything(page: Page, site: str) -> None:
    ana, other = a_full_life()
    come_in(page, site, ana)
    page.goto("/home/")
    tops = page.evaluate(STOPS)
    assert tops == sorted(tops), "on a phone the keys follow the eye"
    expect(page.get_by_role("list", name="Needs your answer").get_by_role("listitem")).to_have_count(4)
    page.get_by_role("link", name=f"Read the offer of {LONG_NAME}").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(LONG_NAME)

    page.goto("/home/")
    bell = page.get_by_role("banner").get_by_role("link", name="Notices 99+ new")
    expect(bell).to_be_in_viewport()
    with page.expect_navigation():
        bell.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Notices")
    with page.expect_navigation():
        page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("button", name="Mark all as read")).to_have_count(0)
    expect(page.get_by_role("banner").get_by_role("link", name="Notices", exact=True)).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="Your offer was accepted").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(LONG_NAME)

    page.goto(f"/people/{other.pk}/")
    page.get_by_text("More", exact=True).click()
    with page.expect_navigation():
        page.get_by_role("link", name=f"Block {LONG_NAME}").click()
    with page.expect_navigation():
        page.get_by_role("button", name=f"Block {LONG_NAME}").click()
    page.goto("/home/")
    assert page.get_by_text(LONG_NAME).count() == 0

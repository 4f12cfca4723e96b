"""Whose time stands under a bubble, and to which day it belongs: for people in three zones, around both changes."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from members.models import Member
from messaging.models import Conversation, Message
from tests.cast import browser_of
from tests.factories.messaging import offer_to, say
from tests.support.talking import Comer, fill, has_arrived, look, send, url_of

# Both nights in which clocks change, hour by hour, and around midnight of each zone.
NIGHTS = ("2025-11-02", "2026-03-08")
HOURS = [*range(3, 12), *range(27, 33)]
CHICAGO, NEW_YORK, PHOENIX = "America/Chicago", "America/New_York", "America/Phoenix"
TIME = re.compile(r'aria-hidden="true">(\d+:\d\d [AP]M(?: your time)?)<')
FULL = re.compile(r'class="visually-hidden">(\w+, \w+ \d+, \d+:\d\d [AP]M(?: your time)?)<')


def live_in(member: Member, zone: str) -> None:
    Member.objects.filter(pk=member.pk).update(time_zone=zone)


def page_of(member: Member, conversation: Conversation, **headers: str) -> str:
    answer = browser_of(Member.objects.get(pk=member.pk)).get(f"/messages/{conversation.pk}/", headers=headers)
    return str(answer.content.decode())


@pytest.mark.django_db
def test_whoever_looks_at_another_clock_reads_whose_time_it_is(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    live_in(asker, CHICAGO)
    live_in(helper, NEW_YORK)
    # The one hour in which both say one o’clock, and the hours around it.
    moments = ["2025-11-02T05:30+00:00", "2025-11-02T06:30+00:00", "2025-11-02T07:30+00:00"]
    for moment in moments:
        message = say(helper, conversation, moment)
        Message.objects.filter(pk=message).update(created_at=datetime.fromisoformat(moment))
    assert TIME.findall(page_of(asker, conversation))[1:] == ["12:30 AM your time", "1:30 AM", "1:30 AM your time"]
    assert TIME.findall(page_of(helper, conversation))[1:] == ["1:30 AM your time", "1:30 AM", "2:30 AM your time"]
    assert FULL.findall(page_of(asker, conversation))[1] == "Sunday, November 2, 12:30 AM your time"
    live_in(helper, CHICAGO)
    assert "your time" not in page_of(asker, conversation)
    # Nobody told where she is: two of them could look at the same clock.
    live_in(helper, "")
    assert "your time" not in page_of(asker, conversation)
    live_in(asker, PHOENIX)
    assert "your time" not in page_of(asker, conversation)
    live_in(helper, CHICAGO)
    assert page_of(asker, conversation).count("your time") == 2 * (len(moments) + 1)


@pytest.mark.django_db
def test_what_arrives_later_says_so_too(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    live_in(asker, PHOENIX)
    live_in(helper, NEW_YORK)
    say(helper, conversation, "At five?")
    browser = browser_of(Member.objects.get(pk=asker.pk))
    part = browser.get(f"/messages/{conversation.pk}/?after=1&record=1", headers={"HX-Request": "true"})
    assert re.search(r"[AP]M your time</span>", part.content.decode())


# What the device itself makes of each moment, beside what the page says.
TOLD = """() => [...document.querySelectorAll(".log__lines > [data-sequence]:not([data-sequence='1'])")].map((line) => {
    const at = line.querySelector("time").dateTime;
    const words = (how) => new Intl.DateTimeFormat("en-US", how).format(new Date(at)).replace("\u202f", " ");
    const year = (moment) => new Intl.DateTimeFormat("en-US", { year: "numeric" }).format(moment);
    const isThisYear = year(new Date(at)) === year(new Date());
    let day = line;
    while (!day.matches(".log__day")) day = day.previousElementSibling;
    return {
        at,
        page: [line.querySelector("time [aria-hidden]").textContent, day.innerText],
        device: [
            words({ hour: "numeric", minute: "2-digit" }),
            words({ month: "long", day: "numeric", ...(isThisYear ? { weekday: "long" } : { year: "numeric" }) }),
        ],
    };
})"""
MUDDLE = """() => {
    for (const day of document.querySelectorAll(".log__day time")) day.textContent = "?";
    document.querySelector("[data-thread]").dataset.today = "2000-01-01";
}"""


def test_every_moment_is_where_the_device_has_it_through_both_changes(
    come_in: Comer, asker: Member, helper: Member
) -> None:
    conversation = offer_to(asker, helper)
    live_in(helper, CHICAGO)
    for night in NIGHTS:
        begun = datetime.fromisoformat(f"{night}T00:30+00:00")
        for made, hour in zip(fill(conversation, [(asker, night)] * len(HOURS)), HOURS, strict=True):
            Message.objects.filter(pk=made.pk).update(created_at=begun + timedelta(hours=hour))
    days = set()
    for zone in (CHICAGO, NEW_YORK, PHOENIX):
        page = come_in(asker, timezone_id=zone)
        page.goto(url_of(conversation))
        page.wait_for_function("document.cookie.includes('tz=')")
        page.reload()
        told = page.evaluate(TOLD)[: len(NIGHTS) * len(HOURS)]
        assert len(told) == len(NIGHTS) * len(HOURS)
        for one in told:
            one["page"][0] = one["page"][0].removesuffix(" your time")
            assert one["page"] == one["device"], (zone, one["at"])
            days.add((zone, one["page"][1]))
        names = page.locator(".log__day").all_inner_texts()
        page.evaluate(MUDDLE)
        say(helper, conversation, f"Good morning to {zone}.")
        look(page)
        expect(page.locator(".log__day").first).to_have_text("Today")
        assert page.locator(".log__day").all_inner_texts()[: len(names)] == names
        assert (zone != CHICAGO) == ("your time" in page.locator(".log").inner_text())
    assert len(days) > 9, "each night has a day before it"


def test_a_page_drawn_before_the_device_told_its_zone_keeps_to_the_one_it_has(
    come_in: Comer, asker: Member, helper: Member
) -> None:
    conversation = offer_to(asker, helper)
    fill(conversation, [(helper, f"Word {number}") for number in range(120)])
    page = come_in(asker, timezone_id="Pacific/Kiritimati")
    page.goto(url_of(conversation))
    page.wait_for_function("document.cookie.includes('tz=')")
    page.get_by_role("link", name="Show older messages").click()
    expect(page.get_by_text("Word 30", exact=True)).to_have_count(1)
    say(helper, conversation, "At five?")
    look(page)
    send(page, "At five.")
    has_arrived(page, "At five.")
    offsets = "lines => lines.map((line) => line.dataset.at.slice(-6))"
    lines = page.locator(".log [data-sequence]")
    assert set(lines.evaluate_all(offsets)) <= {"-06:00", "-05:00"}, "the zone nobody chose is Chicago's"
    page.reload()
    assert set(lines.evaluate_all(offsets)) == {"+14:00"}

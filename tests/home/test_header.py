"""The numbers in the header: right, bounded, one statement, and never worth a broken page."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

import notifications.services as notifications
from home import reads
from home.reads_sql import TALKS, UNREAD
from members.models import Member
from members.services import blocks
from messaging.models import Conversation
from tests.cast import browser_of, client_of
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to, say
from tests.home.reading import count_in

pytestmark = pytest.mark.django_db


def tell(member: Member, times: int = 1, kind: str = "request_expiring") -> None:
    with transaction.atomic():
        for _ in range(times):
            notifications.record(kind, about=("helprequest", uuid4()), to=member)


def numbers(member: Member, url: str = "/me/") -> tuple[str, str]:
    page = browser_of(member).get(url)
    return count_in(page, "Messages"), count_in(page, "Notices")


def test_conversations_with_new_words_and_notices_are_counted(asker: Member, helper: Member) -> None:
    assert numbers(asker) == ("", ""), "no zeros"
    conversation = offer_to(asker, helper)
    say(helper, conversation)
    offer_to(asker, MemberFactory())
    assert numbers(asker)[0] == "2", "conversations, not messages"
    assert numbers(helper) == ("", "")
    say(asker, conversation)
    assert numbers(helper)[0] == "1"
    browser_of(asker).get(f"/messages/{conversation.pk}/seen.gif?upto=9")
    assert numbers(asker)[0] == "1"


def test_notices_are_counted_for_whom_they_are(asker: Member, helper: Member) -> None:
    tell(asker, 3)
    tell(helper)
    assert numbers(asker)[1] == "3"
    assert numbers(helper)[1] == "1"


def test_beyond_99_nobody_counts(asker: Member) -> None:
    tell(asker, 99)
    assert numbers(asker)[1] == "99"
    tell(asker, 30)
    assert numbers(asker)[1] == "99+"


@pytest.mark.parametrize("is_blocker", [True, False])
def test_who_is_blocked_or_gone_is_not_counted(is_blocker: bool, asker: Member, helper: Member) -> None:
    offer_to(asker, helper)
    gone = MemberFactory()
    offer_to(asker, gone)
    Member.objects.filter(pk=gone.pk).update(is_active=False)
    assert numbers(asker)[0] == "1"
    blocks.block(*((asker, helper.pk) if is_blocker else (helper, asker.pk)))
    assert numbers(asker)[0] == ""


def test_held_words_are_not_counted(asker: Member, helper: Member) -> None:
    offer_to(asker, helper)
    Conversation.objects.update(status="held", opening_moderation="held")
    assert numbers(asker)[0] == ""


def asked(browser: Any, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        browser.get(url)
    return sum("notices WHERE member_id" in query["sql"] for query in captured.captured_queries)


def test_one_statement_for_a_page_and_none_for_anything_else(asker: Member, waiting: Member, client: Any) -> None:
    browser = browser_of(asker)
    for page in ("/requests/", "/messages/", "/me/", "/notices/", "/home/"):
        assert asked(browser, page) == 1, page
    for page in ("/", f"/people/{uuid4()}/", "/nowhere/", "/api/help-requests"):
        assert asked(browser, page) == 0, page
    assert asked(client_of(asker), "/api/me") == 0
    assert asked(browser_of(waiting), "/waiting/") == 0
    assert asked(client, "/") == 0


def test_a_page_is_worth_more_than_its_numbers(asker: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(member: Member) -> None:
        raise DatabaseError("canceling statement due to statement timeout")

    monkeypatch.setattr(reads, "unread", fails)
    page = browser_of(asker).get("/me/")
    assert page.status_code == 200
    assert (count_in(page, "Messages"), count_in(page, "Notices")) == ("", "")


def test_screen_readers_hear_what_the_numbers_are(asker: Member, helper: Member) -> None:
    offer_to(asker, helper)
    page = browser_of(asker).get("/me/").content.decode()
    assert page.count('<span class="nav__count">1<span class="visually-hidden"> new</span></span>') == 2


def test_it_stays_short_enough_to_be_kept_prepared() -> None:
    assert max(len(UNREAD), len(TALKS)) < 4096

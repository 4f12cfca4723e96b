"""The list of one's chats: what each filter shows, what an empty one says, and how it goes on."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from carecollective.keyset import write_cursor
from help_requests.models import HelpRequest
from members.models import Member
from members.services import blocks
from messaging import reads
from messaging.models import Conversation, Status
from messaging.models.words import Show
from messaging.reads_sql import SHOWN
from messaging.services import closing, deciding, offering, requests
from notifications import preferences
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.factories.messaging import accepted, offer, offer_to, say
from tests.members.pages.sent import said

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]

STRANGE = "We did not know a part of that link, so we left it out."
NEEDS = "Needs your answer"


def rows(browser: Client, show: str = "", **more: str) -> list[str]:
    """Whose rows the list has, from the top."""
    query = {"show": show} if show else {}
    answer = browser.get("/messages/", query | more)
    assert answer.status_code == 200
    return re.findall(r'class="talk__who">([^<]+)<', answer.content.decode())


def test_each_filter_shows_its_own(asker: Member, helper: Member) -> None:
    people = {name: MemberFactory(called=name) for name in ("Closed", "Declined", "Talked", "Withdrawn")}
    offer_to(asker, helper)
    closing.close_conversation(asker, offer_to(asker, people["Closed"]).pk)
    deciding.decline_offer(asker, offer_to(asker, people["Declined"]).pk)
    deciding.withdraw_offer(people["Withdrawn"], offer_to(asker, people["Withdrawn"]).pk)
    offer_to(people["Talked"], asker)
    preferences.change(people["Declined"], can_receive_from="anyone")
    offering.start_direct(asker, people["Declined"].pk, "Hello, how are you today?")
    everybody = ["Declined", "Talked", "Withdrawn", "Declined", "Closed", "Ben"]
    assert rows(browser_of(asker)) == rows(browser_of(asker), "all") == everybody
    assert rows(browser_of(asker), "answer") == ["Ben"]
    assert rows(browser_of(asker), "sent") == ["Talked"], "what one wrote to somebody directly is no offer"
    assert rows(browser_of(asker), "ended") == ["Withdrawn", "Declined", "Closed"]
    assert rows(browser_of(people["Withdrawn"]), "ended") == ["Ana"]
    assert rows(browser_of(helper), "answer") == []
    assert rows(browser_of(helper), "sent") == ["Ana"]


@pytest.mark.parametrize(
    "change",
    [
        lambda offered: None,
        lambda offered: blocks.block(offered.requester, offered.helper_id),
        lambda offered: blocks.block(offered.helper, offered.requester_id),
        lambda offered: Member.objects.filter(pk=offered.helper_id).update(is_active=False),
        lambda offered: Member.objects.filter(pk=offered.helper_id).update(verification_status="rejected"),
        lambda offered: closing.close_conversation(offered.helper, offered.pk),
        lambda offered: requests.cancel_request(offered.requester, offered.asked_for.pk),
        lambda offered: deciding.accept_offer(offered.requester, offer(MemberFactory(), offered.asked_for).pk),
        lambda offered: HelpRequest.objects.filter(pk=offered.help_request_id).update(
            expires_at=now() - timedelta(minutes=1)
        ),
        lambda offered: HelpRequest.objects.filter(pk=offered.help_request_id).update(is_ongoing=True, expires_at=None),
        lambda offered: Conversation.objects.filter(pk=offered.pk).update(
            status=Status.HELD, opening_moderation="held"
        ),
    ],
    ids=["open", "blocked", "blocks", "gone", "rejected", "closed", "cancelled", "other", "rests", "ongoing", "held"],
)
def test_what_needs_my_answer_is_what_its_row_and_its_page_say(
    asker: Member, helper: Member, change: Callable[[Conversation], Any]
) -> None:
    offered = offer_to(asker, helper)
    change(Conversation.objects.get(pk=offered.pk))
    browser = browser_of(asker)
    chat = said(browser.get(f"/messages/{offered.pk}/"))
    shown = said(browser.get("/messages/"))
    needs = "Do you want Ben to help?" in chat
    assert (NEEDS in shown) == needs
    assert ("Ben" in rows(browser, "answer")) == needs


@pytest.mark.parametrize(
    ("show", "words", "to"),
    [
        ("", "No messages yet. When you offer help or someone offers you help, it shows up here.", "/requests/"),
        ("answer", "Nothing needs your answer now.", "/messages/"),
        ("sent", "You have not offered help yet.", "/requests/"),
        ("ended", "No chat of yours has ended.", "/messages/"),
    ],
)
def test_an_empty_list_says_what_would_be_there_and_leads_on(asker: Member, show: str, words: str, to: str) -> None:
    answer = browser_of(asker).get("/messages/", {"show": show} if show else {})
    assert words in said(answer)
    assert f'<a class="button button--secondary" href="{to}">' in answer.content.decode()


def test_the_chosen_filter_is_marked_and_stays_when_the_list_goes_on(asker: Member) -> None:
    for _ in range(22):
        offer_to(asker, MemberFactory())
    page = browser_of(asker).get("/messages/?show=answer").content.decode()
    assert re.findall(r'<a href="([^"]+)" aria-current="page">([^<]+)</a>', page)[-1] == (
        "/messages/?show=answer",
        "Needs my answer",
    )
    more = re.search(r'href="(\?[^"]*cursor=[^"]+)"', page)
    assert more
    rest = browser_of(asker).get("/messages/" + more[1].replace("&amp;", "&"))
    assert len(re.findall("talk__who", rest.content.decode())) == 2
    assert 'aria-current="page">Needs my answer' in rest.content.decode()


@pytest.mark.parametrize("show", ["x", "", "ALL", "answer ", "\x00", "أ", "answer' OR true --", "x" * 5000])
def test_a_filter_nobody_knows_is_all_with_a_word_about_it(asker: Member, helper: Member, show: str) -> None:
    offer_to(asker, helper)
    answer = browser_of(asker).get("/messages/", {"show": show})
    assert STRANGE in said(answer)
    assert 'aria-current="page">All<' in answer.content.decode()
    assert "Ben" in said(answer)


@pytest.mark.parametrize(
    "cursor",
    ["abc", "\x00", "é", "x" * 3000, write_cursor(["2026-01-01", "no id"]), write_cursor([1, 2]), write_cursor([]),
     write_cursor(["2026-01-01T00:00:00", "01a1fd59-3bee-7539-b0b9-2437376a77ba"])],
)  # fmt: skip
def test_a_link_that_leads_nowhere_is_the_first_page_with_a_word_about_it(
    asker: Member, helper: Member, cursor: str
) -> None:
    offer_to(asker, helper)
    answer = browser_of(asker).get("/messages/", {"cursor": cursor})
    assert STRANGE in said(answer)
    assert "Ben" in said(answer)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2020-01-01T00:00:00Z"])
def test_behind_the_last_row_there_is_a_way_back(asker: Member, moment: str) -> None:
    cursor = write_cursor([moment, "01a1fd59-3bee-7539-b0b9-2437376a77ba"])
    answer = browser_of(asker).get("/messages/", {"cursor": cursor, "show": "ended"})
    assert answer.status_code == 200
    assert "See all messages" in said(answer)


@pytest.mark.parametrize(("problem", "status"), [(OperationalError(), 503), (RuntimeError("broken"), 500)])
def test_a_list_that_cannot_be_loaded_says_so_and_can_be_tried_again(
    asker: Member, monkeypatch: pytest.MonkeyPatch, problem: Exception, status: int
) -> None:
    if status == 503:
        import psycopg

        problem.__cause__ = psycopg.OperationalError()

    def fail(*_: Any) -> None:
        raise problem

    monkeypatch.setattr(reads, "shown", fail)
    answer = browser_of(asker).get("/messages/?show=sent")
    assert answer.status_code == status
    assert "We could not load your messages." in said(answer)
    assert "<title>Error: Messages" in said(answer)
    assert '<a class="button" href="/messages/?show=sent">Try again</a>' in answer.content.decode()
    assert "No messages yet" not in said(answer)


def test_more_than_a_hundred_new_ones_are_said_to_be_many(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    for number, words in ((99, "99 New"), (100, "99+ New")):
        Conversation.objects.filter(pk=conversation.pk).update(requester_unread=number, last_sequence=101)
        assert words in said(browser_of(asker).get("/messages/"))


def test_the_list_beside_an_open_chat_is_ones_own_and_marks_the_open_one(
    asker: Member, helper: Member, outsider: Member, waiting: Member
) -> None:
    first, second = offer_to(asker, helper), offer_to(asker, outsider)
    url = f"/messages/{first.pk}/beside/"
    answer = browser_of(asker).get(url)
    page = answer.content.decode()
    assert "<html" not in page
    assert re.findall(r'href="/messages/([^/]+)/[^>]*?"( aria-current="page")?>', page) == [
        (str(second.pk), ""),
        (str(first.pk), ' aria-current="page"'),
    ]
    assert answer["Cache-Control"] == "private, no-store"
    assert str(second.pk) not in browser_of(helper).get(url).content.decode()
    assert str(first.pk) not in browser_of(outsider).get(url).content.decode()
    assert browser_of(waiting).get(url)["Location"] == "/waiting/"
    assert Client().get(url).status_code == 302
    assert browser_of(asker).post(url).status_code == 405


def test_a_phone_gets_no_second_list(asker: Member, helper: Member) -> None:
    first, second = offer_to(asker, helper), offer_to(asker, MemberFactory())
    page = browser_of(asker).get(f"/messages/{first.pk}/").content.decode()
    assert str(second.pk) not in page


def statements(browser: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)


def test_every_list_takes_the_same_few_statements_however_long_it_is(asker: Member, helper: Member) -> None:
    browser, first = browser_of(asker), accepted(asker, helper)
    urls = ["/messages/", *(f"/messages/?show={show}" for show in Show), f"/messages/{first.pk}/beside/"]
    made = 1
    counted = []
    for many in (1, 20, 50):
        while made < many:
            made += 1
            offered = offer_to(asker, MemberFactory()) if made % 7 else offer_to(MemberFactory(), asker)
            if made % 5 == 0:
                closing.close_conversation(asker, offered.pk)
        counted.append([statements(browser, url) for url in urls])
    assert counted[0] == counted[1] == counted[2]
    assert set(counted[0]) <= {3, 4}, counted[0]


@pytest.mark.parametrize("show", list(Show))
def test_the_lists_stay_prepared_and_walk_along_their_indexes(asker: Member, show: Show, long_run: bool) -> None:
    """The indexes in the long form only: what the planner says of tables nearly empty is no promise in every order."""
    assert len(SHOWN[show]) < 4096
    if not long_run:
        return
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "indexonlyscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        values: Any = {"me": asker.pk, "limit": 21, "offset": 0, "moment": None, "last_id": None}
        cursor.execute("EXPLAIN (FORMAT JSON) " + SHOWN[show], values)
        (plan,) = cursor.fetchone()
    text = plan if isinstance(plan, str) else orjson.dumps(plan).decode()
    scans = re.findall(r'"Node Type": ?"Index Scan"[^{}]*?"Index Name": ?"(conversations_of_\w+)"', text)
    sides = {Show.TO_ANSWER: {"conversations_of_requester"}, Show.SENT: {"conversations_of_helper"}}
    assert set(scans) == sides.get(show, {"conversations_of_requester", "conversations_of_helper"}), text
    assert not re.search(r'"Seq Scan"[^{}]*"conversations_v2"', text)


def test_what_was_said_last_is_the_newest_row(asker: Member, helper: Member, outsider: Member) -> None:
    first = offer_to(asker, helper)
    offer_to(asker, outsider)
    say(helper, first, "One more thing.")
    assert rows(browser_of(asker), "answer") == ["Ben", "Olga"]

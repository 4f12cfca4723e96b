"""The list of notices: what happened, day by day, each leading to its place."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils.timezone import now

import notifications.services as notifications
from carecollective.errors import NotFound
from members.models import Member
from members.services import blocks
from messaging.models import Conversation
from messaging.services import deciding
from notifications import reads
from notifications.kinds import KINDS
from notifications.models import Event, Notice
from notifications.words import told
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to, say
from tests.home.reading import count_in, words

pytestmark = pytest.mark.django_db


def tell(member: Member, kind: str = "request_expiring", about: Any = None, **data: Any) -> Notice:
    with transaction.atomic():
        event = notifications.record(kind, about=about or ("helprequest", uuid4()), to=member, **data)
    return Notice.objects.get(event=event, member=member)


def list_of(member: Member, more: str = "") -> str:
    return words(browser_of(member).get(f"/notices/{more}"))


class TestTheSentences:
    @pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.bell])
    def test_every_kind_is_told_in_a_sentence_that_leads_somewhere_of_ours(self, kind: str, asker: Member) -> None:
        about = uuid4()
        said = told(tell(asker, kind, ("conversation", about), help_request=uuid4()))
        assert re.fullmatch(r"[A-Z][^{}<>]{5,60}[^. ]", said.sentence)
        assert resolve(said.place)

    def test_it_is_the_subject_of_its_letter(self, asker: Member) -> None:
        about = uuid4()
        said = told(tell(asker, "offer_received", ("conversation", about)))
        assert (said.sentence, said.place) == ("Someone offered to help you", f"/messages/{about}/")


class TestTheList:
    def test_who_and_what_stand_beside_each(self, asker: Member, helper: Member) -> None:
        conversation = offer_to(asker, helper)
        deciding.accept_offer(asker, conversation.pk)
        assert "Someone offered to help you Ben · Pick up groceries on Tuesday New" in list_of(asker)
        assert "Your offer was accepted Ana · Pick up groceries on Tuesday New" in list_of(helper)
        tell(asker, "request_expiring", HelpRequestFactory(requester=asker, title="A lift to the market"))
        assert "Your request closes soon A lift to the market New" in list_of(asker)

    def test_everybody_reads_their_own(self, asker: Member, helper: Member) -> None:
        tell(asker)
        assert "You are all caught up." in list_of(helper)
        assert "You are all caught up." not in list_of(asker)

    def test_the_days_are_those_of_the_reader(self, asker: Member) -> None:
        tell(asker)
        tell(asker, "thanked", ("conversation", uuid4()))
        Event.objects.filter(kind="request_expiring").update(at=datetime(2026, 3, 2, 3, 30, tzinfo=UTC))
        Member.objects.filter(pk=asker.pk).update(time_zone="America/Chicago")
        shown = list_of(Member.objects.get(pk=asker.pk))
        assert "Sunday, March 1 " in shown
        assert "9:30 PM" in shown
        assert shown.index("Today") < shown.index("Sunday, March 1")

    def test_the_same_said_again_is_one_line(self, asker: Member, helper: Member) -> None:
        conversation = offer_to(asker, helper)
        for _ in range(3):
            say(asker, conversation)
        shown = list_of(helper)
        assert shown.count("You have a new message") == 1
        assert "3 times" in shown

    @pytest.mark.parametrize("is_blocker", [True, False])
    def test_who_is_behind_a_block_is_not_named(self, is_blocker: bool, asker: Member, helper: Member) -> None:
        offer_to(asker, helper)
        assert "Ben" in list_of(asker)
        blocks.block(*((asker, helper.pk) if is_blocker else (helper, asker.pk)))
        assert "Someone offered to help you" in list_of(asker)
        assert "Ben" not in list_of(asker)

    def test_who_is_gone_is_not_named(self, asker: Member, helper: Member) -> None:
        offer_to(asker, helper)
        Member.objects.filter(pk=helper.pk).update(is_active=False)
        assert "Ben" not in list_of(asker)

    def test_a_held_conversation_says_nothing(self, asker: Member, helper: Member) -> None:
        offer_to(asker, helper)
        Conversation.objects.update(status="held", opening_moderation="held")
        assert not re.search("Ben|groceries", list_of(asker))

    def test_more_come_on_the_next_page_and_none_is_lost_meanwhile(self, asker: Member) -> None:
        for number in range(35):
            notice = tell(asker)
            Event.objects.filter(pk=notice.event_id).update(at=now() - timedelta(days=60 - number))
        browser = browser_of(asker)
        first = browser.get("/notices/").content.decode()
        more = re.search(r'href="(\?cursor=[^"]+)"', first)
        assert more
        tell(asker)
        second = browser.get("/notices/" + more[1]).content.decode()
        opened = [re.findall(r'href="/notices/([0-9a-f-]{36})/"', page) for page in (first, second)]
        assert [len(page) for page in opened] == [30, 5]
        assert not set(opened[0]) & set(opened[1])
        assert "?cursor=" not in second
        for broken in ("?cursor=abc", "?cursor=WzFd", "?cursor=%00", "?cursor=WyJ4Il0", f"?cursor={'A' * 3000}"):
            assert browser.get(f"/notices/{broken}").status_code == 200, broken

    def test_more_notices_take_no_more_statements(self, asker: Member) -> None:
        browser, counted = browser_of(asker), []
        for times in (1, 9):
            for _ in range(times):
                offer_to(asker, MemberFactory())
                tell(asker, "request_expiring", HelpRequestFactory(requester=asker))
            with CaptureQueriesContext(connection) as captured:
                browser.get("/notices/")
            counted.append(len(captured))
        assert counted == [6, 6]

    def test_names_and_titles_are_text(self, asker: Member) -> None:
        nasty = MemberFactory(called="<script>alert(1)</script>")
        offer_to(asker, nasty)
        assert "<script>alert" not in browser_of(asker).get("/notices/").content.decode()

    def test_the_api_can_read_the_same_page(self, asker: Member) -> None:
        tell(asker)
        tell(asker)
        page = reads.notices(asker, 1)
        assert [notice.number for notice in page.rows] == [2]
        assert [notice.number for notice in reads.notices(asker, 1, page.next_cursor or "").rows] == [1]


class TestReadingThem:
    def test_opening_one_leads_to_its_place_and_reads_it(self, asker: Member, helper: Member) -> None:
        conversation = offer_to(asker, helper)
        notice = tell(asker)
        browser = browser_of(asker)
        first = Notice.objects.get(event__kind="offer_received")
        assert browser.get(f"/notices/{first.pk}/")["Location"] == f"/messages/{conversation.pk}/"
        first.refresh_from_db()
        notice.refresh_from_db()
        assert first.read_at
        assert notice.read_at is None
        assert count_in(browser.get("/notices/"), "Notices") == "1"
        read_at = first.read_at
        browser.get(f"/notices/{first.pk}/")
        first.refresh_from_db()
        assert first.read_at == read_at

    def test_it_reads_what_said_the_same_before_and_nothing_else(self, asker: Member) -> None:
        about = ("conversation", uuid4())
        earlier, plan, opened, later = (
            tell(asker, kind, about, help_request=uuid4())
            for kind in ("message_received", "plan_made", "message_received", "message_received")
        )
        notifications.read_one(asker, opened.pk)
        unread = set(Notice.objects.unread().values_list("pk", flat=True))
        assert unread == {plan.pk, later.pk}
        assert earlier.pk not in unread

    @pytest.mark.parametrize("whose", ["somebody else's", "nobody's"])
    def test_only_one_s_own_can_be_opened(self, whose: str, asker: Member, helper: Member) -> None:
        notice = tell(helper)
        notice_id: UUID = notice.pk if whose == "somebody else's" else uuid4()
        assert browser_of(asker).get(f"/notices/{notice_id}/").status_code == 404
        with pytest.raises(NotFound):
            notifications.read_one(asker, notice_id)
        notice.refresh_from_db()
        assert notice.read_at is None

    def test_all_are_read_at_once_but_not_what_came_since(self, asker: Member, helper: Member) -> None:
        for _ in range(3):
            tell(asker)
        others = tell(helper)
        browser = browser_of(asker)
        page = browser.get("/notices/").content.decode()
        newest = re.search(r'name="up_to" value="(\d+)"', page)
        assert newest
        tell(asker)
        for _ in range(2):
            assert browser.post("/notices/read/", {"up_to": newest[1]})["Location"] == "/notices/"
        assert Notice.objects.visible_to(asker).unread().count() == 1
        others.refresh_from_db()
        assert others.read_at is None

    def test_what_has_been_read_needs_no_button(self, asker: Member) -> None:
        notice = tell(asker)
        assert "Mark all as read" in list_of(asker)
        notifications.read_all(asker, notice.number)
        assert "Mark all as read" not in list_of(asker)
        assert " New " not in list_of(asker)

    @pytest.mark.parametrize("up_to", ["", "x", "-1", "1e9", "9" * 30, "1\u200b", "\u0663"])
    def test_a_number_of_nobody_reads_nothing(self, up_to: str, asker: Member) -> None:
        tell(asker)
        status = browser_of(asker).post("/notices/read/", {"up_to": up_to}).status_code
        assert status == 400 or up_to == "\u0663"
        if status == 400:
            assert Notice.objects.unread().count() == 1

    def test_the_doors(self, client: Any, waiting: Member, asker: Member) -> None:
        for url in ("/notices/", f"/notices/{uuid4()}/"):
            assert client.get(url)["Location"].startswith("/login/")
            assert browser_of(waiting).get(url)["Location"] == "/waiting/"
            assert browser_of(asker).post(url).status_code == 405
        assert browser_of(asker).get("/notices/read/").status_code == 405

    def test_opening_the_chat_reads_its_notices(self, asker: Member, helper: Member) -> None:
        conversation = offer_to(asker, helper)
        browser = browser_of(asker)
        browser.get(f"/messages/{conversation.pk}/seen.gif?upto=1")
        assert count_in(browser.get("/notices/"), "Notices") == ""
        Notice.objects.update(read_at=None, number=F("number"))
        assert count_in(browser.get("/notices/"), "Notices") == "1"

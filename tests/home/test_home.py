"""A member's home: what needs an answer, what is planned, what is under way; for the right person, and nobody else."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from help_requests.models import HelpRequest, LocationPrivacy
from members.models import Member
from members.services import blocks
from messaging.models import Conversation, Plan, Status, Type
from messaging.services import closing, deciding, offering, planning, reading, requests, talking, thanking
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, accepted, offer, offer_to, say
from tests.home.reading import part, words
from tests.messaging.test_plans import wish

pytestmark = pytest.mark.django_db


def home_of(member: Member) -> str:
    return words(browser_of(member).get("/home/"))


def needs_of(member: Member) -> str:
    return part(browser_of(member), "needs")


def read(member: Member, conversation: Conversation) -> None:
    reading.mark_read(member, conversation.pk, Conversation.objects.get(pk=conversation.pk).last_sequence)


def agreed(asker: Member, helper: Member, days: int = 1) -> Conversation:
    """Help that was agreed on, with a plan both said yes to, and everything read."""
    conversation = accepted(asker, helper)
    request_id = conversation.asked_for.pk
    plan = planning.make_plan(helper, request_id, wish(days=max(days, 0)))
    planning.agree_to_plan(asker, request_id, plan.version)
    if days < 0:
        earlier = timedelta(days=-days)
        Plan.objects.filter(pk=plan.pk).update(day=F("day") - earlier, starts_at=F("starts_at") - earlier)
    for member in (asker, helper):
        read(member, conversation)
    return conversation


class TestWhatNeedsAnAnswer:
    def test_an_offer_waits_for_whoever_asked(self, asker: Member, helper: Member, outsider: Member) -> None:
        conversation = offer_to(asker, helper)
        assert "Ben offered to help with groceries or meals." in needs_of(asker)
        assert "Pick up groceries on Tuesday 1 new" in needs_of(asker)
        assert f'href="/messages/{conversation.pk}/"' in browser_of(asker).get("/home/").content.decode()
        read(asker, conversation)
        assert "Read the offer of Ben" in needs_of(asker), "reading it is not answering it"
        assert needs_of(helper) == needs_of(outsider) == ""

    def test_an_answered_offer_waits_no_more(self, asker: Member, helper: Member) -> None:
        conversation = offer_to(asker, helper)
        read(asker, conversation)
        deciding.decline_offer(asker, conversation.pk)
        assert needs_of(asker) == ""
        assert "Ana has found another way this time." in needs_of(helper), "whoever offered is told"

    def test_a_second_offer_waits_for_nothing_once_there_is_a_helper(self, asker: Member, helper: Member) -> None:
        first, second = offer_to(asker, helper), MemberFactory(called="Carol")
        other = offer(second, first.asked_for)
        deciding.accept_offer(asker, first.pk)
        for conversation in (first, other):
            read(asker, conversation)
        assert needs_of(asker) == ""
        assert "Ana has a helper now. Your offer stays open." in part(browser_of(second), "under-way")

    def test_new_words_stand_there_until_they_are_read(self, asker: Member, helper: Member) -> None:
        conversation = offer_to(asker, helper)
        say(asker, conversation, "Could you come at six?")
        say(asker, conversation, "Or at seven?")
        assert "Ana wrote to you. Pick up groceries on Tuesday 2 new Open the chat with Ana" in needs_of(helper)
        assert "Could you come" not in home_of(helper), "words are read in the chat"
        browser_of(helper).get(f"/messages/{conversation.pk}/seen.gif?upto=3")
        assert needs_of(helper) == ""

    def test_what_happened_is_said(self, asker: Member, helper: Member) -> None:
        conversation = accepted(asker, helper)
        assert "Ana accepted your offer." in needs_of(helper)
        closing.close_conversation(asker, conversation.pk)
        assert "Ana ended this chat." in needs_of(helper)

    def test_a_thank_you_is_called_one(self, asker: Member, helper: Member) -> None:
        conversation = accepted(asker, helper)
        read(helper, conversation)
        requests.complete_request(asker, conversation.asked_for.pk)
        thanking.thank(asker, conversation.asked_for.pk, "You made my week.")
        assert "Ana says thank you." in needs_of(helper)
        assert "You made my week." not in home_of(helper)

    def test_a_plan_waits_for_the_yes_of_the_other(self, asker: Member, helper: Member) -> None:
        conversation = accepted(asker, helper)
        read(helper, conversation)
        planning.make_plan(helper, conversation.asked_for.pk, wish(days=2))
        assert re.search(r"Ben has a plan for you: \w+, \w+ \d+, \d+:\d\d [AP]M\.", needs_of(asker))
        assert "Your plan waits for Ana’s yes." in part(browser_of(helper), "under-way")
        Plan.objects.update(day=F("day") - timedelta(days=9), starts_at=F("starts_at") - timedelta(days=9))
        assert "has a plan for you" not in needs_of(asker), "nobody can say yes to a day that is over"

    def test_whether_it_helped_is_asked_the_day_after(self, asker: Member, helper: Member) -> None:
        conversation = agreed(asker, helper, days=-2)
        assert "Did Ben help with groceries or meals?" in needs_of(asker)
        assert "Did" not in home_of(helper)
        planning.answer_plan(asker, conversation.asked_for.pk, "not_yet")
        assert needs_of(asker) == ""

    def test_a_request_about_to_rest_asks_whether_it_is_still_needed(self, asker: Member, outsider: Member) -> None:
        HelpRequestFactory(requester=asker, expires_at=now() + timedelta(days=3))
        HelpRequestFactory(requester=asker, title="A lift to the market", expires_at=now() + timedelta(days=20))
        assert "Do you still need it? Pick up groceries on Tuesday Keep it or close it" in needs_of(asker)
        assert "A lift to the market" not in needs_of(asker)
        assert needs_of(outsider) == ""

    def test_each_conversation_asks_once(self, asker: Member, helper: Member) -> None:
        conversation = offer_to(asker, helper)
        say(helper, conversation, "I have a big trunk.")
        assert needs_of(asker).count("Ben") == 2, "once to look at, once read aloud with the button"
        assert "2 new" in needs_of(asker)

    def test_offers_come_first_and_a_long_list_leads_on(self, asker: Member, helper: Member) -> None:
        request = HelpRequestFactory(requester=asker)
        for _ in range(11):
            offer(MemberFactory(), request)
        other = HelpRequestFactory(requester=helper)
        say(helper, offer(asker, other), "Yes, please.")
        shown = needs_of(asker)
        assert shown.count("Read the offer") == 10
        assert "See all your messages" in shown
        assert shown.index("offered to help") < len(shown)


class TestPlansAndWhatIsUnderWay:
    def test_a_plan_stands_on_both_pages(self, asker: Member, helper: Member, outsider: Member) -> None:
        conversation = agreed(asker, helper)
        for member, side in ((asker, "Ben helps you"), (helper, "You help Ana")):
            shown = part(browser_of(member), "plans")
            assert "Tomorrow" in shown
            assert "Time: 5:00 PM" in shown
            assert "Place: the porch" in shown
            assert side in shown
            assert "Open the chat with" in shown
            assert "Nothing needs you today." not in home_of(member)
        assert part(browser_of(outsider), "plans") == ""
        say(asker, conversation, "The gate is open.")
        assert "Tomorrow" in part(browser_of(helper), "plans"), "new words do not hide it"
        assert "Ana wrote to you." in needs_of(helper)
        planning.cancel_plan(helper, conversation.asked_for.pk)
        assert part(browser_of(helper), "plans") == ""

    def test_the_nearest_plan_comes_first_and_one_that_is_over_is_gone(self, asker: Member, helper: Member) -> None:
        agreed(asker, helper, days=5)
        agreed(asker, MemberFactory(called="Carol"), days=2)
        agreed(asker, MemberFactory(called="Dev"), days=-3)
        shown = part(browser_of(asker), "plans")
        assert shown.index("Carol") < shown.index("Ben")
        assert "Dev" not in shown

    def test_another_zone_is_said(self, asker: Member, helper: Member) -> None:
        agreed(asker, helper)
        Member.objects.filter(pk=helper.pk).update(time_zone="America/New_York")
        shown = part(browser_of(Member.objects.get(pk=helper.pk)), "plans")
        assert re.search(r"5:00 PM, Central time \(\w+, 6:00 PM your time\)", shown)

    def test_an_offer_waits_on_its_helpers_page(self, asker: Member, helper: Member) -> None:
        conversation = offer_to(asker, helper)
        assert "Waiting for Ana (sent today)" in part(browser_of(helper), "under-way")
        Conversation.objects.update(offered_at=F("offered_at") - timedelta(days=1))
        assert "Waiting for Ana (sent yesterday)" in part(browser_of(helper), "under-way")
        Conversation.objects.update(offered_at=F("offered_at") - timedelta(days=7))
        assert re.search(r"Waiting for Ana \(sent on \w+ \d+\)", part(browser_of(helper), "under-way"))
        deciding.withdraw_offer(helper, conversation.pk)
        assert part(browser_of(helper), "under-way") == ""

    def test_help_without_a_plan_invites_to_make_one(self, asker: Member, helper: Member) -> None:
        conversation = accepted(asker, helper)
        for member in (asker, helper):
            read(member, conversation)
        assert "Ben is your helper. Pick up groceries on Tuesday Make a plan with Ben" in home_of(asker)
        assert "You are helping Ana. Pick up groceries on Tuesday Make a plan with Ana" in home_of(helper)
        closing.close_conversation(asker, conversation.pk)
        read(helper, conversation)
        assert "You are helping Ana. Pick up groceries on Tuesday Open the chat with Ana" in home_of(helper)
        requests.complete_request(asker, conversation.asked_for.pk)
        assert part(browser_of(asker), "under-way") == ""

    def test_own_requests_say_how_they_stand(self, asker: Member, helper: Member) -> None:
        conversation = offer_to(asker, helper)
        assert "1 offer to answer" in part(browser_of(asker), "own")
        offer(MemberFactory(), conversation.asked_for)
        assert "2 offers to answer" in part(browser_of(asker), "own")
        deciding.accept_offer(asker, conversation.pk)
        assert "Help is on the way Ben helps you" in part(browser_of(asker), "own")
        requests.complete_request(asker, conversation.asked_for.pk)
        assert "Pick up groceries" not in part(browser_of(asker), "own")
        assert "Yours" not in home_of(asker)


class TestNewRequests:
    def test_they_are_open_not_mine_and_not_offered_on(self, asker: Member, helper: Member) -> None:
        for title, more in (
            ("Somebody else needs this", {}),
            ("It is under way", {"in_progress": True}),
            ("It is over", {"completed": True}),
            ("Its time ran out", {"expired": True}),
            ("I asked for this", {"requester": helper}),
        ):
            HelpRequestFactory(title=title, **more)
        offered = HelpRequestFactory(title="I offered on this")
        offer(helper, offered)
        shown = part(browser_of(helper), "found")
        assert "Somebody else needs this" in shown
        assert not re.search("under way|is over|ran out|I asked|I offered", shown)

    def test_a_few_of_the_newest_and_the_way_to_all(self, asker: Member) -> None:
        for number in range(6):
            HelpRequestFactory(title=f"Request number {number}")
        shown = part(browser_of(asker), "found")
        assert re.findall(r"number (\d)", shown) == ["5", "4", "3", "2"]
        assert "See all requests" in re.sub(r"\s+", " ", shown)

    @pytest.mark.parametrize("privacy", [LocationPrivacy.HELPERS_ONLY, LocationPrivacy.AFTER_MATCH])
    def test_a_town_that_is_kept_is_not_shown(self, privacy: str, asker: Member, helper: Member) -> None:
        HelpRequestFactory(requester=asker, town="Quietville", location_privacy=privacy)
        assert "Pick up groceries" in home_of(helper)
        assert "Quietville" not in home_of(helper)


class TestWhatNobodySees:
    @pytest.mark.parametrize("is_blocker", [True, False])
    def test_nothing_comes_through_a_block(self, is_blocker: bool, asker: Member, helper: Member) -> None:
        offer_to(asker, helper)
        agreed(asker, helper)
        agreed(asker, helper, days=-2)
        say(asker, offer_to(asker, helper), "Are you there?")
        HelpRequestFactory(requester=helper, title="A walk in the park")
        for member, other in ((asker, "Ben"), (helper, "Ana")):
            assert other in home_of(member)
        blocks.block(*((asker, helper.pk) if is_blocker else (helper, asker.pk)))
        for member, other in ((asker, "Ben"), (helper, "Ana")):
            shown = home_of(member)
            assert other not in shown
            assert "A walk in the park" not in shown or member == helper
            assert "the porch" not in shown

    def test_an_account_that_is_gone_is_not_named(self, asker: Member, helper: Member) -> None:
        offer_to(asker, helper)
        Member.objects.filter(pk=helper.pk).update(is_active=False)
        assert "Ben" not in home_of(asker)

    def test_held_words_wait_for_nobody_yet(self, asker: Member, helper: Member) -> None:
        conversation = offer_to(asker, helper)
        Conversation.objects.filter(pk=conversation.pk).update(status=Status.HELD, opening_moderation="held")
        assert "Ben" not in home_of(asker)

    def test_words_stay_in_the_chat_sealed_or_not(self, asker: Member, helper: Member) -> None:
        conversation = offer_to(asker, helper)
        talking.send_message(helper, conversation.pk, "My door code is 4417.", "", Type.SENSITIVE)
        page = browser_of(asker).get("/home/").content.decode()
        assert "4417" not in page
        assert WORDS not in page

    def test_names_and_titles_are_text(self, asker: Member) -> None:
        nasty = MemberFactory(called="<script>alert(1)</script>")
        offer(nasty, HelpRequestFactory(requester=asker, title="<b>bold</b> & loud"))
        page = browser_of(asker).get("/home/").content.decode()
        assert "<script>alert" not in page
        assert "<b>bold" not in page


class TestTheWholePage:
    def test_the_first_visit_is_a_welcome(self, asker: Member) -> None:
        shown = home_of(asker)
        assert "Welcome, Ana. What do you want to do first?" in shown
        assert "Ask for help" in shown
        assert "See who needs help" in shown
        assert not re.search(r"\b0\b|Needs your answer|Your requests|Nothing needs you", shown)

    def test_a_quiet_day(self, asker: Member, helper: Member) -> None:
        HelpRequestFactory(requester=asker)
        shown = home_of(asker)
        assert "Hello, Ana." in shown
        assert "Nothing needs you today. Ask for help See who needs help" in shown
        assert not re.search(r"\b0\b", shown)
        HelpRequest.objects.update(status="cancelled", ending="not_needed", cancelled_at=now())
        assert "Nothing needs you today." in home_of(asker), "whoever asked once is no stranger"

    def test_it_is_for_members_only(self, waiting: Member, declined: Member, client: Any) -> None:
        assert client.get("/home/")["Location"].startswith("/login/")
        for member in (waiting, declined):
            assert browser_of(member).get("/home/")["Location"] == "/waiting/"
        assert browser_of(MemberFactory()).post("/home/").status_code == 405

    def test_it_is_where_members_begin(self, asker: Member, waiting: Member) -> None:
        assert browser_of(asker).get("/")["Location"] == "/home/"
        assert browser_of(waiting).get("/")["Location"] == "/waiting/"
        assert 'href="/home/"' in browser_of(asker).get("/waiting/").content.decode()

    def test_more_of_everything_takes_no_more_statements(self, asker: Member, helper: Member) -> None:
        browser = browser_of(asker)
        counted = []
        for times in (1, 6):
            for _ in range(times):
                someone = MemberFactory()
                offer_to(asker, someone)
                agreed(asker, MemberFactory(), days=2)
                agreed(asker, MemberFactory(), days=-2)
                offer_to(MemberFactory(), asker)
                HelpRequestFactory()
            with CaptureQueriesContext(connection) as captured:
                assert browser.get("/home/").status_code == 200
            counted.append(len(captured))
        assert counted == [6, 6]

    def test_an_offer_by_a_page_stands_on_both_homes(self, asker: Member, helper: Member) -> None:
        request = HelpRequestFactory(requester=asker, category="other")
        offering.offer_help(helper, request.pk, WORDS)
        assert "Ben offered to help you." in needs_of(asker)

"""The list of requests: how many there are, how many people offered, and the part of it a script asks for."""

import re
from typing import Any

import pytest
from django.test import Client

from help_requests import cards
from help_requests.models import HelpRequest
from members.models import Member
from members.services import blocks
from messaging.models import Conversation, OfferState
from messaging.services import closing, deciding
from tests.cast import browser_of, client_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer

pytestmark = pytest.mark.django_db

PART = {"HX-Request": "true"}


def words_of(answer: Any) -> str:
    return str(answer.content.decode())


def count_of(answer: Any) -> str:
    found = re.search(r'id="count"[^>]*>\s*([^<]*?)\s*</p>', words_of(answer))
    assert found
    return found[1]


def offers_on(request: HelpRequest, member: Member) -> int:
    return HelpRequest.objects.with_offers().one_for(member, request.pk).offers_standing


def test_a_card_says_how_many_people_offered_and_nothing_for_none(outsider: Member) -> None:
    request, browser = HelpRequestFactory(), browser_of(outsider)
    assert "offered" not in words_of(browser.get("/requests/"))
    offer(MemberFactory(), request)
    assert "1 person offered" in words_of(browser.get("/requests/"))
    offer(MemberFactory(), request)
    assert "2 people offered" in words_of(browser.get("/requests/"))
    assert "2 people offered" in words_of(browser.get(f"/requests/{request.pk}/"))
    assert "2 people offered" in words_of(browser_of(request.requester).get("/requests/mine/"))


def test_only_offers_that_stand_are_counted(asker: Member, outsider: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    made = [offer(MemberFactory(), request) for _ in range(6)]
    offer(MemberFactory(), HelpRequestFactory(requester=asker))
    assert offers_on(request, outsider) == 6
    deciding.decline_offer(asker, made[0].pk)
    deciding.withdraw_offer(made[1].helper, made[1].pk)
    closing.close_conversation(asker, made[2].pk)
    Conversation.objects.filter(pk=made[3].pk).update(offer_state=OfferState.EXPIRED, expired_at=made[3].offered_at)
    Conversation.objects.filter(pk=made[4].pk).update(status="held", opening_moderation="held")
    assert offers_on(request, outsider) == 1
    deciding.accept_offer(asker, made[5].pk)
    assert offers_on(request, outsider) == 1


def test_of_a_request_behind_a_block_and_of_one_that_is_over_the_number_is_not_told(
    asker: Member, helper: Member, outsider: Member
) -> None:
    request, over = HelpRequestFactory(requester=asker), HelpRequestFactory(requester=asker, completed=True)
    offer(helper, request)
    blocks.block(asker, outsider.pk)
    assert "offered" not in words_of(browser_of(outsider).get(f"/requests/{request.pk}/"))
    assert "offered" not in words_of(browser_of(asker).get(f"/requests/{over.pk}/"))


def test_the_api_answers_as_before(outsider: Member) -> None:
    offer(MemberFactory(), HelpRequestFactory())
    row = client_of(outsider).get("/api/help-requests").json()["help_requests"][0]
    assert not [name for name in row if "offer" in name and name != "exchange_offer"]


def test_how_many_there_are_is_counted_over_all_pages(outsider: Member) -> None:
    browser = browser_of(outsider)
    assert count_of(browser.get("/requests/")) == ""
    HelpRequestFactory(category="household-yard")
    assert count_of(browser.get("/requests/")) == "1 request"
    HelpRequestFactory.create_batch(22)
    assert count_of(browser.get("/requests/")) == "23 requests"
    assert count_of(browser.get("/requests/?category=household-yard")) == "1 request"
    assert count_of(browser.get("/requests/?category=other")) == "0 requests"
    assert cards.how_many(1000) == "1,000 requests"
    assert cards.how_many(1001) == "More than 1,000 requests"


def test_a_script_gets_only_the_list_and_its_number(outsider: Member) -> None:
    request = HelpRequestFactory(category="household-yard")
    HelpRequestFactory(title="Another one entirely")
    browser = browser_of(outsider)
    whole = browser.get("/requests/?category=household-yard")
    part = browser.get("/requests/?category=household-yard", headers=PART)
    assert "<html" in words_of(whole)
    assert "<html" not in words_of(part)
    for answer in (whole, part):
        assert request.title in words_of(answer)
        assert "Another one" not in words_of(answer)
        assert count_of(answer) == "1 request"
        assert "HX-Request" in answer["Vary"]
        assert answer["Cache-Control"] == "private, no-store"
    assert "No one needs this right now. Try all topics." in words_of(
        browser.get("/requests/?category=other", headers=PART)
    )
    assert "so we left it out" in words_of(browser.get("/requests/?category=money", headers=PART))


def test_a_script_without_a_session_is_told_to_sign_in(waiting: Member) -> None:
    answer = Client().get("/requests/?q=dog", headers=PART)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["HX-Redirect"] == "/login/?next=%2Frequests%2F%3Fq%3Ddog"
    assert browser_of(waiting).get("/requests/", headers=PART)["HX-Redirect"] == "/waiting/"


def test_urgent_ones_stand_on_top_and_the_rest_newest_first(outsider: Member) -> None:
    for title, urgency in (("Old urgent", "critical"), ("Older one", "normal"), ("Newer one", "normal")):
        HelpRequestFactory(title=title, urgency=urgency)
    page = words_of(browser_of(outsider).get("/requests/"))
    places = [page.index(title) for title in ("Old urgent", "Newer one", "Older one")]
    assert places == sorted(places)


def test_mine_says_where_each_stands(asker: Member) -> None:
    HelpRequestFactory(requester=asker)
    HelpRequestFactory(requester=asker, completed=True)
    page = words_of(browser_of(asker).get("/requests/mine/"))
    assert [words in page for words in (">Open<", "Done", "Yours")] == [True, True, False]

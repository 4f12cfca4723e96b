"""Closing a request and naming who helped: what is offered there can be chosen, and what fails is said plainly."""

import pytest
from django.test import Client

from help_requests.models import HelpRequest, Status
from members.models import Member
from messaging.models import Conversation
from messaging.models.finding import Conversations
from messaging.services import closing, deciding
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer, offer_to

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]


@pytest.fixture
def ben(asker: Member, helper: Member) -> Conversation:
    """His offer, beside another one, so that there is always a choice."""
    made = offer_to(asker, helper)
    offer(MemberFactory(called="Carol"), made.asked_for)
    return made


def close(asker: Member, of: Conversation) -> tuple[Client, str]:
    return browser_of(asker), f"/requests/{of.asked_for.pk}/close/"


def must_not_be_a_choice(asker: Member, of: Conversation) -> None:
    browser, url = close(asker, of)
    page = browser.get(url).content.decode()
    assert "Carol" in page
    assert str(of.pk) not in page
    assert browser.post(url, {"reason": "helped_here", "helped_by": str(of.pk)}).status_code == 400


@pytest.mark.parametrize("who_ended", ["requester", "helper"])
def test_nobody_is_offered_whose_chat_has_ended(asker: Member, ben: Conversation, who_ended: str) -> None:
    """Their offer keeps its state, but a yes to it would be refused."""
    closing.close_conversation(getattr(ben, who_ended), ben.pk)
    must_not_be_a_choice(asker, ben)


def test_an_offer_taken_back_meanwhile_is_no_answer_any_more(asker: Member, ben: Conversation) -> None:
    deciding.withdraw_offer(ben.helper, ben.pk)
    browser, url = close(asker, ben)
    answer = browser.post(url, {"reason": "helped_here", "helped_by": str(ben.pk)})
    assert answer.status_code == 400
    assert "Please pick one from the list." in answer.content.decode()
    assert HelpRequest.objects.get(pk=ben.asked_for.pk).status == Status.OPEN


def test_somebody_whose_account_is_gone_is_not_offered(asker: Member, ben: Conversation) -> None:
    Member.objects.filter(pk=ben.helper_id).update(is_active=False)
    must_not_be_a_choice(asker, ben)


def test_what_happens_between_the_list_and_the_press_is_said_in_plain_words(
    asker: Member, ben: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, url = close(asker, ben)
    closing.close_conversation(ben.helper, ben.pk)
    monkeypatch.setattr(Conversations, "could_be_accepted", Conversations.offered)
    answer = browser.post(url, {"reason": "helped_here", "helped_by": str(ben.pk)})
    assert answer.status_code == 409
    assert "This chat has ended." in answer.content.decode()
    assert HelpRequest.objects.get(pk=ben.asked_for.pk).status == Status.OPEN


def test_an_offer_on_another_request_is_no_answer(asker: Member, helper: Member, ben: Conversation) -> None:
    other = offer_to(asker, MemberFactory())
    browser, url = close(asker, ben)
    assert browser.post(url, {"reason": "helped_here", "helped_by": str(other.pk)}).status_code == 400

"""The line goes dead before the answer. Whoever tries again with the same key finds what they did, once."""

import pytest

from members.models import Member
from messaging.models import Conversation, Message
from notifications.models import Notice
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to
from tests.support.crowd import Crowd, deciding, offering, saying

pytestmark = pytest.mark.both_ways


def test_an_offer_whose_answer_never_arrived_is_there_once(crowd: Crowd, rounds: int) -> None:
    for _ in range(2 * rounds):
        helper = MemberFactory()
        call = offering(helper, HelpRequestFactory(), key="from the bus")
        for _ in range(3):
            crowd.leave_before_the_answer(call)
        again, and_again = crowd.one(call), crowd.one(call)

        assert (again.status, and_again.status) == (201, 201)
        assert again.body == and_again.body
        assert [again.conversation_id] == list(Conversation.objects.filter(helper=helper).values_list("pk", flat=True))
        assert Notice.objects.filter(event__actor=helper).count() == 1


def test_a_message_whose_answer_never_arrived_is_there_once(crowd: Crowd, rounds: int) -> None:
    for _ in range(2 * rounds):
        conversation = offer_to(MemberFactory(), MemberFactory())
        call = saying(conversation.helper, conversation, "I am on my way.", "from the bus")
        for _ in range(3):
            crowd.leave_before_the_answer(call)
        again, and_again = crowd.one(call), crowd.one(call)

        assert again.status in {200, 201}
        assert and_again.status == 200
        assert again.message_id == and_again.message_id
        assert Message.objects.filter(conversation=conversation).count() == 1


def test_an_offer_without_a_key_says_on_the_second_try_that_it_is_there(crowd: Crowd, helper: Member) -> None:
    call = offering(helper, HelpRequestFactory())
    crowd.leave_before_the_answer(call)
    assert crowd.one(call).status in {201, 409}
    assert crowd.one(call).code == "conversation_exists"
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_a_decision_whose_answer_never_arrived_stands_or_can_be_made_again(
    crowd: Crowd, rounds: int, verb: str
) -> None:
    for _ in range(rounds):
        conversation = offer_to(MemberFactory(), MemberFactory())
        call = deciding(conversation.requester, conversation, verb)
        crowd.leave_before_the_answer(call)
        assert crowd.one(call).status in {200, 409}
        conversation.refresh_from_db()
        assert conversation.offer_state == {"accept": "accepted", "decline": "declined"}[verb]

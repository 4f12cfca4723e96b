"""Offers that meet each other, and offers that meet the end of their request."""

import pytest

from features.models import Attempt
from help_requests.models import HelpRequest
from members.models import Member
from messaging.models import Conversation
from messaging.services.offering import offer_help
from notifications.models import Notice
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, offer
from tests.support.crowd import Answer, Crowd, moving, offering, statuses

pytestmark = pytest.mark.both_ways


def stored() -> set[str]:
    return {str(pk) for pk in Conversation.objects.values_list("pk", flat=True)}


def acknowledged(answers: list[Answer]) -> set[str]:
    return {answer.body["conversation_id"] for answer in answers if answer.status == 201}


def test_fifty_offers_by_one_helper_are_one_conversation_and_49_hear_which(crowd: Crowd, rounds: int) -> None:
    """3 x 50: 3 created, 147 conflicts; 20 x 50: 20 and 980."""
    for _ in range(rounds):
        answers = crowd.at_once(*[offering(MemberFactory(), HelpRequestFactory())] * 50)

        assert statuses(answers) == {201: 1, 409: 49}
        assert {answer.code for answer in answers} == {"", "conversation_exists"}
        assert {answer.conversation_id for answer in answers} <= set(Conversation.objects.values_list("pk", flat=True))
        assert len({answer.conversation_id for answer in answers}) == 1

    assert statuses(crowd.answers) == {201: rounds, 409: 49 * rounds}
    assert Conversation.objects.count() == rounds
    codes = list(Attempt.objects.values_list("code", flat=True))
    assert (codes.count("success"), codes.count("conversation_exists")) == (rounds, 49 * rounds)


def test_losers_do_not_use_up_the_hour(crowd: Crowd, helper: Member) -> None:
    """Eight conversations this hour and a burst of fifty for the ninth: the tenth is still free."""
    for _ in range(8):
        offer(helper, HelpRequestFactory())
    assert statuses(crowd.at_once(*[offering(helper, HelpRequestFactory())] * 50)) == {201: 1, 409: 49}
    assert crowd.one(offering(helper, HelpRequestFactory())).status == 201
    assert crowd.one(offering(helper, HelpRequestFactory())).status == 429


def test_one_key_fifty_times_is_one_offer_and_one_answer(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        answers = crowd.at_once(*[offering(MemberFactory(), HelpRequestFactory(), key="my offer")] * 50)
        assert statuses(answers) == {201: 50}
        assert len({str(answer.body) for answer in answers}) == 1
    assert Conversation.objects.count() == rounds
    assert Notice.objects.filter(event__kind="offer_received").count() == rounds


def test_one_key_fifty_times_for_the_last_offer_of_the_hour(crowd: Crowd, helper: Member) -> None:
    for _ in range(9):
        offer(helper, HelpRequestFactory())
    answers = crowd.at_once(*[offering(helper, HelpRequestFactory(), key="the tenth")] * 50)
    assert statuses(answers) == {201: 50}
    assert Conversation.objects.count() == 10


def test_one_key_for_two_requests_at_once_counts_for_one(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        helper = MemberFactory()
        calls = [offering(helper, HelpRequestFactory(), key="one key") for _ in range(4)]
        answers = crowd.at_once(*calls)
        assert statuses(answers) == {201: 1, 409: 3}
        assert {answer.code for answer in answers} == {"", "idempotency_key_reused"}
        assert Conversation.objects.filter(helper=helper).count() == 1


def test_fifty_helpers_on_one_request_are_fifty_conversations(crowd: Crowd, asker: Member, long_run: bool) -> None:
    helpers = MemberFactory.create_batch(50)
    for _ in range(10 if long_run else 1):
        request = HelpRequestFactory(requester=asker)
        answers = crowd.at_once(*(offering(helper, request) for helper in helpers))
        assert statuses(answers) == {201: 50}
        assert Conversation.objects.filter(help_request=request).count() == 50
    assert stored() == acknowledged(crowd.answers)


@pytest.mark.parametrize(("verb", "kind"), [("cancel", "request_cancelled"), ("complete", "request_completed")])
def test_a_request_that_ends_under_thirty_offers(
    crowd: Crowd, asker: Member, rounds: int, verb: str, kind: str
) -> None:
    helpers = MemberFactory.create_batch(30)
    for _ in range(min(rounds, 10)):
        request = HelpRequestFactory(requester=asker)
        calls = [offering(helper, request) for helper in helpers]
        *answers, ended = crowd.at_once(*calls[:15], *calls[15:], moving(asker, request, verb))
        late = crowd.one(offering(MemberFactory(), request))

        assert ended.status == 200
        assert set(statuses(answers)) <= {201, 400}
        assert {answer.code for answer in answers} <= {"", "help_request_unavailable"}
        assert late.code == "help_request_unavailable"
        must_be_whole(request, answers, kind)


def must_be_whole(request: HelpRequest, answers: list[Answer], kind: str) -> None:
    """Nobody is stored who was refused. Whoever is stored was seen by the verb that ended the request, and told."""
    conversations = Conversation.objects.filter(help_request=request)
    assert {str(row.pk) for row in conversations} == acknowledged(answers)
    told = Notice.objects.filter(event__kind=kind, event__about_id=str(request.pk))
    assert set(told.values_list("member", flat=True)) == set(conversations.values_list("helper", flat=True))


def test_twelve_offers_on_twelve_requests_are_ten_conversations(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        helper = MemberFactory()
        answers = crowd.at_once(*(offering(helper, HelpRequestFactory()) for _ in range(12)))
        assert statuses(answers) == {201: 10, 429: 2}
        assert all(0 < int(answer.retry_after or 0) <= 3600 for answer in answers if answer.status == 429)
        assert Conversation.objects.filter(helper=helper).count() == 10


def test_two_who_help_each_other_cross_without_a_deadlock(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        one, other = MemberFactory.create_batch(2)
        crossing = [
            offering(helper, HelpRequestFactory(requester=asker)) for helper, asker in [(one, other), (other, one)] * 10
        ]
        assert statuses(crowd.at_once(*crossing)) == {201: 20}
    assert stored() == acknowledged(crowd.answers)


def test_an_offer_by_the_verb_and_over_http_are_one_and_the_same(crowd: Crowd, helper: Member) -> None:
    """The negative test of this file: a second conversation would be seen."""
    request = HelpRequestFactory()
    first = offer_help(helper, request.pk, WORDS)
    assert crowd.one(offering(helper, request)).conversation_id == first.id

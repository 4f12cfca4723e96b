"""Decisions that cross: one consistent end, and whoever was slower reads where the offer stands."""

import random
from collections.abc import Callable

import pytest

from help_requests.models import HelpRequest
from members.models import Member
from messaging.models import Conversation, Message
from messaging.services import deciding as verbs
from notifications.models import Notice
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import accepted, offer, offer_to
from tests.support.crowd import Answer, Call, Crowd, deciding, deleting, editing, moving, statuses

pytestmark = pytest.mark.both_ways


def fresh() -> Conversation:
    return offer_to(MemberFactory(), MemberFactory())


def agreed() -> Conversation:
    return accepted(MemberFactory(), MemberFactory())


def end(conversation: Conversation) -> tuple[str, str, bool]:
    """The offer, its request, and whether the request has this helper."""
    now = Conversation.objects.select_related("help_request").get(pk=conversation.pk)
    return str(now.offer_state), now.asked_for.status, now.asked_for.helper_id == now.helper_id


def by_asker(conversation: Conversation, verb: str, **body: str) -> Call:
    return deciding(conversation.requester, conversation, verb, **body)


def by_helper(conversation: Conversation, verb: str) -> Call:
    return deciding(conversation.helper, conversation, verb)


def on_request(conversation: Conversation, verb: str) -> Call:
    return moving(conversation.requester, conversation.help_request_id, verb)


def pair(answers: list[Answer]) -> tuple[int, int]:
    one, other = (answer.status for answer in answers)
    return one, other


def shuffled(crowd: Crowd, *calls: Call) -> list[Answer]:
    """Who sets out first is left to chance; the answers come back in the order of the calls."""
    order = random.sample(range(len(calls)), len(calls))
    answers = crowd.at_once(*(calls[place] for place in order))
    return [answers[order.index(place)] for place in range(len(calls))]


def test_ten_times_yes_is_one_yes(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        conversation = fresh()
        answers = crowd.at_once(*[by_asker(conversation, "accept")] * 10)
        assert statuses(answers) == {200: 1, 409: 9}
        assert {answer.code for answer in answers} == {"", "offer_state_changed"}
        assert end(conversation) == ("accepted", "in_progress", True)
        assert Message.objects.filter(conversation=conversation, happening="offer_accepted").count() == 1
        assert Notice.objects.filter(member=conversation.helper, event__kind="offer_accepted").count() == 1


def test_yes_against_no_is_one_of_them(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        conversation = fresh()
        answers = shuffled(crowd, by_asker(conversation, "accept"), by_asker(conversation, "decline"))
        ends = {(200, 409): ("accepted", "in_progress", True), (409, 200): ("declined", "open", False)}
        assert end(conversation) == ends[pair(answers)]


def test_no_against_taking_back_is_one_of_them(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        conversation = fresh()
        answers = shuffled(crowd, by_asker(conversation, "decline"), by_helper(conversation, "withdraw"))
        ends = {(200, 409): ("declined", "open", False), (409, 200): ("withdrawn", "open", False)}
        assert end(conversation) == ends[pair(answers)]


def test_yes_against_taking_back_leaves_an_open_request(crowd: Crowd, rounds: int) -> None:
    """A yes just before still stands in the thread; just after, the asker hears that the offer is gone."""
    for _ in range(rounds):
        conversation = fresh()
        answers = shuffled(crowd, by_asker(conversation, "accept"), by_helper(conversation, "withdraw"))
        assert pair(answers) in {(200, 200), (409, 200)}
        assert end(conversation) == ("withdrawn", "open", False)
        lines = list(conversation.messages.order_by("sequence").values_list("happening", flat=True))
        assert lines == ["offer_accepted", "offer_withdrawn"][2 - statuses(answers)[200] :]


def test_two_offers_of_one_request_are_not_both_accepted(crowd: Crowd, asker: Member, rounds: int) -> None:
    for _ in range(rounds):
        request = HelpRequestFactory(requester=asker)
        one, other = (offer(MemberFactory(), request) for _ in range(2))
        answers = crowd.at_once(by_asker(one, "accept"), by_asker(other, "accept"))
        assert statuses(answers) == {200: 1, 409: 1}
        won, lost = (one, other) if answers[0].status == 200 else (other, one)
        assert (end(won), end(lost)) == (("accepted", "in_progress", True), ("offered", "in_progress", False))


def test_yes_to_one_and_no_to_the_others_against_one_of_them_taken_back(
    crowd: Crowd, asker: Member, rounds: int
) -> None:
    for _ in range(rounds):
        request = HelpRequestFactory(requester=asker)
        chosen, other, third = (offer(MemberFactory(), request) for _ in range(3))
        answers = shuffled(crowd, by_asker(chosen, "accept", others="decline"), by_helper(other, "withdraw"))
        states = {(200, 409): "declined", (200, 200): "withdrawn"}
        assert end(other)[0] == states[pair(answers)]
        assert (end(chosen)[0], end(third)[0]) == ("accepted", "declined")


def test_yes_to_each_and_no_to_the_others_is_one_yes(crowd: Crowd, asker: Member, rounds: int) -> None:
    for _ in range(rounds):
        request = HelpRequestFactory(requester=asker)
        offers = [offer(MemberFactory(), request) for _ in range(5)]
        answers = crowd.at_once(*(by_asker(offered, "accept", others="decline") for offered in offers))
        assert statuses(answers) == {200: 1, 409: 4}
        assert sorted(end(offered)[0] for offered in offers) == ["accepted"] + ["declined"] * 4


def test_opened_again_against_letting_go_is_open_without_a_helper(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        conversation = agreed()
        answers = shuffled(crowd, on_request(conversation, "reopen"), by_helper(conversation, "withdraw"))
        assert pair(answers) == (200, 200)
        assert end(conversation) == ("withdrawn", "open", False)


def test_done_against_letting_go_is_done_with_or_without_the_helper(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        conversation = agreed()
        answers = shuffled(crowd, on_request(conversation, "complete"), by_helper(conversation, "withdraw"))
        ends = {(200, 400): ("accepted", "completed", True), (200, 200): ("withdrawn", "completed", False)}
        assert end(conversation) == ends[pair(answers)]


def test_taken_back_against_yes_is_taken_back(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        conversation = fresh()
        answers = shuffled(crowd, on_request(conversation, "cancel"), by_asker(conversation, "accept"))
        assert pair(answers) in {(200, 200), (200, 400)}
        assert answers[1].code in {"", "help_request_unavailable"}
        assert end(conversation) == ("offered", "cancelled", False)


def test_yes_against_a_closed_thread_never_opens_it(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        conversation = fresh()
        answers = shuffled(crowd, by_asker(conversation, "accept"), by_helper(conversation, "close"))
        ends = {(200, 200): ("accepted", "in_progress", True), (409, 200): ("offered", "open", False)}
        assert end(conversation) == ends[pair(answers)]
        assert Conversation.objects.get(pk=conversation.pk).status == "closed"


def test_an_offer_made_again_ten_times_is_made_again_once(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        conversation = fresh()
        verbs.withdraw_offer(conversation.helper, conversation.pk)
        answers = crowd.at_once(*[by_helper(conversation, "reoffer")] * 10)
        assert statuses(answers) == {200: 1, 409: 9}
        assert end(conversation) == ("offered", "open", False)


def test_two_who_accept_each_others_offers_at_once_both_do(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        one, other = MemberFactory.create_batch(2)
        there, back = offer_to(one, other), offer_to(other, one)
        assert statuses(crowd.at_once(by_asker(there, "accept"), by_asker(back, "accept"))) == {200: 2}
        assert {end(there), end(back)} == {("accepted", "in_progress", True)}


DECISIONS: list[Callable[[Conversation], Call]] = [
    lambda of: by_asker(of, "accept"),
    lambda of: by_asker(of, "decline", note="My sister comes this week. Thank you."),
    lambda of: by_helper(of, "withdraw"),
    lambda of: by_helper(of, "reoffer"),
    lambda of: deciding(of.requester, of, "read", sequence=1),
    lambda of: deciding(of.helper, of, "delivered", sequence=1),
    lambda of: editing(of.helper, of.pk, "I can come on Wednesday instead."),
    lambda of: deleting(of.helper, of.pk),
]
MOVES: list[Callable[[Conversation], Call]] = [
    lambda of: on_request(of, "complete"),
    lambda of: on_request(of, "cancel"),
    lambda of: on_request(of, "reopen"),
    lambda of: moving(of.helper, of.help_request_id, "complete"),
    lambda of: Call(of.requester, "PATCH", f"/api/help-requests/{of.help_request_id}", {"title": "Milk and bread"}),
]
TALK: list[Callable[[Conversation], Call]] = [
    lambda of: Call(of.helper, "POST", f"/api/messaging/conversations/{of.pk}/messages", {"content": "Hello?"}),
    lambda of: Call(of.requester, "POST", f"/api/messaging/conversations/{of.pk}/messages", {"content": "Hello!"}),
    lambda of: by_helper(of, "close"),
]


@pytest.mark.parametrize("start", [fresh, agreed])
def test_everything_at_once_ends_in_one_consistent_state(
    crowd: Crowd, rounds: int, start: Callable[[], Conversation]
) -> None:
    """Which one it is, is left to chance; the fixture asks for every promise after it."""
    for _ in range(2 * rounds):
        conversation = start()
        answers = shuffled(crowd, *(act(conversation) for act in [*DECISIONS, *MOVES, *TALK] * 2))
        assert set(statuses(answers)) <= {200, 201, 400, 403, 409}
    assert HelpRequest.objects.count() == 2 * rounds

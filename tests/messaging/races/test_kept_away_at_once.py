"""A block or an approval taken back, while words are on their way: from then on nothing more is stored."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import UUID

import pytest
from django.db import transaction

from help_requests.models import HelpRequest
from members.models import Block, Member, VerificationStatus
from messaging.models import Conversation, Message
from notifications.models import Preferences, ReceiveFrom
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to
from tests.support.crowd import Answer, Call, Crowd, blocking, deciding, offering, saying, statuses, writing_to
from tests.support.jobs import wait_until

pytestmark = pytest.mark.both_ways

REFUSED = {"permission_denied", "not_authenticated", "help_request_unavailable"}


class Counted:
    """What is stored at the moment something was decided."""

    def __init__(self, count: Callable[[], int]) -> None:
        self.count = count
        self.at_that_moment = -1
        self.is_decided = Event()

    def decided(self, answer: Answer | None = None) -> None:
        self.at_that_moment = self.count()
        self.is_decided.set()


def messages_of(conversation: Conversation) -> Callable[[], int]:
    return lambda: Message.objects.filter(conversation=conversation, happening="").count()


def offers_on(requests: list[HelpRequest]) -> Callable[[], int]:
    return lambda: Conversation.objects.filter(help_request__in=requests).count()


def nothing_after(counted: Counted, answers: list[Answer], stored: list[UUID]) -> None:
    """As many as then, each acknowledged; and whoever asked after the decision was known is refused."""
    assert counted.at_that_moment == counted.count() == len(stored)
    said = [answer for answer in answers if answer.status == 201]
    assert len(said) == len(stored)
    assert {answer.code for answer in answers if answer.status != 201} <= REFUSED


@pytest.mark.parametrize("who_blocks", ["asker", "helper"])
def test_after_a_block_no_message_in_flight_is_stored(crowd: Crowd, rounds: int, who_blocks: str) -> None:
    for _ in range(rounds):
        asker, helper = MemberFactory.create_batch(2)
        conversation = offer_to(asker, helper)
        counted = Counted(messages_of(conversation))
        blocker, blocked = (asker, helper) if who_blocks == "asker" else (helper, asker)
        talk = [saying(who, conversation, f"Line {n}") for n in range(10) for who in (asker, helper)]
        *answers, block = crowd.at_once(*talk, blocking(blocker, blocked, then=counted.decided))

        assert block.status == 201
        answers += crowd.at_once(*(saying(who, conversation, "After that.") for who in (asker, helper)))
        assert [answer.status for answer in answers[-2:]] == [403, 403]
        nothing_after(counted, answers, list(conversation.messages.values_list("pk", flat=True)))


def test_after_a_block_no_offer_in_flight_is_stored(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        asker, helper = MemberFactory.create_batch(2)
        requests = HelpRequestFactory.create_batch(10, requester=asker)
        counted = Counted(offers_on(requests))
        offers = [offering(helper, request) for request in requests]
        *answers, block = crowd.at_once(*offers, blocking(asker, helper, then=counted.decided))

        assert block.status == 201
        late = crowd.one(offering(helper, HelpRequestFactory(requester=asker)))
        assert late.code in {"help_request_unavailable", "rate_limited"}
        stored = list(Conversation.objects.filter(help_request__in=requests).values_list("pk", flat=True))
        nothing_after(counted, answers, stored)


def test_a_yes_against_a_block_is_a_promise_or_nothing(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        asker, helper = MemberFactory.create_batch(2)
        conversation = offer_to(asker, helper)
        yes, block = crowd.at_once(deciding(asker, conversation, "accept"), blocking(helper, asker))
        assert (yes.status, block.status) in {(200, 201), (403, 201)}
        conversation.refresh_from_db()
        assert conversation.offer_state == ("accepted" if yes.status == 200 else "offered")


def test_two_who_block_each_other_at_once_both_do(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        one, other = MemberFactory.create_batch(2)
        assert statuses(crowd.at_once(*[blocking(one, other), blocking(other, one)] * 5)) == {201: 2, 200: 8}
    assert Block.objects.count() == 2 * rounds


def take_back_the_approval(member: Member, counted: Counted, enough: int) -> None:
    """As a ban will: the member's row first, so it waits for what is in flight and is seen by what comes."""
    wait_until(lambda: counted.count() >= enough, "some of it is stored")
    with transaction.atomic():
        held = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
        Member.objects.filter(pk=held.pk).update(verification_status=VerificationStatus.REJECTED)
    counted.decided()


def test_whoever_loses_the_approval_while_sending_has_sent_what_was_acknowledged(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        conversation = offer_to(MemberFactory(), MemberFactory())
        helper, counted = conversation.helper, Counted(messages_of(conversation))
        crowd.know(helper)
        devices = [[saying(helper, conversation, f"Line {n}") for n in range(12)] for _ in range(4)]
        answers = declining_meanwhile(crowd, helper, counted, devices)
        nothing_after(counted, answers, list(conversation.messages.values_list("pk", flat=True)))
        assert answers[-1].status in {401, 403}


def declining_meanwhile(crowd: Crowd, member: Member, counted: Counted, devices: list[list[Call]]) -> list[Answer]:
    """The devices write while this thread takes the approval back; afterwards each tries once more."""
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(crowd.side_by_side, *devices)
        take_back_the_approval(member, counted, enough=5)
        answers = [answer for found in writing.result() for answer in found]
    return [*answers, crowd.one(devices[0][0])]


def test_whoever_loses_the_approval_while_offering_has_offered_what_was_acknowledged(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        helper = MemberFactory()
        requests = HelpRequestFactory.create_batch(10)
        counted = Counted(offers_on(requests))
        answers = declining_meanwhile(crowd, helper, counted, [[offering(helper, asked)] for asked in requests])
        stored = list(Conversation.objects.filter(help_request__in=requests).values_list("pk", flat=True))
        nothing_after(counted, answers, stored)


def test_two_who_write_to_each_other_first_have_one_conversation(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        one, other = (open_to_all() for _ in range(2))
        answers = crowd.at_once(*[writing_to(one, other), writing_to(other, one)] * 5)
        assert statuses(answers) == {201: 1, 409: 9}
        assert {answer.code for answer in answers} == {"", "conversation_exists"}
        assert len({answer.conversation_id for answer in answers}) == 1
    assert Conversation.objects.count() == rounds


def open_to_all() -> Member:
    member = MemberFactory()
    Preferences.objects.create(member=member, can_receive_from=ReceiveFrom.ANYONE)
    return member


def test_after_a_block_no_first_words_in_flight_are_stored(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        one, other = (open_to_all() for _ in range(2))
        answers = crowd.at_once(writing_to(one, other), writing_to(other, one), blocking(other, one))
        assert {answer.status for answer in answers[:2]} <= {201, 404, 409}
        made = Conversation.objects.filter(helper__in=(one, other)).count()
        assert made == sum(answer.status == 201 for answer in answers[:2])
        assert crowd.one(writing_to(one, other)).status in {404, 409}

"""Deciding about an offer: every way there is, and none that there is not."""

import pytest

from carecollective.errors import HelpRequestUnavailable, NotFound, NotPermitted, OfferStateChanged, RateLimited
from carecollective.invariants import broken
from help_requests.models import HelpRequest
from help_requests.models import Status as RequestStatus
from members.models import Member
from members.services import blocks
from messaging.models import Conversation, Happening, Message, OfferState
from messaging.services import closing, deciding, requests
from notifications.models import Notice
from tests.factories.help_requests import AGES_AGO, HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import accepted, offer, offer_to, say

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]


@pytest.fixture
def conversation(asker: Member, helper: Member) -> Conversation:
    return offer_to(asker, helper)


def put_into(conversation: Conversation, state: str) -> None:
    asker, helper = conversation.requester, conversation.helper
    if state == "accepted":
        deciding.accept_offer(asker, conversation.pk)
    if state == "declined":
        deciding.decline_offer(asker, conversation.pk)
    if state == "withdrawn":
        deciding.withdraw_offer(helper, conversation.pk)
    if state == "expired":
        Conversation.objects.update(offer_state="expired", expired_at=AGES_AGO + conversation.created_at)


def told(member: Member) -> list[str]:
    return list(Notice.objects.filter(member=member).order_by("number").values_list("event__kind", flat=True))


def lines(conversation: Conversation) -> list[str]:
    said = Message.objects.filter(conversation=conversation).exclude(happening="").order_by("sequence")
    return list(said.values_list("happening", flat=True))


def test_a_yes_gives_the_request_its_helper_and_tells_both(asker, helper, conversation):
    now = deciding.accept_offer(asker, conversation.pk)
    assert (now.offer_state, now.accepted_at is not None) == (OfferState.ACCEPTED, True)
    assert (now.asked_for.status, now.asked_for.helper) == (RequestStatus.IN_PROGRESS, helper)
    assert told(helper) == ["offer_accepted"]
    assert lines(conversation) == [Happening.ACCEPTED]
    assert broken() == {}


def test_a_no_leaves_the_request_as_it_was(asker, helper, conversation):
    now = deciding.decline_offer(asker, conversation.pk)
    assert (now.offer_state, now.asked_for.status) == (OfferState.DECLINED, RequestStatus.OPEN)
    assert told(helper) == ["offer_declined"]


def test_a_kind_note_stands_before_the_no(asker, conversation):
    deciding.decline_offer(asker, conversation.pk, "My sister comes this week. Thank you so much.")
    said = list(Message.objects.order_by("sequence").values_list("type", "sender"))
    assert said == [("standard", asker.pk), ("system", asker.pk)]


def test_a_helper_takes_an_offer_back(asker, helper, conversation):
    assert deciding.withdraw_offer(helper, conversation.pk).offer_state == OfferState.WITHDRAWN
    assert told(asker) == ["offer_received", "offer_withdrawn"]


def test_an_accepted_helper_who_lets_go_opens_the_request_for_others(asker, helper):
    conversation = accepted(asker, helper)
    now = deciding.withdraw_offer(helper, conversation.pk)
    assert (now.asked_for.status, now.asked_for.helper, now.accepted_at) == (RequestStatus.OPEN, None, None)
    assert broken() == {}


@pytest.mark.parametrize("state", ["withdrawn", "expired"])
def test_an_offer_that_ended_softly_is_made_again(asker, helper, conversation, state):
    put_into(conversation, state)
    now = deciding.renew_offer(helper, conversation.pk)
    assert (now.offer_state, now.withdrawn_at, now.expired_at, now.reminded_at) == ("offered", None, None, None)
    assert now.offered_at > conversation.offered_at
    assert told(asker)[-1] == "offer_renewed"


def test_an_offer_made_again_opens_a_thread_its_helper_closed(helper, conversation):
    deciding.withdraw_offer(helper, conversation.pk)
    closing.close_conversation(helper, conversation.pk)
    assert deciding.renew_offer(helper, conversation.pk).status == "active"


def test_an_offer_made_again_does_not_open_a_thread_the_asker_closed(asker, helper, conversation):
    deciding.withdraw_offer(helper, conversation.pk)
    closing.close_conversation(asker, conversation.pk)
    with pytest.raises(NotPermitted):
        deciding.renew_offer(helper, conversation.pk)


def test_an_offer_is_made_again_on_a_request_somebody_else_helps_with(asker, helper, outsider, conversation):
    deciding.withdraw_offer(helper, conversation.pk)
    deciding.accept_offer(asker, offer(outsider, conversation.asked_for).pk)
    assert deciding.renew_offer(helper, conversation.pk).offer_state == "offered"


def test_an_offer_is_not_made_again_on_a_request_that_is_over(asker, helper, conversation):
    deciding.withdraw_offer(helper, conversation.pk)
    requests.cancel_request(asker, conversation.asked_for.pk)
    with pytest.raises(HelpRequestUnavailable):
        deciding.renew_offer(helper, conversation.pk)


@pytest.mark.parametrize(
    ("verb", "by", "from_states"),
    [
        (deciding.accept_offer, "requester", {"offered"}),
        (deciding.decline_offer, "requester", {"offered", "expired"}),
        (deciding.withdraw_offer, "helper", {"offered", "accepted"}),
        (deciding.renew_offer, "helper", {"withdrawn", "expired"}),
    ],
)
@pytest.mark.parametrize("state", OfferState.values)
def test_every_other_way_is_told_where_the_offer_stands(conversation, verb, by, from_states, state):
    put_into(conversation, state)
    member = getattr(conversation, by)
    if state in from_states:
        verb(member, conversation.pk)
        return
    with pytest.raises(OfferStateChanged) as refused:
        verb(member, conversation.pk)
    assert refused.value.extras == {"conversation_id": conversation.pk, "offer_state": state}


@pytest.mark.parametrize(
    ("verb", "wrong_side"),
    [
        (deciding.accept_offer, "helper"),
        (deciding.decline_offer, "helper"),
        (deciding.withdraw_offer, "requester"),
        (deciding.renew_offer, "requester"),
    ],
)
def test_each_decision_belongs_to_one_side(conversation, outsider, verb, wrong_side):
    with pytest.raises(NotPermitted):
        verb(getattr(conversation, wrong_side), conversation.pk)
    with pytest.raises(NotFound):
        verb(outsider, conversation.pk)
    conversation.refresh_from_db()
    assert conversation.offer_state == "offered"


def test_only_one_offer_on_a_request_is_accepted(asker, outsider, conversation):
    other = offer(outsider, conversation.asked_for)
    deciding.accept_offer(asker, conversation.pk)
    with pytest.raises(OfferStateChanged, match="accepted already"):
        deciding.accept_offer(asker, other.pk)


@pytest.mark.parametrize(("others", "expected"), [("keep", "offered"), ("decline", "declined")])
def test_the_other_offers_stay_open_or_are_thanked_and_closed(asker, outsider, conversation, others, expected):
    other = offer(outsider, conversation.asked_for)
    deciding.accept_offer(asker, conversation.pk, others)
    other.refresh_from_db()
    assert other.offer_state == expected
    assert told(outsider) == (["offer_declined"] if others == "decline" else [])


def test_declining_the_others_leaves_other_requests_and_earlier_answers_alone(asker, helper, outsider, conversation):
    elsewhere = offer_to(asker, outsider)
    withdrawn = offer(MemberFactory(), conversation.asked_for)
    deciding.withdraw_offer(withdrawn.helper, withdrawn.pk)
    deciding.accept_offer(asker, conversation.pk, "decline")
    assert Conversation.objects.get(pk=elsewhere.pk).offer_state == "offered"
    assert Conversation.objects.get(pk=withdrawn.pk).offer_state == "withdrawn"


@pytest.mark.parametrize("state", ["cancelled", "completed", "closed"])
def test_an_offer_on_a_request_that_is_over_cannot_be_accepted(asker, conversation, state):
    over = HelpRequestFactory.build(requester=asker, **{state: True})
    HelpRequest.objects.update(status=over.status, ending=over.ending, **{f"{state}_at": getattr(over, f"{state}_at")})
    with pytest.raises(HelpRequestUnavailable):
        deciding.accept_offer(asker, conversation.pk)


def test_an_offer_in_a_thread_its_helper_closed_cannot_be_accepted(asker, helper, conversation):
    closing.close_conversation(helper, conversation.pk)
    with pytest.raises(OfferStateChanged, match="This conversation is closed"):
        deciding.accept_offer(asker, conversation.pk)


@pytest.mark.parametrize("who_blocks", ["requester", "helper"])
def test_a_block_stops_a_yes_but_neither_a_no_nor_a_taking_back(conversation, who_blocks):
    sides = {"requester": conversation.helper, "helper": conversation.requester}
    blocks.block(getattr(conversation, who_blocks), sides[who_blocks].pk)
    with pytest.raises(NotPermitted):
        deciding.accept_offer(conversation.requester, conversation.pk)
    deciding.decline_offer(conversation.requester, conversation.pk)


def test_a_kind_note_does_not_get_past_a_block(asker, helper, conversation):
    blocks.block(helper, asker.pk)
    with pytest.raises(NotPermitted):
        deciding.decline_offer(asker, conversation.pk, "A note all the same.")
    conversation.refresh_from_db()
    assert conversation.offer_state == "offered"


def test_nobody_may_decide_who_lost_their_approval(asker, conversation):
    Member.objects.filter(pk=asker.pk).update(is_active=False)
    with pytest.raises(NotPermitted):
        deciding.accept_offer(asker, conversation.pk)


def test_help_that_is_done_cannot_be_taken_back(asker, helper):
    conversation = accepted(asker, helper)
    requests.complete_request(asker, conversation.asked_for.pk)
    with pytest.raises(HelpRequestUnavailable):
        deciding.withdraw_offer(helper, conversation.pk)


def test_closing_twice_says_it_once(asker, helper, conversation):
    closing.close_conversation(asker, conversation.pk)
    closing.close_conversation(helper, conversation.pk)
    assert lines(conversation) == [Happening.CLOSED]
    assert told(helper) == ["conversation_closed"]
    assert Conversation.objects.get().closed_by == asker


def test_what_happened_stands_in_the_thread_in_its_order(asker, helper, conversation):
    say(asker, conversation)
    deciding.accept_offer(asker, conversation.pk)
    deciding.withdraw_offer(helper, conversation.pk)
    deciding.renew_offer(helper, conversation.pk)
    assert lines(conversation) == [Happening.ACCEPTED, Happening.WITHDRAWN, Happening.RENEWED]
    assert broken() == {}


def test_help_let_go_after_its_end_came_is_open_for_new_days(asker, helper):
    conversation = accepted(asker, helper)
    HelpRequest.objects.update(expires_at=conversation.created_at)
    deciding.withdraw_offer(helper, conversation.pk)
    now = HelpRequest.objects.one_for(asker, conversation.asked_for.pk)
    assert (now.shown_status, now.is_near_its_end) == (RequestStatus.OPEN, False)


def test_whoever_is_behind_a_block_hears_no_more_of_the_request(asker, helper, outsider, conversation):
    other = offer(outsider, conversation.asked_for)
    blocks.block(asker, outsider.pk)
    requests.change_request(asker, conversation.asked_for.pk, title="Pick up groceries on Friday")
    deciding.accept_offer(asker, conversation.pk, "decline")
    requests.complete_request(asker, conversation.asked_for.pk)
    assert told(outsider) == []
    other.refresh_from_db()
    assert other.offer_state == "declined"


def test_kind_notes_count_as_the_messages_they_are(asker, conversation):
    for number in range(50):
        say(asker, conversation, f"Message {number}")
    with pytest.raises(RateLimited):
        deciding.decline_offer(asker, conversation.pk, "Thank you all the same.")
    deciding.decline_offer(asker, conversation.pk)

"""Offering help: one act, the checks in their order, and what the other side gets."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from carecollective.errors import (
    ConversationExists,
    HelpRequestUnavailable,
    IdempotencyKeyReused,
    NotFound,
    NotPermitted,
    NotValid,
    RateLimited,
)
from carecollective.invariants import broken
from features.models import Attempt
from help_requests.models import HelpRequest, Status
from help_requests.services import moving
from members.models import Member, VerificationStatus
from members.services import blocks
from messaging.models import Conversation, MessageRecord, OfferState
from messaging.services.offering import offer_help
from notifications.models import Event, Notice
from tests.factories.help_requests import HelpRequestFactory, helped_by
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, offer, offer_to

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]


@pytest.fixture
def request_for_help(asker: Member) -> HelpRequest:
    return HelpRequestFactory(requester=asker)


def test_an_offer_opens_a_conversation_with_its_words_in_the_same_row(helper, asker, request_for_help):
    started = offer_help(helper, request_for_help.pk, WORDS)
    conversation = Conversation.objects.get()
    assert (conversation.pk, conversation.initial_message) == (started.id, WORDS)
    assert (conversation.requester, conversation.helper) == (asker, helper)
    assert (conversation.status, conversation.offer_state) == ("active", OfferState.OFFERED)
    assert (conversation.last_sequence, conversation.requester_unread, conversation.helper_unread) == (1, 1, 0)
    assert conversation.messages.count() == 0
    assert broken() == {}


def test_everything_that_follows_from_an_offer_stands_with_it(helper, asker, request_for_help):
    started = offer_help(helper, request_for_help.pk, WORDS)
    assert Event.objects.get().kind == "offer_received"
    assert Notice.objects.get().member == asker
    assert MessageRecord.objects.get().message_id == started.id
    assert Attempt.objects.get().code == "success"


def test_an_offer_does_not_change_the_request(helper, request_for_help):
    offer(helper, request_for_help)
    request_for_help.refresh_from_db()
    assert (request_for_help.status, request_for_help.helper) == (Status.OPEN, None)


def test_many_may_offer_on_one_request(request_for_help):
    for _ in range(3):
        offer(MemberFactory(), request_for_help)
    assert Conversation.objects.filter(help_request=request_for_help).count() == 3


def test_a_request_that_has_a_helper_takes_further_offers(asker, helper, outsider):
    request = helped_by(outsider, requester=asker)
    assert offer(helper, request).offer_state == OfferState.OFFERED


def test_a_second_offer_is_told_of_the_first(helper, request_for_help):
    first = offer(helper, request_for_help)
    with pytest.raises(ConversationExists) as refused:
        offer_help(helper, request_for_help.pk, WORDS)
    assert refused.value.extras["conversation_id"] == first.pk
    assert Conversation.objects.count() == 1


def test_the_same_key_gives_the_same_answer_even_if_the_request_closed_since(helper, asker, request_for_help):
    first = offer_help(helper, request_for_help.pk, WORDS, "key-1")
    moving.cancel_request(asker, request_for_help.pk)
    assert offer_help(helper, request_for_help.pk, WORDS, "key-1") == first
    assert Event.objects.filter(kind="offer_received").count() == 1


def test_the_same_key_gives_the_same_answer_after_the_words_were_changed(helper, request_for_help):
    from messaging.services.changing import edit_message

    first = offer_help(helper, request_for_help.pk, WORDS, "key-1")
    edit_message(helper, first.id, "I can come on Wednesday instead.")
    assert offer_help(helper, request_for_help.pk, WORDS, "key-1") == first


@pytest.mark.parametrize("other", ["words", "request"])
def test_the_same_key_for_something_else_is_refused(helper, asker, request_for_help, other):
    offer_help(helper, request_for_help.pk, WORDS, "key-1")
    request = request_for_help if other == "words" else HelpRequestFactory(requester=asker)
    with pytest.raises(IdempotencyKeyReused):
        offer_help(helper, request.pk, "Quite other words." if other == "words" else WORDS, "key-1")
    assert Conversation.objects.count() == 1


def test_two_people_may_use_the_same_key(helper, outsider, request_for_help):
    offer_help(helper, request_for_help.pk, WORDS, "key-1")
    offer_help(outsider, request_for_help.pk, WORDS, "key-1")
    assert Conversation.objects.count() == 2


def test_ten_conversations_an_hour_and_no_more(helper):
    for _ in range(10):
        offer(helper, HelpRequestFactory())
    with pytest.raises(RateLimited) as refused:
        offer_help(helper, HelpRequestFactory().pk, WORDS)
    assert 0 < refused.value.extras["retry_after"] <= 3600
    assert Conversation.objects.count() == 10


def test_only_conversations_really_started_count(helper, request_for_help):
    offer(helper, request_for_help)
    for _ in range(15):
        with pytest.raises(ConversationExists):
            offer_help(helper, request_for_help.pk, WORDS)
    offer(helper, HelpRequestFactory())


def test_a_used_up_hour_is_said_before_a_closed_request(helper):
    for _ in range(10):
        offer(helper, HelpRequestFactory())
    with pytest.raises(RateLimited):
        offer_help(helper, HelpRequestFactory(cancelled=True).pk, WORDS)


def test_whoever_waits_to_be_approved_cannot_offer_and_learns_nothing_about_the_request(waiting, request_for_help):
    for request_id in (request_for_help.pk, waiting.pk):
        with pytest.raises(NotPermitted) as refused:
            offer_help(waiting, request_id, WORDS)
        assert refused.value.extras == {"requires_approval": True}
        assert refused.value.words == "Your account must be approved before you can offer help"


def test_an_approval_taken_back_since_the_sign_in_counts(helper, request_for_help):
    Member.objects.filter(pk=helper.pk).update(verification_status=VerificationStatus.REJECTED)
    assert helper.is_approved
    with pytest.raises(NotPermitted):
        offer_help(helper, request_for_help.pk, WORDS)
    assert not Conversation.objects.exists()


def test_an_unknown_request_is_not_found(helper):
    with pytest.raises(NotFound, match="Help request not found"):
        offer_help(helper, helper.pk, WORDS)


@pytest.mark.parametrize("state", ["open", "cancelled"])
def test_nobody_offers_to_help_themselves_in_whatever_state_their_request_is(asker, state):
    request = HelpRequestFactory(requester=asker, cancelled=state == "cancelled")
    with pytest.raises(NotValid, match="Cannot create conversation with yourself"):
        offer_help(asker, request.pk, WORDS)


@pytest.mark.parametrize("state", ["completed", "cancelled", "closed", "expired"])
def test_a_request_that_is_over_takes_no_offer(helper, state):
    with pytest.raises(HelpRequestUnavailable, match="Help request is no longer available"):
        offer_help(helper, HelpRequestFactory(**{state: True}).pk, WORDS)
    assert not Conversation.objects.exists()


def test_an_ongoing_request_never_ends_by_itself(helper):
    offer(helper, HelpRequestFactory(ongoing=True, created_at=now() - timedelta(days=300)))


@pytest.mark.parametrize("who_blocks", ["asker", "helper"])
def test_a_block_in_either_direction_reads_exactly_like_a_closed_request(asker, helper, request_for_help, who_blocks):
    blocker, blocked = (asker, helper) if who_blocks == "asker" else (helper, asker)
    blocks.block(blocker, blocked.pk)
    with pytest.raises(HelpRequestUnavailable) as by_block:
        offer_help(helper, request_for_help.pk, WORDS)
    with pytest.raises(HelpRequestUnavailable) as by_close:
        offer_help(helper, HelpRequestFactory(cancelled=True).pk, WORDS)
    assert (by_block.value.words, by_block.value.extras) == (by_close.value.words, by_close.value.extras)
    assert not Conversation.objects.exists()


def test_a_block_is_said_before_the_conversation_that_exists(asker, helper):
    conversation = offer_to(asker, helper)
    blocks.block(asker, helper.pk)
    with pytest.raises(HelpRequestUnavailable):
        offer_help(helper, conversation.asked_for.pk, WORDS)


def test_a_refused_offer_leaves_nothing(asker, helper, request_for_help):
    blocks.block(asker, helper.pk)
    with pytest.raises(HelpRequestUnavailable):
        offer_help(helper, request_for_help.pk, WORDS)
    assert not any(model.objects.exists() for model in (Conversation, Event, Notice, MessageRecord, Attempt))

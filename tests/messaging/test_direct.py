"""Writing to somebody one knows, without a request."""

import pytest

from carecollective.errors import (
    ConversationExists,
    IdempotencyKeyReused,
    NotFound,
    NotPermitted,
    NotValid,
    OfferStateChanged,
    RateLimited,
)
from carecollective.invariants import broken
from members.services import blocks
from messaging.models import Conversation
from messaging.models.writing import open_conversation
from messaging.services import deciding, offering
from messaging.services.offering import start_direct
from notifications import preferences
from notifications.models import Notice
from screening.verdicts import Verdict
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, accepted, offer_to, say

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]


@pytest.fixture
def open_to_all(asker):
    preferences.change(asker, can_receive_from="anyone")
    return asker


def test_a_direct_conversation_has_no_offer_and_both_write(open_to_all, helper):
    started = start_direct(helper, open_to_all.pk, WORDS)
    conversation = Conversation.objects.get()
    assert (conversation.kind, conversation.help_request, conversation.offer_state) == ("direct", None, None)
    assert (conversation.requester, conversation.helper) == (open_to_all, helper)
    say(open_to_all, conversation)
    say(helper, conversation)
    assert Notice.objects.filter(member=open_to_all, event__kind="conversation_started").exists()
    assert started.id == conversation.pk
    assert broken() == {}


@pytest.mark.parametrize("wish", ["help_connections", "nobody"])
def test_a_wish_not_to_be_written_to_counts(asker, helper, wish):
    preferences.change(asker, can_receive_from=wish)
    with pytest.raises(NotPermitted):
        start_direct(helper, asker.pk, WORDS)
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("who_helped", ["writer", "recipient"])
def test_people_who_once_helped_each_other_are_known(asker, helper, who_helped):
    between = accepted(asker, helper) if who_helped == "writer" else accepted(helper, asker)
    deciding.withdraw_offer(between.helper, between.pk)
    start_direct(helper, asker.pk, WORDS)


def test_an_offer_alone_makes_nobody_known(asker, helper):
    offer_to(asker, helper)
    with pytest.raises(NotPermitted):
        start_direct(helper, asker.pk, WORDS)


def test_the_wish_does_not_stand_in_the_way_of_an_offer(asker, helper):
    preferences.change(asker, can_receive_from="nobody")
    offer_to(asker, helper)


def test_each_two_people_have_one_whoever_begins(open_to_all, helper):
    preferences.change(helper, can_receive_from="anyone")
    first = start_direct(helper, open_to_all.pk, WORDS)
    for writer, recipient in ((helper, open_to_all), (open_to_all, helper)):
        with pytest.raises(ConversationExists) as refused:
            start_direct(writer, recipient.pk, WORDS)
        assert refused.value.extras == {"conversation_id": first.id}


def test_the_same_key_gives_the_same_answer(open_to_all, helper):
    first = start_direct(helper, open_to_all.pk, WORDS, "key-1")
    assert start_direct(helper, open_to_all.pk, WORDS, "key-1") == first


def test_nobody_writes_to_themselves(asker):
    with pytest.raises(NotValid, match="yourself"):
        start_direct(asker, asker.pk, WORDS)


@pytest.mark.parametrize("who_blocks", ["writer", "recipient"])
def test_a_block_reads_like_an_account_that_is_gone(open_to_all, helper, who_blocks):
    blocker, blocked = (helper, open_to_all) if who_blocks == "writer" else (open_to_all, helper)
    blocks.block(blocker, blocked.pk)
    answers = []
    for recipient_id in (open_to_all.pk, MemberFactory(is_active=False).pk, Conversation().pk):
        with pytest.raises(NotFound) as refused:
            start_direct(helper, recipient_id, WORDS)
        answers.append((refused.value.words, refused.value.extras))
    assert len({words for words, _ in answers}) == 1


def test_people_not_approved_neither_write_nor_are_written_to(open_to_all, waiting, helper):
    with pytest.raises(NotPermitted):
        start_direct(waiting, open_to_all.pk, WORDS)
    with pytest.raises(NotFound):
        start_direct(helper, waiting.pk, WORDS)


def test_direct_conversations_and_offers_share_one_limit(open_to_all, helper):
    for _ in range(10):
        offer_to(MemberFactory(), helper)
    with pytest.raises(RateLimited):
        start_direct(helper, open_to_all.pk, WORDS)


@pytest.mark.parametrize("verb", [deciding.accept_offer, deciding.decline_offer, deciding.withdraw_offer])
def test_there_is_nothing_to_decide(open_to_all, helper, verb):
    started = start_direct(helper, open_to_all.pk, WORDS)
    with pytest.raises(OfferStateChanged, match="no offer"):
        verb(open_to_all, started.id)


def test_the_same_key_for_somebody_else_is_refused(open_to_all, helper, outsider):
    preferences.change(outsider, can_receive_from="anyone")
    start_direct(helper, open_to_all.pk, WORDS, "key-1")
    with pytest.raises(IdempotencyKeyReused):
        start_direct(helper, outsider.pk, WORDS, "key-1")


def test_a_key_met_only_at_the_constraint_is_compared_in_full(open_to_all, helper, outsider):
    """As when both were sent at once: the second did not see the first before it wrote."""
    start_direct(helper, open_to_all.pk, WORDS, "key-1")
    opening = offering._opening(helper, outsider.pk, offering.Text(WORDS, "key-1", Verdict()))
    assert not open_conversation(opening)
    with pytest.raises(IdempotencyKeyReused):
        offering._why_not(opening, helper, WORDS)

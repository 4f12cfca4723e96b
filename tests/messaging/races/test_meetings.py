"""Two verbs, one of them standing still at a chosen statement: nobody waits for somebody who waits for them."""

import pytest

from carecollective.invariants import broken
from members.services import blocks
from messaging.models import Conversation
from messaging.services import closing, deciding, requests, talking
from moderation.models import Kind
from moderation.services import reporting
from moderation.services.reporting import Complaint
from tests.factories.members import MemberFactory
from tests.factories.messaging import accepted, offer, offer_to
from tests.support.meeting import Meeting, meet
from tests.support.statements import COMMIT

pytestmark = [pytest.mark.committed, pytest.mark.both_ways]


def at_commit(number: int, words: str) -> bool:
    return words == COMMIT


def before(part: str):
    return lambda number, words: part in words


def both_end_well(meeting: Meeting) -> None:
    assert meeting.has_paused
    assert "service_unavailable" not in (meeting.first, meeting.second)
    assert broken() == {}


def test_a_meeting_really_meets() -> None:
    """The negative test of this file: the second verb waits for the first, and then sees what it did."""
    conversation = offer_to(MemberFactory(), MemberFactory())
    asker = conversation.requester
    meeting = meet(
        lambda: deciding.accept_offer(asker, conversation.pk),
        at_commit,
        lambda: deciding.decline_offer(asker, conversation.pk),
    )
    assert meeting == Meeting("done", "offer_state_changed", has_paused=True)


@pytest.mark.parametrize("verb", [deciding.accept_offer, deciding.decline_offer])
def test_closing_a_thread_and_deciding_about_it_do_not_wait_for_each_other(verb) -> None:
    conversation = offer_to(MemberFactory(), MemberFactory())
    both_end_well(
        meet(
            lambda: closing.close_conversation(conversation.helper, conversation.pk),
            at_commit,
            lambda: verb(conversation.requester, conversation.pk),
        )
    )


@pytest.mark.parametrize("verb", [requests.complete_request, requests.cancel_request, requests.reopen_request])
def test_a_message_and_the_end_of_its_request_do_not_wait_for_each_other(verb) -> None:
    conversation = accepted(MemberFactory(), MemberFactory())
    both_end_well(
        meet(
            lambda: talking.send_message(conversation.requester, conversation.pk, "See you on Tuesday."),
            before("notice_counters"),
            lambda: verb(conversation.requester, conversation.help_request_id),
        )
    )


def test_one_key_for_messages_in_two_threads_at_once_is_refused_once() -> None:
    helper = MemberFactory()
    one, other = (offer_to(MemberFactory(), helper) for _ in range(2))
    meeting = meet(
        lambda: talking.send_message(helper, one.pk, "Only once.", "phone-1"),
        at_commit,
        lambda: talking.send_message(helper, other.pk, "Only once.", "phone-1"),
    )
    assert meeting == Meeting("done", "idempotency_key_reused", has_paused=True)


def test_a_block_waits_for_the_message_that_was_first() -> None:
    conversation = offer_to(MemberFactory(), MemberFactory())
    asker, helper = conversation.requester, conversation.helper
    meeting = meet(
        lambda: talking.send_message(helper, conversation.pk, "Tuesday is fine."),
        before("UPDATE conversations_v2 SET"),
        lambda: blocks.block(asker, helper.pk),
    )
    assert meeting == Meeting("done", "done", has_paused=True)
    assert Conversation.objects.get().last_sequence == 2


def test_a_yes_that_declines_the_others_and_a_report_that_blocks_do_not_wait_for_each_other() -> None:
    asker = MemberFactory()
    chosen = offer_to(asker, MemberFactory())
    other = offer(MemberFactory(), chosen.asked_for)
    both_end_well(
        meet(
            lambda: reporting.report(other.helper, Kind.CONVERSATION, other.pk, Complaint("other", also_block=True)),
            before('FROM "members"'),
            lambda: deciding.accept_offer(asker, chosen.pk, "decline"),
        )
    )

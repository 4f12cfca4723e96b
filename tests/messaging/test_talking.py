"""Talking: what may be said by whom and when, and what of it stays."""

import pytest
from django.db import connection
from django.test import override_settings

from carecollective.encryption import CannotOpen
from carecollective.errors import IdempotencyKeyReused, NotFound, NotPermitted, RateLimited
from carecollective.invariants import broken
from features.models import Attempt
from members.models import Member
from members.services import blocks
from messaging import reads
from messaging.models import Conversation, Message, Type
from messaging.services import closing, deciding
from messaging.services.changing import delete_message
from messaging.services.talking import send_message
from notifications.models import Event, Notice
from tests.factories.messaging import accepted, offer_to, say

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]
REFUSED = "Not authorized to send messages in this conversation"


@pytest.fixture
def conversation(asker: Member, helper: Member) -> Conversation:
    return offer_to(asker, helper)


def texts(member, conversation, **part) -> list[str]:
    return [row["content"] for row in reads.thread_rows(member, conversation.pk, reads.Slice(**part))[1]]


def test_both_write_at_once_and_read_the_same_order(asker, helper, conversation):
    say(asker, conversation, "Thank you!")
    say(helper, conversation, "Is five fine?")
    say(asker, conversation, "Five is fine.")
    assert texts(asker, conversation) == texts(helper, conversation)
    assert texts(asker, conversation)[1:] == ["Thank you!", "Is five fine?", "Five is fine."]
    assert list(Message.objects.order_by("sequence").values_list("sequence", flat=True)) == [2, 3, 4]
    assert broken() == {}


def test_a_message_is_unread_by_the_other_side_only(asker, helper, conversation):
    say(asker, conversation)
    conversation.refresh_from_db()
    assert (conversation.requester_unread, conversation.helper_unread) == (1, 1)


def test_sending_moves_nobodys_position(asker, helper, conversation):
    say(asker, conversation)
    conversation.refresh_from_db()
    assert (conversation.requester_read, conversation.helper_read) == (0, 0)


def test_the_other_person_is_told_and_nobody_else(asker, helper, conversation):
    Event.objects.all().delete()
    say(asker, conversation)
    assert [notice.member for notice in Notice.objects.all()] == [helper]
    assert Event.objects.get().kind == "message_received"


def test_an_attempt_is_kept_with_the_message(asker, conversation):
    say(asker, conversation)
    assert Attempt.objects.get(kind="send_message").code == "success"


def test_the_same_key_is_the_same_message(asker, conversation):
    first = send_message(asker, conversation.pk, "Tuesday is fine.", "key-1")
    again = send_message(asker, conversation.pk, "Tuesday is fine.", "key-1")
    assert (again.id, again.sequence, again.is_new) == (first.id, first.sequence, False)
    assert Message.objects.count() == 1


def test_the_same_key_answers_even_after_the_thread_was_closed(asker, conversation):
    first = send_message(asker, conversation.pk, "Tuesday is fine.", "key-1")
    closing.close_conversation(asker, conversation.pk)
    assert send_message(asker, conversation.pk, "Tuesday is fine.", "key-1").id == first.id


def test_the_same_key_answers_for_a_sealed_message(asker, conversation):
    first = send_message(asker, conversation.pk, "I take blood thinners.", "key-1", Type.SENSITIVE)
    assert send_message(asker, conversation.pk, "I take blood thinners.", "key-1", Type.SENSITIVE).id == first.id


def test_the_same_key_for_other_words_is_refused(asker, conversation):
    send_message(asker, conversation.pk, "Tuesday is fine.", "key-1")
    with pytest.raises(IdempotencyKeyReused):
        send_message(asker, conversation.pk, "Wednesday is fine.", "key-1")


def test_the_same_key_in_another_conversation_is_refused(asker, outsider, conversation):
    send_message(asker, conversation.pk, "Tuesday is fine.", "key-1")
    with pytest.raises(IdempotencyKeyReused):
        send_message(asker, offer_to(asker, outsider).pk, "Tuesday is fine.", "key-1")


def test_two_people_may_use_the_same_key(asker, helper, conversation):
    first = send_message(asker, conversation.pk, "Tuesday is fine.", "key-1")
    assert send_message(helper, conversation.pk, "Tuesday is fine.", "key-1").id != first.id


@pytest.mark.parametrize("kind", [Type.SENSITIVE, Type.CONTACT_EXCHANGE])
def test_what_is_sensitive_never_stands_in_the_clear(asker, helper, conversation, kind):
    say(asker, conversation, "My door code is 4711.", message_type=kind)
    with connection.cursor() as cursor:
        cursor.execute("SELECT messages_v2::text FROM messages_v2")
        assert "4711" not in cursor.fetchone()[0]
    assert texts(helper, conversation)[-1] == "My door code is 4711."


def test_sealed_words_moved_to_another_thread_do_not_open(asker, outsider, conversation):
    say(asker, conversation, "My door code is 4711.", message_type=Type.SENSITIVE)
    other = offer_to(asker, outsider)
    say(asker, other, "My other secret.", message_type=Type.SENSITIVE)
    stolen = Message.objects.get(conversation=conversation)
    Message.objects.filter(conversation=other).update(content=stolen.content)
    with pytest.raises(CannotOpen):
        texts(asker, other)


def test_without_a_key_sensitive_words_are_refused_and_nothing_is_written(asker, conversation):
    with override_settings(ENCRYPTION_KEYS=()), pytest.raises(CannotOpen):
        say(asker, conversation, "My door code is 4711.", message_type=Type.SENSITIVE)
    assert not Message.objects.exists()


@pytest.mark.parametrize("who", ["outsider", "moderator"])
def test_nobody_else_writes_and_absent_and_foreign_read_alike(request, who, conversation):
    stranger = request.getfixturevalue(who)
    for conversation_id in (conversation.pk, stranger.pk):
        with pytest.raises(NotPermitted, match=REFUSED):
            send_message(stranger, conversation_id, "Hello there")


@pytest.mark.parametrize("end", ["declined", "withdrawn", "closed"])
def test_an_ended_thread_is_read_only_for_both(asker, helper, conversation, end):
    if end == "declined":
        deciding.decline_offer(asker, conversation.pk)
    elif end == "withdrawn":
        deciding.withdraw_offer(helper, conversation.pk)
    else:
        closing.close_conversation(helper, conversation.pk)
    for member in (asker, helper):
        with pytest.raises(NotPermitted, match=REFUSED):
            say(member, conversation)
        assert texts(member, conversation)
        assert reads.conversation(member, conversation.pk)["can_write"] is False


def test_a_rested_offer_can_still_be_talked_about(asker, conversation):
    Conversation.objects.update(offer_state="expired", expired_at="2026-01-01T00:00Z")
    say(asker, conversation)


@pytest.mark.parametrize("who_blocks", ["asker", "helper"])
def test_a_block_stops_both_and_does_not_say_so(asker, helper, who_blocks):
    conversation = accepted(asker, helper)
    blocker, blocked = (asker, helper) if who_blocks == "asker" else (helper, asker)
    blocks.block(blocker, blocked.pk)
    for member in (asker, helper):
        with pytest.raises(NotPermitted) as refused:
            say(member, conversation)
        assert (refused.value.words, refused.value.extras) == (REFUSED, {})
        found = reads.conversation(member, conversation.pk)
        assert (found["can_write"], found["status"]) == (False, "active")


def test_fifty_messages_a_minute_and_no_more(asker, conversation):
    for number in range(50):
        say(asker, conversation, f"Message {number}")
    with pytest.raises(RateLimited):
        say(asker, conversation)
    assert Message.objects.count() == 50


def test_a_site_may_cap_what_a_helper_says_before_an_answer(asker, helper, conversation):
    with override_settings(UNANSWERED_MESSAGES_MOST=2):
        say(helper, conversation, "I can also come on Monday.")
        with pytest.raises(NotPermitted, match="wait until they have answered"):
            say(helper, conversation)
        say(asker, conversation)
        say(helper, conversation)


def test_behind_a_block_the_request_reads_closed_as_on_its_own_page(asker, helper, conversation):
    blocks.block(asker, helper.pk)
    assert reads.conversation(helper, conversation.pk)["help_request"]["status"] == "closed"
    assert reads.inbox(helper, 20)["rows"][0]["help_request"]["status"] == "closed"
    assert reads.conversation(asker, conversation.pk)["help_request"]["status"] == "open"


def test_an_accepted_helper_behind_a_block_knows_what_they_are_part_of(asker, helper):
    conversation = accepted(asker, helper)
    blocks.block(asker, helper.pk)
    assert reads.conversation(helper, conversation.pk)["help_request"]["status"] == "in_progress"


@pytest.mark.parametrize("gone", [{"is_active": False}, {"verification_status": "rejected"}])
def test_whoever_is_gone_reads_like_a_block(asker, helper, conversation, gone):
    Member.objects.filter(pk=asker.pk).update(**gone)
    with pytest.raises(NotPermitted) as refused:
        say(helper, conversation)
    assert (refused.value.words, refused.value.extras) == (REFUSED, {})
    assert reads.conversation(helper, conversation.pk)["can_write"] is False


def test_the_same_key_for_words_that_must_be_sealed_is_another_message(asker, conversation):
    send_message(asker, conversation.pk, "My door code is 4711.", "key-1")
    with pytest.raises(IdempotencyKeyReused):
        send_message(asker, conversation.pk, "My door code is 4711.", "key-1", Type.SENSITIVE)


def test_the_same_key_answers_after_a_sealed_message_was_deleted(asker, conversation):
    first = send_message(asker, conversation.pk, "My door code is 4711.", "key-1", Type.SENSITIVE)
    delete_message(asker, first.id)
    assert send_message(asker, conversation.pk, "My door code is 4711.", "key-1", Type.SENSITIVE).id == first.id


def test_a_conversation_that_is_being_checked_is_not_opened_by_closing_it(asker, helper, conversation):
    Conversation.objects.update(status="held", opening_moderation="held")
    with pytest.raises(NotPermitted):
        closing.close_conversation(helper, conversation.pk)
    with pytest.raises(NotFound):
        reads.conversation(asker, conversation.pk)

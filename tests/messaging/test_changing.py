"""Changing one's own words and taking them back, the opening ones too."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from carecollective.encryption import Sealed, open_sealed
from carecollective.errors import NotFound, NotPermitted, NotValid
from carecollective.invariants import broken
from members.models import Member
from members.services import blocks
from messaging import reads
from messaging.models import Conversation, Message, MessageRecord, Type
from messaging.services import closing, deciding
from messaging.services.changing import delete_message, edit_message, place_of
from tests.factories.messaging import WORDS, offer_to, say

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]
SIXTEEN = timedelta(minutes=16)


@pytest.fixture
def conversation(asker: Member, helper: Member) -> Conversation:
    return offer_to(asker, helper)


def item(member, conversation, sequence) -> dict:
    return reads.message(member, conversation.pk, sequence)


def deeds(message_id) -> list[str]:
    return list(MessageRecord.objects.filter(message_id=message_id).order_by("id").values_list("deed", flat=True))


def test_the_other_side_reads_the_new_words_and_that_they_were_edited(asker, helper, conversation):
    message_id = say(asker, conversation, "Tuseday is fine.")
    edit_message(asker, message_id, "Tuesday is fine.")
    seen = item(helper, conversation, 2)
    assert (seen["content"], seen["edited_at"] is not None) == ("Tuesday is fine.", True)
    assert deeds(message_id) == ["sent", "edited"]


def test_the_opening_words_are_edited_by_the_conversations_id(asker, helper, conversation):
    edit_message(helper, conversation.pk, "I can bring your bags on Wednesday.")
    assert item(asker, conversation, 1)["content"] == "I can bring your bags on Wednesday."
    assert reads.conversation(asker, conversation.pk)["initial_message"] == "I can bring your bags on Wednesday."
    assert broken() == {}


def test_an_opening_stays_long_enough_to_be_one(helper, conversation):
    with pytest.raises(NotValid, match="at least 10 characters"):
        edit_message(helper, conversation.pk, "Too short")


def test_what_was_sent_first_is_kept_sealed_through_every_edit(asker, helper, conversation):
    message_id = say(asker, conversation, "The first words.")
    edit_message(asker, message_id, "The second words.")
    edit_message(asker, message_id, "The third words.")
    edit_message(helper, conversation.pk, "Other opening words.")
    message, opening = Message.objects.get(), Conversation.objects.get()
    assert "first words" not in message.first
    assert open_sealed(Sealed(message.first_key_id, message.first), place_of(message, ".first")) == "The first words."
    first = Sealed(opening.opening_first_key_id, opening.opening_first)
    assert open_sealed(first, place_of(opening, ".first")) == WORDS


def test_the_digest_stays_that_of_what_was_sent(asker, conversation):
    message_id = say(asker, conversation, "The first words.")
    before = Message.objects.get().digest
    edit_message(asker, message_id, "The second words.")
    assert Message.objects.get().digest == before


def test_sensitive_words_stay_sealed_when_they_are_edited(asker, helper, conversation):
    message_id = say(asker, conversation, "My door code is 4711.", message_type=Type.SENSITIVE)
    edit_message(asker, message_id, "My door code is 4712.")
    message = Message.objects.get()
    assert message.key_id
    assert "4712" not in message.content
    assert item(helper, conversation, 2)["content"] == "My door code is 4712."


def test_the_same_words_again_are_no_edit(asker, conversation):
    message_id = say(asker, conversation)
    edit_message(asker, message_id, "Tuesday is fine.")
    assert deeds(message_id) == ["sent"]


def test_after_fifteen_minutes_words_stand(asker, helper, conversation):
    message_id = say(asker, conversation)
    Message.objects.update(created_at=Now() - SIXTEEN)
    Conversation.objects.update(created_at=Now() - SIXTEEN)
    for member, identifier in ((asker, message_id), (helper, conversation.pk)):
        with pytest.raises(NotPermitted, match="15 minutes"):
            edit_message(member, identifier, "Quite different words.")


def test_words_are_changed_only_by_their_writer(asker, helper, outsider, conversation):
    message_id = say(asker, conversation)
    for verb in (
        lambda who: edit_message(who, message_id, "Changed words."),
        lambda who: delete_message(who, message_id),
    ):
        with pytest.raises(NotPermitted):
            verb(helper)
        with pytest.raises(NotFound):
            verb(outsider)


def test_lines_of_the_site_are_nobodys_to_change(asker, conversation):
    deciding.accept_offer(asker, conversation.pk)
    line = Message.objects.get(type=Type.SYSTEM)
    for verb in (lambda: edit_message(asker, line.pk, "Changed words."), lambda: delete_message(asker, line.pk)):
        with pytest.raises(NotPermitted):
            verb()


def test_a_deleted_message_leaves_its_place_and_nothing_of_its_words(asker, helper, conversation):
    message_id = say(asker, conversation, "Words I regret.")
    edit_message(asker, message_id, "Other words I regret.")
    delete_message(asker, message_id)
    seen = item(helper, conversation, 2)
    assert (seen["content"], seen["deleted_at"] is not None, seen["sequence"]) == ("", True, 2)
    message = Message.objects.get()
    assert (message.first, message.first_key_id) == ("", "")
    assert deeds(message_id) == ["sent", "edited", "deleted"]
    assert broken() == {}


def test_a_deleted_opening_leaves_the_conversation_and_its_offer(asker, helper, conversation):
    edit_message(helper, conversation.pk, "Other words I regret.")
    delete_message(helper, conversation.pk)
    now = Conversation.objects.get()
    assert (now.initial_message, now.opening_first, now.offer_state) == ("", "", "offered")
    assert item(asker, conversation, 1)["deleted_at"]
    deciding.accept_offer(asker, conversation.pk)
    assert broken() == {}


def test_a_sealed_message_can_be_deleted(asker, conversation):
    message_id = say(asker, conversation, "My door code is 4711.", message_type=Type.SENSITIVE)
    delete_message(asker, message_id)
    assert (Message.objects.get().content, Message.objects.get().key_id) == ("", "")


def test_deleting_twice_is_deleting_once_and_a_tombstone_is_not_edited(asker, conversation):
    message_id = say(asker, conversation)
    delete_message(asker, message_id)
    delete_message(asker, message_id)
    assert deeds(message_id) == ["sent", "deleted"]
    with pytest.raises(NotPermitted):
        edit_message(asker, message_id, "Back again.")


def test_in_an_ended_thread_words_are_deleted_but_not_edited(asker, helper, conversation):
    message_id = say(asker, conversation)
    closing.close_conversation(helper, conversation.pk)
    with pytest.raises(NotPermitted):
        edit_message(asker, message_id, "Changed words.")
    delete_message(asker, message_id)


def test_behind_a_block_words_are_deleted_but_not_edited(asker, helper, conversation):
    message_id = say(asker, conversation)
    blocks.block(helper, asker.pk)
    with pytest.raises(NotPermitted):
        edit_message(asker, message_id, "Changed words.")
    delete_message(asker, message_id)


def test_every_edit_moves_the_moment_of_the_last_one(helper, asker, conversation):
    edit_message(helper, conversation.pk, "The second opening words.")
    first = item(asker, conversation, 1)
    edit_message(helper, conversation.pk, "The third opening words.")
    again = item(asker, conversation, 1)
    assert (again["edited_at"] > first["edited_at"], again["updated_at"] > first["updated_at"]) == (True, True)

"""What the database itself refuses, whoever writes: every rule of messages and of their record, met in SQL."""

from typing import Any

import pytest

from carecollective.database import new_id
from members.models import Member
from messaging.models import Conversation, Message
from tests.factories.messaging import offer_to, say
from tests.support.raw_sql import NOW, insert, new_message, refused, say_sql, update

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(asker: Member, helper: Member) -> Conversation:
    return offer_to(asker, helper)


MESSAGES: list[tuple[str, dict[str, Any]]] = [
    ("not null content", {"content": None}),
    ("messages_v2_has_its_words", {"content": ""}),
    ("messages_v2_has_its_words", {"content": "x" * 1001}),
    ("messages_v2_has_its_words", {"deleted_at": NOW}),
    ("messages_v2_has_its_words", {"content": "", "key_id": "tests"}),
    ("messages_v2_comes_after_the_opening", {"sequence": 1}),
    ("messages_v2_type_known", {"type": "shout"}),
    ("messages_v2_origin_known", {"origin": "v3"}),
    ("messages_v2_only_the_site_has_no_sender", {"sender_id": None}),
    ("messages_v2_line_of_ours_says_what_happened", {"type": "system"}),
    ("messages_v2_line_of_ours_says_what_happened", {"happening": "offer_accepted"}),
    ("messages_v2_happening_known", {"type": "system", "happening": "a party"}),
    ("messages_v2_sensitive_is_sealed", {"type": "sensitive"}),
    ("messages_v2_sensitive_is_sealed", {"type": "contact_exchange"}),
    ("messages_v2_moderation_known", {"moderation": "lost"}),
    ("messages_v2_caution_known", {"caution": "fire"}),
    ("messages_v2_hidden_is_kept_sealed", {"content": "", "moderation": "hidden"}),
    ("messages_v2_undelivered_has_no_place", {"moderation": "held"}),
    ("messages_v2_undelivered_has_no_place", {"sequence": None}),
    ("messages_v2_own_words_fit", {"content": "x" * 1001, "origin": "v1"}),
]


@pytest.mark.parametrize(("rule", "wrong"), MESSAGES, ids=[f"{rule} {wrong}"[:90] for rule, wrong in MESSAGES])
def test_a_message_that_cannot_be(conversation, rule: str, wrong: dict[str, Any]) -> None:
    assert refused(*insert("messages_v2", new_message(conversation, **wrong))) == rule


def test_a_stranger_writes_in_nobodys_thread(conversation, outsider) -> None:
    row = new_message(conversation, sender_id=outsider.pk)
    assert refused(*insert("messages_v2", row)) == "messages_v2_sender_is_one_of_two"


def test_nobody_writes_in_a_thread_that_is_not(conversation) -> None:
    row = new_message(conversation, conversation_id=new_id())
    assert refused(*insert("messages_v2", row)) == "messages_v2_sender_is_one_of_two"


def test_a_number_is_given_once(helper, conversation) -> None:
    say(helper, conversation)
    assert refused(*insert("messages_v2", new_message(conversation))) == "unique_message_sequence"


def test_one_key_is_one_message(asker, helper, conversation) -> None:
    say(helper, conversation, client_id="key")
    row = new_message(conversation, sequence=3, client_id="key")
    assert refused(*insert("messages_v2", row)) == "unique_message_client_id"
    assert say_sql(*insert("messages_v2", row | {"sender_id": asker.pk})) == 1


@pytest.mark.parametrize("column", ["id", "conversation_id", "sender_id", "sequence", "type", "digest", "origin"])
def test_a_message_keeps_its_writer_its_place_and_its_digest(asker, helper, conversation, column: str) -> None:
    message = Message.objects.get(pk=say(helper, conversation))
    new: dict[str, Any] = {
        "id": new_id(),
        "conversation_id": offer_to(asker, helper).pk,
        "sender_id": asker.pk,
        "sequence": 3,
        "type": "thanks",
        "digest": "0" * 64,
        "origin": "v1",
    }
    assert refused(*update(message, **{column: new[column]})) == "messages_v2_stay_what_they_are"


def test_words_of_ours_get_no_writer_afterwards_and_a_writer_does_not_become_nobody(
    asker, helper, conversation
) -> None:
    message = Message.objects.get(pk=say(helper, conversation))
    assert refused(*update(message, sender_id=None)) == "messages_v2_stay_what_they_are"


def test_what_was_said_is_not_deleted_by_the_site(helper, conversation) -> None:
    message = Message.objects.get(pk=say(helper, conversation))
    assert refused("DELETE FROM messages_v2 WHERE id = %s", [message.pk]) == "no right"
    assert refused("DELETE FROM conversations_v2 WHERE id = %s", [conversation.pk]) == "no right"
    assert refused("TRUNCATE conversations_v2, messages_v2") == "no right"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE message_audit_log SET deed = 'read'",
        "DELETE FROM message_audit_log",
        "TRUNCATE message_audit_log",
        "ALTER TABLE message_audit_log DISABLE TRIGGER ALL",
        "DROP TRIGGER message_audit_log_no_change ON message_audit_log",
    ],
)
def test_the_record_of_messages_is_only_added_to(conversation, change: str) -> None:
    assert refused(change) == "no right"


def test_the_record_of_messages_knows_its_deeds(conversation) -> None:
    row = {"conversation_id": conversation.pk, "deed": "liked"}
    assert refused(*insert("message_audit_log", row)) == "message_audit_log_deed_known"

"""The invariants see what is wrong: each is broken on purpose once, by the role that owns the tables."""

import pytest
from django.db import connection
from django.test import override_settings

from carecollective.encryption import new_key
from carecollective.invariants import broken
from messaging.models import Conversation, Message, MessageRecord, Type
from tests.factories.messaging import accepted, offer_to, say

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]


def names() -> list[str]:
    return [name.split(" ")[0] + " " + name.split(" ")[1] for name in broken()]


def test_a_site_as_it_should_be_breaks_none(asker, helper):
    say(asker, accepted(asker, helper), message_type=Type.SENSITIVE)
    assert broken() == {}


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ("UPDATE conversations_v2 SET last_sequence = 9", "5 and"),
        ("UPDATE conversations_v2 SET last_message_at = now() - interval '1 day'", "6 last_message_at"),
        ("UPDATE conversations_v2 SET requester_unread = 7", "6 unread"),
        ("UPDATE help_requests SET status = 'open', helper_id = NULL, in_progress_at = NULL", "8 the"),
        (
            "UPDATE help_requests SET status = 'completed', ending = 'helped_here',"
            " completed_at = now() - interval '1 day'",
            "9 no",
        ),
        ("UPDATE help_requests SET requester_id = (SELECT id FROM members WHERE called = 'Olga')", "3 the"),
        ("DELETE FROM events", "16 every"),
    ],
)
def test_what_is_wrong_is_named(asker, helper, outsider, wrong, name):
    say(asker, accepted(asker, helper))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM notices")
        cursor.execute(wrong)
    assert name in names()


def test_a_message_without_its_record_is_named(asker, helper):
    conversation = offer_to(asker, helper)
    Conversation.objects.update(last_sequence=2)
    message = Message(conversation=conversation, sender=asker, sequence=2, content="No record", digest="")
    message.save(force_insert=True)
    Conversation.objects.update(last_message_at=message.created_at, helper_unread=1)
    assert names() == ["16 every"]
    MessageRecord.objects.create(
        conversation_id=conversation.pk, message_id=message.pk, sequence=2, actor_id=asker.pk, deed="sent"
    )
    assert broken() == {}


def test_a_row_sealed_with_a_key_that_is_gone_is_named(asker, helper):
    say(asker, offer_to(asker, helper), message_type=Type.SENSITIVE)
    with override_settings(ENCRYPTION_KEYS=(f"other:{new_key()}",)):
        assert names() == ["17 every"]

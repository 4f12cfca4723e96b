"""What is said and done the V1 way stands in V1's own tables, in their shape, and sealed words beside them alone."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import now

from carecollective.database import new_id
from carecollective.invariants import broken
from features import flag
from features.models import Attempt
from features.states import State
from legacy.models import EarlierConversation, EarlierMessage, EarlierParticipant
from members.models import Member
from messaging.models import Conversation, Message, Type
from messaging.models.sealing import put_away
from messaging.models.writing import Line
from messaging.models.writing import say as write
from messaging.services import changing, closing, offering, reading, releasing
from notifications import preferences
from tests.cast import client_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import earlier
from tests.factories.messaging import WORDS, held_message, offer, offer_to, say
from tests.support.raw_sql import DIRECT, insert, new_conversation, refused

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("way", [1], indirect=True), pytest.mark.usefixtures("way")]

UNLESS_ADOPTING = "current_setting'legacy.is_adopting'::text, true IS DISTINCT FROM 'yes'::text"
BOTH = "what is said the V1 way stands alike in both its tables"


def there(message_id: Any) -> EarlierMessage:
    return EarlierMessage.objects.get(pk=message_id)


def test_an_offer(asker: Member, helper: Member) -> None:
    made = offer_to(asker, helper)
    thread = EarlierConversation.objects.get()
    assert (thread.pk, thread.help_request_id, thread.created_by) == (made.pk, made.help_request_id, helper.pk)
    assert (thread.status, thread.created_at, thread.last_message_at) == (
        "active", made.created_at, made.last_message_at,
    )  # fmt: skip
    people = EarlierParticipant.objects.filter(conversation=thread, left_at=None)
    assert dict(people.values_list("user_id", "role")) == {helper.pk: "helper", asker.pk: "requester"}
    first = EarlierMessage.objects.get()
    assert (first.content, first.sender_id, first.recipient_id) == (WORDS, helper.pk, asker.pk)
    assert (first.message_type, first.status, first.moderation_status) == ("text", "sent", "approved")
    attempt = Attempt.objects.get()
    assert (attempt.version, attempt.code, attempt.conversation_id) == (1, "success", made.pk)
    assert broken() == {}


def test_an_answer_and_how_far_it_was_read(asker: Member, helper: Member) -> None:
    made = offer_to(asker, helper)
    said = there(say(asker, made, "Yes, please."))
    assert (said.content, said.recipient_id, said.help_request_id) == ("Yes, please.", helper.pk, made.help_request_id)
    reading.mark_read(helper, made.pk, 2)
    said.refresh_from_db()
    assert said.status == "read"
    assert said.read_at is not None
    assert there(made.pk).status == "sent", "nobody has read the opening"


@pytest.mark.parametrize("kind", [Type.SENSITIVE, Type.CONTACT_EXCHANGE])
def test_sealed_words_stand_beside_it_alone(kind: Type, asker: Member, helper: Member) -> None:
    made = offer_to(asker, helper)
    secret = say(asker, made, "555 0100, ring twice.", message_type=kind)
    assert there(secret).content == "[protected]"
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(it::text, '') FROM messages AS it")
        assert "555 0100" not in cursor.fetchone()[0]
    assert changing.find(helper, secret).text == "555 0100, ring twice."
    assert broken() == {}


def test_changed_deleted_hidden_and_shown_again(asker: Member, helper: Member) -> None:
    made = offer_to(asker, helper)
    said = say(asker, made, "Come at nine.")
    changing.edit_message(asker, said, "Come at ten.")
    assert there(said).content == "Come at ten."
    releasing.hide(said)
    assert (there(said).content, there(said).moderation_status) == ("[protected]", "hidden")
    releasing.show(said)
    assert there(said).moderation_status == "approved"
    assert there(said).content == "[protected]", "what was hidden once stays sealed"
    changing.delete_message(asker, said)
    assert (there(said).content, there(said).deleted_at is not None) == ("", True)
    changing.delete_message(helper, made.pk)
    assert (there(made.pk).content, there(made.pk).deleted_at is not None) == ("", True)
    assert broken() == {}


def test_held_and_released(asker: Member, helper: Member) -> None:
    made = offer_to(asker, helper)
    waits = held_message(asker, made)
    assert there(waits.pk).moderation_status == "pending"
    releasing.hide(waits.pk)
    assert there(waits.pk).moderation_status == "removed"
    releasing.show(waits.pk)
    releasing.release(waits.pk)
    assert there(waits.pk).moderation_status == "approved"
    assert Message.objects.get(pk=waits.pk).sequence == 2


def test_closed(asker: Member, helper: Member) -> None:
    made = offer_to(asker, helper)
    closing.close_conversation(asker, made.pk)
    assert EarlierConversation.objects.get().status == "closed"
    assert EarlierMessage.objects.filter(message_type="help_request_update").count() == 1


def test_it_is_in_both_or_in_neither(asker: Member, helper: Member) -> None:
    made = offer_to(asker, helper)
    taken = new_id()
    EarlierMessage.objects.create(pk=taken, conversation_id=made.pk, content="", sender_id=helper.pk)
    line = Line(asker.pk, put_away("It cannot be stored there.", ""), id=taken)
    with pytest.raises(IntegrityError), transaction.atomic():
        write(made, line)
    made.refresh_from_db()
    assert (made.last_sequence, Message.objects.count()) == (1, 0)


def test_a_difference_is_found(asker: Member, helper: Member) -> None:
    """The negative test of that promise."""
    said = say(asker, offer_to(asker, helper))
    EarlierMessage.objects.filter(pk=said).update(content="Something else.")
    assert set(broken()) == {BOTH}


class TestOneOfEachPair:
    def test_an_offer_stands_in_the_way_of_one_of_the_other_version(self, asker: Member, helper: Member) -> None:
        made = offer_to(asker, helper)
        row = new_conversation(asker, helper, help_request_id=made.help_request_id)
        assert refused(*insert("conversations_v2", row)) == "unique_help_request_helper"
        assert refused(*insert("legacy_conversations", row | {"id": new_id(), "version": 1})) == (
            "legacy_unique_help_request_helper"
        )

    def test_one_that_was_brought_over_stands_in_the_way_of_both(self, asker: Member, helper: Member) -> None:
        old = earlier(helper, HelpRequestFactory(requester=asker))
        row = new_conversation(asker, helper, help_request_id=old.help_request_id)
        for table, version in (("conversations_v2", 2), ("legacy_conversations", 1)):
            told = refused(*insert(table, row | {"id": new_id(), "version": version}))
            assert told == "unique_help_request_helper"

    def test_two_people_have_one_direct_conversation(self, asker: Member, helper: Member) -> None:
        for member in (asker, helper):
            preferences.change(member, can_receive_from="anyone")
        offering.start_direct(helper, asker.pk, "Hello Ana, how are you?")
        for one, other in ((asker, helper), (helper, asker)):
            assert refused(*insert("conversations_v2", new_conversation(one, other, **DIRECT))) == "unique_direct_pair"

    def test_what_inherits_our_rows_is_of_version_1(self, asker: Member, helper: Member) -> None:
        row = new_conversation(asker, helper, version=2)
        assert refused(*insert("legacy_conversations", row)) == "legacy_conversations_are_of_version_1"


class TestItsTables:
    def test_they_have_the_columns_they_had(self) -> None:
        shapes = {
            "conversations": "id help_request_id created_by title status created_at updated_at last_message_at",
            "conversation_participants": "conversation_id user_id joined_at left_at role",
            "messages": "id conversation_id sender_id recipient_id help_request_id content message_type status read_at"
            " is_flagged flagged_reason moderation_status created_at updated_at deleted_at",
        }
        with connection.cursor() as cursor:
            for table, shape in shapes.items():
                cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
                assert {name for (name,) in cursor.fetchall()} == set(shape.split())

    @pytest.mark.parametrize(
        ("ours", "side"), [("conversations_v2", "legacy_conversations"), ("messages_v2", "legacy_messages")]
    )
    def test_every_index_and_key_of_ours_stands_beside_it(self, ours: str, side: str) -> None:
        """What inherits has neither by itself, so a new one wants a migration here, too."""

        def indexes(table: str) -> set[str]:
            with connection.cursor() as cursor:
                cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [table])
                return {definition.split(" USING ")[1] for (definition,) in cursor.fetchall()}

        def keys(table: str) -> set[str]:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                    " WHERE contype = 'f' AND conrelid = %s::regclass",
                    [table],
                )
                return {text.replace("legacy_conversations", "conversations_v2") for (text,) in cursor.fetchall()}

        assert indexes(ours)

        def own(index: str) -> str:
            # What was brought over may be there several times.
            return index.partition(" WHERE ")[0]

        assert {own(index) for index in indexes(ours)} <= {own(index) for index in indexes(side)}
        assert keys(ours) == keys(side)

    @pytest.mark.parametrize(
        ("ours", "side"), [("conversations_v2", "legacy_conversations"), ("messages_v2", "legacy_messages")]
    )
    def test_every_guard_of_ours_stands_beside_it(self, ours: str, side: str) -> None:
        def guards(table: str) -> set[str]:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT regexp_replace(pg_get_triggerdef(oid), '^.* TRIGGER \\w+ | ON public\\.\\w+', '', 'g')"
                    " FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass",
                    [table],
                )
                return {re.sub(r"[()]", "", text) for (text,) in cursor.fetchall()}

        # What is adopted was said by one of the two already, and what goes back was allowed when it was said.
        own = {text.replace("messages_v2_sender", "legacy_messages_sender") for text in guards(ours)}
        beside = {text.replace(f" AND {UNLESS_ADOPTING}", "").replace(f"WHEN {UNLESS_ADOPTING} ", "")
                  for text in guards(side)}  # fmt: skip
        assert own <= beside


@pytest.mark.parametrize("later", ["on", "percentage:0"])
def test_each_goes_on_where_it_began(later: str, asker: Member, helper: Member, outsider: Member) -> None:
    """Turned on after a week of V1, and off again."""
    request = HelpRequestFactory(requester=asker)
    old = offer(helper, request)
    flag.keep(flag.Answer(State.parse("on")))
    new = offer(outsider, request)
    assert (old.version, new.version) == (1, 2)
    flag.keep(flag.Answer(State.parse(later)))
    for thread, member in ((old, helper), (new, outsider)):
        for sender in (asker, member):
            answer = client_of(sender).post(
                f"/api/messaging/conversations/{thread.pk}/messages", {"content": "Still here."}, format="json"
            )
            assert answer.status_code == 201
        told = client_of(asker).post(
            f"/api/messaging/conversations/{thread.pk}/report", {"reason": "spam"}, format="json"
        )
        assert told.status_code == 201
    rows = client_of(asker).get("/api/messaging/conversations").json()["conversations"]
    assert {row["id"] for row in rows} == {str(old.pk), str(new.pk)}
    sent = Attempt.objects.filter(kind="send_message").values_list("conversation_id", "version")
    assert set(sent) == {(old.pk, 1), (new.pk, 2)}
    assert broken() == {}


def test_a_duplicate_made_around_the_code_is_refused(asker: Member, helper: Member) -> None:
    made = offer_to(asker, helper)
    with pytest.raises(IntegrityError, match="of the other version"), transaction.atomic():
        Conversation.objects.create(
            requester=asker, helper=helper, opening_sender=helper, help_request_id=made.help_request_id,
            initial_message=WORDS, opening_digest="x", offer_state="offered", offered_at=now(),
        )  # fmt: skip

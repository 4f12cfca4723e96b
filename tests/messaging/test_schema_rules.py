"""What the database itself refuses, whoever writes: every rule of conversations, met in SQL as the site's role."""

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from carecollective.database import new_id
from members.models import Member
from messaging.models import Conversation
from messaging.services import changing, closing, deciding, reading
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.messaging import accepted, offer, offer_to, say
from tests.support.raw_sql import DIRECT, NOW, insert, new_conversation, new_message, refused, say_sql, update

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(asker: Member, helper: Member) -> Conversation:
    return offer_to(asker, helper)


def test_what_these_tests_write_is_right_but_for_what_each_names(asker, helper, conversation) -> None:
    """The negative test of this file."""
    assert say_sql(*insert("conversations_v2", new_conversation(asker, helper))) == 1
    assert say_sql(*insert("conversations_v2", new_conversation(asker, helper, **DIRECT))) == 1
    assert say_sql(*insert("messages_v2", new_message(conversation))) == 1
    assert say_sql(*update(conversation, last_sequence=5)) == 1


CONVERSATIONS: list[tuple[str, dict[str, Any]]] = [
    ("not null initial_message", {"initial_message": None}),
    ("conversations_v2_has_its_words", {"initial_message": ""}),
    ("conversations_v2_has_its_words", {"initial_message": "x" * 9}),
    ("conversations_v2_has_its_words", {"initial_message": "x" * 1001}),
    ("conversations_v2_has_its_words", {"initial_message": "", "key_id": "tests"}),
    ("conversations_v2_has_its_words", {"opening_deleted_at": NOW}),
    ("conversations_v2_has_its_words", {"initial_message": "", "origin": "v1"}),
    # conversations_v2_kind_known refuses it too; PostgreSQL names the first by the alphabet.
    ("conversations_v2_kind_agrees", {"kind": "group"}),
    ("conversations_v2_status_known", {"status": "gone"}),
    ("conversations_v2_origin_known", {"origin": "v3"}),
    ("conversations_v2_kind_agrees", {"kind": "direct"}),
    ("conversations_v2_kind_agrees", {"help_request_id": None}),
    ("conversations_v2_kind_agrees", {"offer_state": None, "offered_at": None}),
    ("conversations_v2_kind_agrees", DIRECT | {"kind": "help"}),
    ("conversations_v2_closed_at_agrees", {"status": "closed"}),
    ("conversations_v2_closed_at_agrees", {"closed_at": NOW}),
    ("conversations_v2_offer_agrees_with_its_moments", {"offered_at": None}),
    ("conversations_v2_offer_agrees_with_its_moments", {"offer_state": "accepted"}),
    ("conversations_v2_offer_agrees_with_its_moments", {"offer_state": "declined"}),
    ("conversations_v2_offer_agrees_with_its_moments", {"offer_state": "withdrawn"}),
    ("conversations_v2_offer_agrees_with_its_moments", {"offer_state": "expired"}),
    ("conversations_v2_offer_agrees_with_its_moments", {"accepted_at": NOW}),
    ("conversations_v2_offer_agrees_with_its_moments", {"offer_state": "declined", "accepted_at": NOW}),
    (
        "conversations_v2_offer_agrees_with_its_moments",
        {"offer_state": "accepted", "accepted_at": NOW, "expired_at": NOW},
    ),
    ("conversations_v2_offer_agrees_with_its_moments", {"offer_state": "maybe"}),
    ("conversations_v2_requester_read_is_delivered", {"requester_read": 1}),
    ("conversations_v2_helper_read_is_delivered", {"helper_read": 1}),
    ("conversations_v2_requester_delivered_exists", {"requester_delivered": 2}),
    ("conversations_v2_helper_delivered_exists", {"helper_delivered": 2}),
    ("conversations_v2_opening_moderation_known", {"opening_moderation": "lost"}),
    ("conversations_v2_opening_caution_known", {"opening_caution": "fire"}),
    ("conversations_v2_hidden_opening_is_kept_sealed", {"initial_message": "", "opening_moderation": "hidden"}),
    ("conversations_v2_held_agrees_with_its_opening", {"opening_moderation": "held"}),
    ("conversations_v2_held_agrees_with_its_opening", {"status": "held"}),
    ("conversations_v2_are_of_version_2", {"version": 1}),
    # conversations_v2_version_known refuses it too.
    ("conversations_v2_are_of_version_2", {"version": 3}),
    ("conversations_v2_own_words_fit", {"initial_message": "x" * 1001, "origin": "v1"}),
]


@pytest.mark.parametrize(
    ("rule", "wrong"), CONVERSATIONS, ids=[f"{rule} {wrong}"[:90] for rule, wrong in CONVERSATIONS]
)
def test_a_conversation_that_cannot_be(asker, helper, rule: str, wrong: dict[str, Any]) -> None:
    assert refused(*insert("conversations_v2", new_conversation(asker, helper, **wrong))) == rule


def test_nobody_talks_with_themselves(asker) -> None:
    assert refused(*insert("conversations_v2", new_conversation(asker, asker))) == "conversations_v2_two_people"


def test_the_first_words_are_the_helpers(asker, helper, outsider) -> None:
    for writer in (asker, outsider):
        row = new_conversation(asker, helper, opening_sender_id=writer.pk)
        assert refused(*insert("conversations_v2", row)) == "conversations_v2_opening_sender_is_one_of_two"


def test_one_conversation_for_one_request_and_one_helper(asker, helper, conversation) -> None:
    row = new_conversation(asker, helper, help_request_id=conversation.help_request_id)
    assert refused(*insert("conversations_v2", row)) == "unique_help_request_helper"


def test_one_direct_conversation_for_two_people_whoever_began(asker, helper) -> None:
    say_sql(*insert("conversations_v2", new_conversation(asker, helper, **DIRECT)))
    for one, other in ((asker, helper), (helper, asker)):
        assert refused(*insert("conversations_v2", new_conversation(one, other, **DIRECT))) == "unique_direct_pair"


def test_one_key_is_one_conversation(asker, helper) -> None:
    say_sql(*insert("conversations_v2", new_conversation(asker, helper, client_id="key")))
    row = new_conversation(asker, helper, client_id="key")
    assert refused(*insert("conversations_v2", row)) == "unique_conversation_client_id"


def test_one_accepted_offer_for_one_request(asker, helper, outsider) -> None:
    first = accepted(asker, helper)
    second = offer(outsider, first.asked_for)
    assert refused(*update(second, offer_state="accepted", accepted_at=NOW)) == "unique_accepted_offer"


@pytest.mark.parametrize("column", ["requester_id", "help_request_id"])
def test_a_conversation_belongs_to_people_and_a_request_that_exist(asker, helper, column: str) -> None:
    statement = insert("conversations_v2", new_conversation(asker, helper) | {column: new_id()})
    say_sql(*statement)
    with pytest.raises(IntegrityError, match="foreign key constraint"):
        connection.check_constraints()
    transaction.set_rollback(True)


def test_what_is_no_offer_was_never_offered(asker, helper) -> None:
    row = new_conversation(asker, helper, **DIRECT | {"offered_at": NOW})
    assert refused(*insert("conversations_v2", row)) == "conversations_v2_offer_agrees_with_its_moments"


@pytest.mark.parametrize("state", ["accepted", "declined", "withdrawn", "expired"])
def test_what_is_no_offer_was_never_decided(asker, helper, state: str) -> None:
    row = new_conversation(asker, helper, **DIRECT | {f"{state}_at": NOW})
    assert refused(*insert("conversations_v2", row)) == "conversations_v2_offer_agrees_with_its_moments"


@pytest.mark.parametrize(
    "column", ["id", "requester_id", "helper_id", "opening_sender_id", "help_request_id", "opening_digest"]
)
def test_a_conversation_keeps_its_people_its_request_and_its_first_words(conversation, outsider, column: str) -> None:
    new: dict[str, Any] = {"id": new_id(), "help_request_id": HelpRequestFactory().pk, "opening_digest": "0" * 64}
    change = {column: new.get(column, outsider.pk)}
    assert refused(*update(conversation, **change)) == "conversations_v2_stay_what_they_are"


def test_a_conversation_about_a_request_does_not_become_a_direct_one(conversation) -> None:
    assert refused(*update(conversation, **DIRECT)) == "conversations_v2_stay_what_they_are"


def test_a_conversation_does_not_become_one_of_the_earlier_system(conversation) -> None:
    assert refused(*update(conversation, origin="v1")) == "conversations_v2_stay_what_they_are"


@pytest.mark.parametrize("side", ["requester", "helper"])
@pytest.mark.parametrize("position", ["read", "delivered"])
def test_a_position_never_goes_back(asker, helper, conversation, side: str, position: str) -> None:
    say(helper, conversation)
    say(asker, conversation)
    for member in (asker, helper):
        reading.mark_read(member, conversation.pk, 3)
    back = {f"{side}_read": 2} | ({f"{side}_delivered": 2} if position == "delivered" else {})
    assert refused(*update(conversation, **back)) == "conversations_v2_positions_move_forward"


def test_a_thread_never_gets_shorter(helper, conversation) -> None:
    say(helper, conversation)
    assert refused(*update(conversation, last_sequence=1)) == "conversations_v2_positions_move_forward"


def test_nobody_has_read_further_than_the_thread_goes(conversation) -> None:
    further = {"requester_read": 2, "requester_delivered": 2}
    assert refused(*update(conversation, **further)) == "conversations_v2_requester_delivered_exists"


def test_every_rule_of_these_tables_is_refused_by_name_somewhere_here() -> None:
    """A new constraint wants a new line here."""
    text = "".join(file.read_text() for file in Path(__file__).parent.glob("test_schema_rules*.py"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype IN ('c', 'u') AND conrelid IN"
            " ('conversations_v2'::regclass, 'messages_v2'::regclass, 'message_audit_log'::regclass)"
        )
        rules = {name for (name,) in cursor.fetchall()}
    never_false = {name for name in rules if name.endswith("_check")}
    assert {name for name in rules - never_false if name not in text} == set()


def test_a_row_as_the_verbs_leave_it_may_stay(asker, helper, conversation) -> None:
    """Deciding, closing, editing, deleting: none of it meets a rule above."""
    message_id = say(helper, conversation)
    changing.edit_message(helper, message_id, "On Wednesday.")
    changing.edit_message(helper, conversation.pk, "I can come on Wednesday instead.")
    deciding.accept_offer(asker, conversation.pk)
    changing.delete_message(helper, message_id)
    changing.delete_message(helper, conversation.pk)
    closing.close_conversation(asker, conversation.pk)

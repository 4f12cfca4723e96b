"""The failures of the original, line by line, and our rule for each (product.md §1). Each test bears its line's name.

Not here yet, because what they are about is not: the percentage rollout, the rollback without a redeploy, a stored
flag nobody can read, the restriction check that failed open and screening on every write path. They come with the
flag, with restrictions and with screening. Code and database are compared in carecollective/test_verify_schema.py.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from rest_framework.test import APIClient

from carecollective import migrated
from carecollective.encryption import KeyMissing
from carecollective.env import Reader, Unreadable
from carecollective.invariants import broken
from features.models import Attempt
from help_requests.models import HelpRequest, Status
from members.models import Member
from messaging.models import Conversation, Message, MessageRecord, Type
from messaging.services import clockwork, closing, deciding, offering, requests, talking
from moderation.models import Report
from notifications.models import Event, Notice
from tests.cast import client_of
from tests.factories.help_requests import AGES_AGO, HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, offer, offer_to, say
from tests.support import crowd
from tests.support.meeting import meet
from tests.support.statements import COMMIT

in_one_transaction = pytest.mark.django_db
committed = pytest.mark.committed
SECRET = "My daughter's number is 555 0100."


@pytest.fixture
def asked(asker: Member) -> HelpRequest:
    return HelpRequestFactory(requester=asker)


def start(client: APIClient, request: HelpRequest, **body: Any) -> Any:
    path = f"/api/messaging/help-requests/{request.pk}/start-conversation"
    return client.post(path, {"initial_message": WORDS} | body, format="json")


def patient(member: Member) -> APIClient:
    """A client that reads “500” as people do, and tries again."""
    client = client_of(member)
    client.raise_request_exception = False
    return client


def nothing_is_stored() -> bool:
    return not any(model.objects.exists() for model in (Conversation, Message, MessageRecord, Event, Notice))


# Three writes, no clean-up: orphaned conversations.


@committed
@pytest.mark.parametrize(
    "broken_part",
    ["messaging.services.offering.notifications.record", "messaging.services.offering.attempts.succeeded"],
)
def test_three_writes_no_clean_up_orphaned_conversations(asker, helper, asked, monkeypatch, broken_part: str) -> None:
    """Whatever breaks after the first write takes all of it back, so the second try is a first one."""
    with monkeypatch.context() as breaking:
        breaking.setattr(broken_part, _breaks)
        assert start(patient(helper), asked).status_code == 500
        assert nothing_is_stored()

    answer = start(patient(helper), asked)
    assert (answer.status_code, Conversation.objects.get().initial_message) == (201, WORDS)
    assert broken() == {}


def _breaks(*anything: object, **more: object) -> None:
    raise ZeroDivisionError


@in_one_transaction
@pytest.mark.parametrize("words", [None, "", "too short"])
def test_a_conversation_without_its_words_cannot_be_stored(asker, helper, asked, words: str | None) -> None:
    row = "SELECT gen_random_uuid(), %s, %s, %s, %s, %s, '', 'offered', now()"
    columns = "id, help_request_id, requester_id, helper_id, opening_sender_id, initial_message, opening_digest"
    with (
        pytest.raises(DatabaseError, match=r"initial_message|has_its_words"),
        transaction.atomic(),
        connection.cursor() as sql,
    ):
        sql.execute(
            f"INSERT INTO conversations_v2 ({columns}, offer_state, offered_at) {row}",
            [asked.pk, asker.pk, helper.pk, helper.pk, words],
        )


# The duplicate check by three queries; lost races became 500.


@committed
def test_duplicate_check_by_three_queries_lost_races_became_500(helper, asked) -> None:
    """Both looked and saw no conversation; the one who commits second hears which one there is."""
    crossing = meet(
        lambda: offering.offer_help(helper, asked.pk, WORDS),
        lambda number, words: words == COMMIT,
        lambda: offering.offer_help(helper, asked.pk, WORDS),
    )
    assert (crossing.first, crossing.second) == ("done", "conversation_exists")
    answer = start(client_of(helper), asked)
    assert (answer.status_code, answer.json()["error"]) == (409, "conversation_exists")
    assert answer.json()["conversation_id"] == str(Conversation.objects.get().pk)


@in_one_transaction
def test_a_unique_constraint_decides_whatever_the_code_looked_at(helper, asked) -> None:
    first = offer(helper, asked)
    columns = [
        str(field.column) for field in Conversation._meta.concrete_fields if field.column not in ("id", "client_id")
    ]
    names = ", ".join(columns)
    with (
        pytest.raises(DatabaseError, match="unique_help_request_helper"),
        transaction.atomic(),
        connection.cursor() as sql,
    ):
        sql.execute(
            f"INSERT INTO conversations_v2 (id, {names}) SELECT gen_random_uuid(), {names} FROM conversations_v2"
            " WHERE id = %s",
            [first.pk],
        )


# Functions trusted a caller-supplied user id; one check was NULL-unsafe.


@in_one_transaction
@pytest.mark.parametrize("claim", ["helper_id", "requester_id", "user_id", "sender_id", "created_by", "p_helper_id"])
def test_functions_trusted_a_caller_supplied_user_id(helper, outsider, asked, claim: str) -> None:
    """Whoever claims to be somebody is refused, even where the claim is true."""
    for claimed in (outsider, helper):
        answer = start(client_of(helper), asked, **{claim: str(claimed.pk)})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [claim])
    assert nothing_is_stored()


@in_one_transaction
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer null", "Bearer ", "Token x", "Bearer care_" + "x" * 43])
def test_one_check_let_nobody_in_as_everybody(asked, header: str | None) -> None:
    nobody = APIClient()
    if header is not None:
        nobody.credentials(HTTP_AUTHORIZATION=header)
    for body in ({}, {"helper_id": None}, {"helper_id": str(asked.requester_id)}):
        assert start(nobody, asked, **body).status_code == 401
    assert nothing_is_stored()


@in_one_transaction
def test_a_message_is_from_whoever_is_signed_in(asker, helper, outsider) -> None:
    conversation = offer_to(asker, helper)
    path = f"/api/messaging/conversations/{conversation.pk}/messages"
    assert client_of(asker).post(path, {"content": "Hi", "sender_id": str(helper.pk)}, format="json").status_code == 400
    assert client_of(outsider).post(path, {"content": "Hi"}, format="json").status_code == 403
    assert client_of(asker).post(path, {"content": "Hi"}, format="json").status_code == 201
    assert [message.sender for message in Message.objects.all()] == [asker]


# "true\n" in an environment variable switched the feature off.


def test_true_with_a_line_break_in_an_environment_variable_switched_the_feature_off() -> None:
    def read(value: str) -> bool:
        return Reader({"FEATURE": "…"}, Path("/nowhere"), {"FEATURE": value}).flag("FEATURE", default=False)

    assert [read(value) for value in ("true\n", " True\r\n", "on", "false\n")] == [True, True, True, False]
    with pytest.raises(Unreadable, match="FEATURE"):
        read("ture")


# Moderation existed but nothing called it; deleting a message deleted the report about it.


@in_one_transaction
@pytest.mark.parametrize("which", ["opening", "message"])
def test_reports_only_knew_v1(asker, helper, which: str) -> None:
    """Everything a stranger can write can be reported, the opening message too."""
    conversation = offer_to(asker, helper)
    message_id = conversation.pk if which == "opening" else say(helper, conversation)
    answer = client_of(asker).post(f"/api/messaging/messages/{message_id}/report", {"reason": "scam"}, format="json")
    assert answer.status_code == 201
    assert Report.objects.get().target_id == message_id


@in_one_transaction
@pytest.mark.parametrize("which", ["opening", "message"])
def test_deleting_a_message_deleted_the_report_about_it(asker, helper, which: str) -> None:
    conversation = offer_to(asker, helper, text=SECRET)
    message_id = conversation.pk if which == "opening" else say(helper, conversation, SECRET)
    client_of(asker).post(f"/api/messaging/messages/{message_id}/report", {"reason": "scam"}, format="json")
    before = Report.objects.values().get()

    writer = client_of(helper)
    path = f"/api/messaging/messages/{message_id}"
    assert writer.patch(path, {"content": "I never said that."}, format="json").status_code == 200
    assert writer.delete(path).status_code == 200

    assert Report.objects.values().get() == before
    assert SECRET in json.dumps(Report.objects.get().clear_evidence)
    with pytest.raises(DatabaseError), transaction.atomic():
        Report.objects.all().delete()


# The first offer moved the request to "in progress" and locked others out.


@in_one_transaction
def test_first_offer_moved_the_request_to_in_progress_and_locked_others_out(asker, asked) -> None:
    before = HelpRequest.objects.values().get(pk=asked.pk)
    people = MemberFactory.create_batch(3)
    assert [start(client_of(person), asked).status_code for person in people] == [201, 201, 201]
    assert HelpRequest.objects.values().get(pk=asked.pk) == before

    second = Conversation.objects.get(helper=people[1])
    path = f"/api/messaging/conversations/{second.pk}/accept"
    assert client_of(asker).post(path, {}, format="json").status_code == 200
    asked.refresh_from_db()
    assert (asked.status, asked.helper) == (Status.IN_PROGRESS, people[1])
    assert start(client_of(MemberFactory()), asked).status_code == 201


# Declined helpers, expired offers, closed threads left people guessing.


def decline(conversation: Conversation) -> None:
    deciding.decline_offer(conversation.requester, conversation.pk)


def expire(conversation: Conversation) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(offered_at=conversation.created_at - AGES_AGO)
    assert clockwork.expire_offers() == 1


def close(conversation: Conversation) -> None:
    closing.close_conversation(conversation.requester, conversation.pk)


def cancel(conversation: Conversation) -> None:
    requests.cancel_request(conversation.requester, conversation.asked_for.pk)


@in_one_transaction
@pytest.mark.parametrize(
    ("verb", "kind", "line"),
    [
        (decline, "offer_declined", "offer_declined"),
        (expire, "offer_expired", "offer_expired"),
        (close, "conversation_closed", "conversation_closed"),
        (cancel, "request_cancelled", None),
    ],
)
def test_declined_helpers_expired_offers_closed_threads_left_people_guessing(
    asker, helper, verb: Any, kind: str, line: str | None
) -> None:
    """Whoever it concerns is told, the thread says it, and the thread stays readable for both."""
    conversation = offer_to(asker, helper)
    verb(conversation)

    assert kind in Notice.objects.filter(member=helper).values_list("event__kind", flat=True)
    said = list(Message.objects.exclude(happening="").values_list("happening", flat=True))
    assert said == ([line] if line else [])
    for member in (asker, helper):
        thread = client_of(member).get(f"/api/messaging/conversations/{conversation.pk}")
        assert thread.status_code == 200
        assert thread.json()["messages"][0]["content"] == WORDS
    assert broken() == {}


# Encryption existed, was never called, fell back to plaintext in silence.


def is_somewhere_in_the_clear(words: str) -> list[str]:
    """The tables in which these words can be read."""
    with connection.cursor() as sql:
        sql.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND has_table_privilege(oid, 'SELECT')"
        )
        tables = [name for (name,) in sql.fetchall()]
        found = []
        for table in tables:
            sql.execute(f"SELECT count(*) FROM {table} AS row WHERE position(%s IN row::text) > 0", [words])
            found += [table] if sql.fetchone() != (0,) else []
    return found


@in_one_transaction
@pytest.mark.parametrize("kind", ["sensitive", "contact_exchange"])
def test_encryption_existed_was_never_called_fell_back_to_plaintext_in_silence(asker, helper, kind: str) -> None:
    conversation = offer_to(asker, helper)
    assert is_somewhere_in_the_clear(WORDS) == ["conversations_v2"], "the search itself must find what is clear"
    path = f"/api/messaging/conversations/{conversation.pk}/messages"
    answer = client_of(helper).post(path, {"content": SECRET, "type": kind}, format="json")

    assert (answer.status_code, answer.json()["encrypted"]) == (201, True)
    assert is_somewhere_in_the_clear(SECRET) == []
    assert client_of(asker).get(path).json()["messages"][-1]["content"] == SECRET


@in_one_transaction
def test_without_a_key_sensitive_words_are_not_stored_at_all(asker, helper) -> None:
    conversation = offer_to(asker, helper)
    with override_settings(ENCRYPTION_KEYS=[]), pytest.raises(KeyMissing):
        talking.send_message(helper, conversation.pk, SECRET, message_type=Type.SENSITIVE)
    path = f"/api/messaging/conversations/{conversation.pk}/messages"
    with override_settings(ENCRYPTION_KEYS=[]):
        answer = patient(helper).post(path, {"content": SECRET, "type": "sensitive"}, format="json")
    assert answer.status_code >= 500
    assert not Message.objects.exists()
    assert is_somewhere_in_the_clear(SECRET) == []


# Read tracking used one column for two people.


@in_one_transaction
def test_read_tracking_used_one_column_for_two_people(asker, helper) -> None:
    conversation = offer_to(asker, helper)
    say(asker, conversation)
    say(helper, conversation)
    path = f"/api/messaging/conversations/{conversation.pk}"
    assert client_of(asker).post(f"{path}/read", {"sequence": 3}, format="json").status_code == 200

    mine = client_of(asker).get(path).json()["conversation"]
    theirs = client_of(helper).get(path).json()["conversation"]
    assert (mine["my_read_sequence"], mine["their_read_sequence"], mine["unread_count"]) == (3, 0, 0)
    assert (theirs["my_read_sequence"], theirs["their_read_sequence"], theirs["unread_count"]) == (0, 3, 1)


# "Success rate" came from a NOT NULL column: always 100 %.


@in_one_transaction
def test_success_rate_came_from_a_not_null_column_always_100_percent(
    asker, helper, waiting, asked, monkeypatch
) -> None:
    """Every attempt is kept with what came of it: refused, repeated, failed by our fault, made."""
    start(APIClient(), asked)
    start(client_of(helper), asked, initial_message="Hi.")
    start(client_of(waiting), asked)
    start(client_of(asker), asked)
    with monkeypatch.context() as breaking:
        breaking.setattr("messaging.services.offering.open_conversation", _breaks)
        start(patient(helper), asked)
    start(client_of(helper), asked, client_id="key")
    start(client_of(helper), asked, client_id="key")
    start(client_of(helper), asked)
    start(client_of(helper), HelpRequestFactory(cancelled=True))

    codes = list(Attempt.objects.order_by("id").values_list("code", flat=True))
    assert codes == [
        "not_authenticated",
        "validation_error",
        "permission_denied",
        "validation_error",
        "server_error",
        "success",
        "replayed",
        "conversation_exists",
        "help_request_unavailable",
    ]


# V2 was written and never applied to production; nobody noticed.


def test_v2_was_written_and_never_applied_to_production(site: str, asker: Member, helper: Member) -> None:
    """The real process on the migrated database, as the role that runs the site: an offer arrives and is answered."""
    people = crowd.Crowd(site)
    asked = HelpRequestFactory(requester=asker)
    answer = people.one(crowd.offering(helper, asked))
    assert (answer.status, answer.body["version"]) == (201, 2)
    conversation = Conversation.objects.get(pk=answer.conversation_id)
    path = f"/api/messaging/conversations/{conversation.pk}"
    assert client_of(asker).get(path).json()["messages"][0]["content"] == WORDS
    assert broken() == {}


@in_one_transaction
def test_a_site_whose_messaging_was_never_applied_takes_no_visitors(client, monkeypatch) -> None:
    assert client.get("/api/health/ready").status_code == 200
    written = dict(migrated.on_disk()) | {("messaging", "0999_never_applied"): []}
    monkeypatch.setattr(migrated, "on_disk", lambda: written)
    answer = client.get("/api/health/ready")
    assert (answer.status_code, answer.json()["migrations"]["pending"]) == (503, ["messaging.0999_never_applied"])
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_schema")

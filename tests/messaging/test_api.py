"""Offering and talking over the API: the order of the checks, the fixed texts, the shapes, the statements."""

import json
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH
from rest_framework import serializers
from rest_framework.test import APIClient

from features.models import Attempt
from members.models import Member
from members.services.access import make_token
from messaging import outputs, reads_sql
from messaging.models import Conversation, Message, Type
from messaging.services.offering import start_direct
from notifications import preferences
from tests.cast import browser_of, client_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, offer, offer_to, say

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]
THREADS = "/api/messaging/conversations"


def start(request) -> str:
    return f"/api/messaging/help-requests/{request.pk}/start-conversation"


def thread(conversation, act="") -> str:
    return f"{THREADS}/{conversation.pk}{act}"


def post(member, address, body, **headers):
    return client_of(member).post(address, body, format="json", headers=headers)


@pytest.fixture
def request_for_help(asker):
    return HelpRequestFactory(requester=asker)


@pytest.fixture
def conversation(asker, helper):
    return offer_to(asker, helper)


def test_an_offer_is_answered_as_promised(helper, request_for_help):
    answer = post(helper, start(request_for_help), {"initial_message": WORDS})
    assert answer.status_code == 201
    assert answer.json() == {
        "success": True,
        "conversation_id": str(Conversation.objects.get().pk),
        "help_request_id": str(request_for_help.pk),
        "status": "active",
        "version": 2,
        "message": "Conversation created successfully",
    }


def test_a_second_offer_is_answered_with_the_first(helper, conversation):
    answer = post(helper, start(conversation.asked_for), {"initial_message": WORDS})
    assert (answer.status_code, answer.json()["error"]) == (409, "conversation_exists")
    assert answer.json()["message"] == "You already have a conversation about this help request"
    assert answer.json()["conversation_id"] == str(conversation.pk)


def test_without_a_sign_in_nothing_is_read(request_for_help):
    answer = APIClient().post(start(request_for_help), {"nonsense": 1}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (401, "not_authenticated")


BLANKS = (
    "\t\n\r \u00a0\u1680\u2003\u2028\u2029\u202f\u205f\u3000"
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u115f\u3164\uffa0\u2800"
)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("123456789", "Initial message must be at least 10 characters long"),
        ("", "Initial message must be at least 10 characters long"),
        ("\t" * 12, "Initial message must be at least 10 characters long"),
        (BLANKS * 3, "Initial message must be at least 10 characters long"),
        (BLANKS + "123456789" + BLANKS, "Initial message must be at least 10 characters long"),
        ("x" * 1001, "Initial message cannot exceed 1000 characters"),
        ("Hello\x00 there, neighbor", None),
        ("Hello\x07 there, neighbor", None),
        (12345678901, None),
        (None, None),
        (["Hello there, neighbor"], None),
        ({"text": "Hello there, neighbor"}, None),
        (True, None),
    ],
)
def test_words_that_cannot_be_an_opening_are_refused_and_nothing_is_stored(helper, request_for_help, words, sentence):
    answer = post(helper, start(request_for_help), {"initial_message": words})
    assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")
    assert list(answer.json()["fields"]) == ["initial_message"]
    assert sentence in (None, answer.json()["message"])
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("body", [b'{"initial_message": "\\ud800 is half a letter"}', b"{", b"[]", b'"x"', b"null"])
def test_broken_json_is_refused(helper, request_for_help, body):
    answer = client_of(helper).generic("POST", start(request_for_help), body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")


@pytest.mark.parametrize("claim", ["helper_id", "sender_id", "user_id", "requester_id", "status", "offer_state", "id"])
def test_nobody_acts_as_somebody_else_through_a_body(asker, helper, outsider, request_for_help, claim):
    opening = {"initial_message": WORDS, claim: str(outsider.pk)}
    assert post(helper, start(request_for_help), opening).json()["error"] == "validation_error"
    assert not Conversation.objects.exists()
    conversation = offer(helper, request_for_help)
    answer = post(helper, thread(conversation, "/messages"), {"content": "Hello", claim: str(outsider.pk)})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [claim])
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "words", ["1234567890", "x" * 1000, BLANKS + "1234567890" + BLANKS, "é" * 10, "👵🏽" * 5, "e\u0301" * 10]
)
def test_words_are_counted_after_trimming_and_in_one_form(helper, request_for_help, words):
    assert post(helper, start(request_for_help), {"initial_message": words}).status_code == 201
    assert len(Conversation.objects.get().initial_message) in (10, 1000)


def test_the_order_of_the_checks(asker, helper, waiting):
    """Each answer is the first that fails, though all that come after it fail, too."""
    closed = HelpRequestFactory(requester=asker, cancelled=True)
    own = HelpRequestFactory(requester=asker, cancelled=True)
    bad, good = {"initial_message": "short"}, {"initial_message": WORDS}
    assert post(waiting, start(closed), bad).json()["error"] == "validation_error"
    assert post(waiting, start(closed), good).json()["requires_approval"] is True
    absent = f"/api/messaging/help-requests/{uuid4()}/start-conversation"
    assert post(waiting, absent, good).status_code == 403
    answer = post(helper, absent, good)
    assert (answer.status_code, answer.json()["message"]) == (404, "Help request not found")
    answer = post(asker, start(own), good)
    assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")
    assert answer.json()["message"] == "Cannot create conversation with yourself"
    answer = post(helper, start(closed), good)
    assert (answer.status_code, answer.json()["error"]) == (400, "help_request_unavailable")
    assert answer.json()["message"] == "Help request is no longer available"


def test_too_many_in_an_hour_say_when_again(helper):
    for _ in range(10):
        offer(helper, HelpRequestFactory())
    answer = post(helper, start(HelpRequestFactory()), {"initial_message": WORDS})
    assert (answer.status_code, answer.json()["error"]) == (429, "rate_limited")
    assert int(answer["Retry-After"]) == answer.json()["retry_after"] > 0


@pytest.mark.parametrize("where", ["header", "body", "both"])
def test_a_key_in_the_header_or_the_body_is_the_same_key(helper, request_for_help, where):
    body = {"initial_message": WORDS} | ({"client_id": "k-1"} if where != "header" else {})
    headers = {"Idempotency-Key": "k-1"} if where != "body" else {}
    first, again = (post(helper, start(request_for_help), body, **headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Conversation.objects.count() == 1


def test_two_different_keys_are_a_mistake(helper, request_for_help):
    body = {"initial_message": WORDS, "client_id": "k-1"}
    answer = post(helper, start(request_for_help), body, **{"Idempotency-Key": "k-2"})
    assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")


def test_a_key_used_for_other_words_is_said(helper, request_for_help):
    post(helper, start(request_for_help), {"initial_message": WORDS, "client_id": "k-1"})
    answer = post(helper, start(request_for_help), {"initial_message": WORDS + "!", "client_id": "k-1"})
    assert (answer.status_code, answer.json()["error"]) == (409, "idempotency_key_reused")


def test_a_message_is_answered_as_promised(asker, conversation):
    answer = post(asker, thread(conversation, "/messages"), {"content": "Tuesday is fine.", "client_id": "m-1"})
    message = Message.objects.get()
    assert answer.status_code == 201
    told = answer.json()
    assert told.pop("created_at")
    assert told == {
        "success": True,
        "message_id": str(message.pk),
        "conversation_id": str(conversation.pk),
        "status": "sent",
        "sequence": 2,
        "encrypted": False,
        "warnings": [],
        "message": "Message sent successfully",
    }
    again = post(asker, thread(conversation, "/messages"), {"content": "Tuesday is fine.", "client_id": "m-1"})
    assert (again.status_code, again.json()["message_id"]) == (200, str(message.pk))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "Message content cannot be empty"),
        (BLANKS, "Message content cannot be empty"),
        ("x" * 1001, "Message cannot exceed 1000 characters"),
    ],
)
def test_words_that_cannot_be_a_message_are_refused(asker, conversation, content, sentence):
    answer = post(asker, thread(conversation, "/messages"), {"content": content})
    assert (answer.status_code, answer.json()["message"]) == (400, sentence)
    assert not Message.objects.exists()


@pytest.mark.parametrize("kind", ["system", "thanks", "", "STANDARD", 1, None])
def test_nobody_chooses_a_type_that_is_not_theirs(asker, conversation, kind):
    answer = post(asker, thread(conversation, "/messages"), {"content": "Hello", "type": kind})
    assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")
    assert not Message.objects.exists()


def test_an_outsider_gets_the_same_answer_as_for_what_is_not_there(outsider, conversation):
    absent = f"{THREADS}/{uuid4()}"
    ours = thread(conversation)
    for act, method, body in (
        ("", "get", None),
        ("/messages", "get", None),
        ("/messages", "post", {"content": "Hello"}),
        ("/accept", "post", {}),
        ("/decline", "post", {}),
        ("/withdraw", "post", {}),
        ("/reoffer", "post", {}),
        ("/close", "post", {}),
        ("/read", "post", {"sequence": 1}),
        ("/delivered", "post", {"sequence": 1}),
    ):
        answers = []
        for address in (ours, absent):
            answer = getattr(client_of(outsider), method)(address + act, body, format="json")
            told = answer.json()
            told.pop("request_id")
            answers.append((answer.status_code, told))
        assert answers[0] == answers[1]
        assert answers[0][0] == (403 if body == {"content": "Hello"} else 404)


def test_an_outsider_neither_edits_nor_deletes(asker, outsider, conversation):
    message_id = say(asker, conversation)
    for identifier in (message_id, conversation.pk, uuid4()):
        address = f"/api/messaging/messages/{identifier}"
        assert client_of(outsider).patch(address, {"content": "Changed words."}, format="json").status_code == 404
        assert client_of(outsider).delete(address, format="json").status_code == 404


@pytest.mark.parametrize("sequence", [0, -1, 2**31, 10**17, "one", 1.5, None, True, [1]])
@pytest.mark.parametrize("act", ["read", "delivered"])
def test_a_position_that_is_none_is_refused(asker, conversation, act, sequence):
    answer = post(asker, thread(conversation, f"/{act}"), {"sequence": sequence})
    assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "before=0",
        "before=-1",
        "after=-1",
        "after=99999999999",
        "before=2&after=1",
        "x=1",
    ],
)
def test_a_slice_that_is_none_is_refused(asker, conversation, query):
    answer = client_of(asker).get(f"{thread(conversation)}?{query}")
    assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=51", "page=0", "page=-1", "page=100000", "cursor=x", "cursor=W10", "cursor=W10&page=1"]
)
def test_an_inbox_page_that_is_none_is_refused(asker, query):
    answer = client_of(asker).get(f"{THREADS}?{query}")
    assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")


def test_an_inbox_is_read_by_cursor_or_by_page(asker):
    made = [str(offer_to(asker, MemberFactory()).pk) for _ in range(5)][::-1]
    browse = client_of(asker)
    first = browse.get(f"{THREADS}?limit=2").json()
    assert first["pagination"] | {"next_cursor": ""} == {
        "limit": 2,
        "total": 5,
        "has_more": True,
        "next_cursor": "",
        "page": 1,
    }
    second = browse.get(f"{THREADS}?limit=2&cursor={first['pagination']['next_cursor']}").json()
    by_page = browse.get(f"{THREADS}?limit=2&page=2").json()
    assert [row["id"] for row in first["conversations"] + second["conversations"]] == made[:4]
    assert [row["id"] for row in by_page["conversations"]] == made[2:4]
    assert second["pagination"]["page"] is None
    last = browse.get(f"{THREADS}?limit=2&page=3").json()
    assert (last["pagination"]["has_more"], last["pagination"]["next_cursor"]) == (False, None)
    assert browse.get(f"{THREADS}?limit=2&page=9").json()["conversations"] == []


def test_the_decisions_have_their_answers(asker, helper, conversation):
    answer = post(asker, thread(conversation, "/accept"), {"others": "keep"})
    assert (answer.status_code, answer.json()["conversation"]["offer_state"]) == (200, "accepted")
    answer = post(asker, thread(conversation, "/accept"), {})
    assert (answer.status_code, answer.json()["error"], answer.json()["offer_state"]) == (
        409,
        "offer_state_changed",
        "accepted",
    )
    assert post(helper, thread(conversation, "/withdraw"), {}).json()["conversation"]["can_write"] is False
    assert post(helper, thread(conversation, "/reoffer"), {}).json()["conversation"]["offer_state"] == "offered"
    assert post(asker, thread(conversation, "/decline"), {"note": "Thank you!"}).status_code == 200
    assert post(asker, thread(conversation, "/close"), {}).json()["conversation"]["status"] == "closed"
    for act in ("withdraw", "reoffer", "close"):
        assert post(helper, thread(conversation, f"/{act}"), {"others": "keep"}).status_code == 400


def test_own_words_are_changed_and_deleted(asker, conversation):
    address = f"/api/messaging/messages/{say(asker, conversation)}"
    edited = client_of(asker).patch(address, {"content": "Wednesday is fine."}, format="json").json()
    assert (edited["item"]["content"], edited["item"]["sequence"]) == ("Wednesday is fine.", 2)
    deleted = client_of(asker).delete(address, format="json").json()
    assert (deleted["item"]["content"], deleted["item"]["deleted_at"] is not None) == ("", True)


def test_the_whole_answer_of_a_thread(asker, helper, conversation):
    say(asker, conversation, "Line one\nLine “two” \\ \u2028 👵🏽")
    answer = client_of(helper).get(thread(conversation)).json()
    assert list(answer) == ["success", "conversation", "messages", "pagination"]
    assert [message["is_opening"] for message in answer["messages"]] == [True, False]
    assert answer["messages"][1]["content"] == "Line one\nLine “two” \\ \u2028 👵🏽"
    assert answer["messages"][0]["id"] == answer["conversation"]["id"] == str(conversation.pk)
    messages = client_of(helper).get(thread(conversation, "/messages?after=1")).json()
    assert list(messages) == ["success", "messages", "pagination"]
    assert messages["messages"] == answer["messages"][1:]


def test_a_key_is_shown_to_its_owner_only(asker, helper, conversation):
    say(asker, conversation, client_id="m-1")
    assert client_of(asker).get(thread(conversation)).json()["messages"][1]["client_id"] == "m-1"
    assert client_of(helper).get(thread(conversation)).json()["messages"][1]["client_id"] is None


def test_every_attempt_is_kept_with_its_outcome(helper, request_for_help):
    body = {"initial_message": WORDS, "client_id": "k-1"}
    post(helper, start(request_for_help), {"initial_message": "short"})
    post(helper, start(request_for_help), body)
    post(helper, start(request_for_help), body)
    post(helper, start(request_for_help), {"initial_message": WORDS})
    kept = Attempt.objects.order_by("id").values_list("code", flat=True)
    assert list(kept) == ["validation_error", "success", "replayed", "conversation_exists"]
    assert {attempt.version for attempt in Attempt.objects.all()} == {2}


NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def statements(client, method, address, body=None) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = client.generic(method, address, json.dumps(body or {}), content_type="application/json")
    assert answer.status_code < 300, answer.content
    return sum(not query["sql"].startswith(NOT_COUNTED) for query in captured.captured_queries)


@pytest.fixture(params=["token", "session"])
def caller(request):
    """A client, its member and how many statements a sign-in costs more than a token."""

    def make(member):
        if request.param == "session":
            return browser_of(member), 1
        _, text = make_token(member, "test")
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        client.get("/api/me")
        return client, 0

    return make


@pytest.mark.parametrize("rows", [1, 20, 50])
def test_statements_of_the_hot_paths_do_not_grow(asker, helper, caller, rows):
    others = [offer_to(asker, MemberFactory()) for _ in range(rows)]
    for number in range(min(rows, 45)):
        say(others[0].helper, others[0], f"Message {number}")
    client, more = caller(asker)
    keys = count()
    offering, _ = caller(helper)
    request = HelpRequestFactory(requester=asker)
    opening = {"initial_message": WORDS, "client_id": f"k-{next(keys)}"}
    assert statements(offering, "POST", start(request), opening) <= 10 + more
    words = {"content": "Hello", "client_id": f"k-{next(keys)}"}
    assert statements(client, "POST", thread(others[0], "/messages"), words) <= 9 + more
    assert statements(client, "GET", thread(others[0])) <= 3 + more
    assert statements(client, "GET", f"{THREADS}?limit=50") <= 3 + more


def same_names(told: dict, output: Any) -> None:
    """Exactly what the description promises, all the way down."""
    fields = output.fields
    assert set(told) == set(fields)
    for name, field in fields.items():
        if isinstance(field, serializers.Serializer) and told[name] is not None:
            same_names(told[name], field)


@pytest.mark.parametrize("is_sealed", [False, True])
def test_every_read_says_what_the_description_promises(asker, helper, conversation, is_sealed):
    kind = Type.SENSITIVE if is_sealed else Type.STANDARD
    say(asker, conversation, message_type=kind)
    direct = start_direct(helper, open_to_all(MemberFactory()).pk, WORDS)
    for member in (asker, helper):
        read = client_of(member)
        for row in read.get(THREADS).json()["conversations"]:
            same_names(row, outputs.ListedConversation())
        one = read.get(thread(conversation)).json()
        same_names(one["conversation"], outputs.ConversationOutput())
        same_names(one["pagination"], outputs.ThreadPagination())
        for message in one["messages"]:
            same_names(message, outputs.MessageOutput())
    for row in client_of(asker).get(start(conversation.asked_for)).json()["conversations"]:
        same_names(row, outputs.ConversationOutput())
    found = client_of(helper).get(f"{THREADS}/{direct.id}").json()["conversation"]
    assert (found["kind"], found["help_request"], found["offer_state"]) == ("direct", None, None)


def open_to_all(member: Member) -> Member:
    preferences.change(member, can_receive_from="anyone")
    return member


def test_the_hot_statements_are_short_enough_to_stay_prepared():
    for statement in (reads_sql.THREAD, reads_sql.INBOX, reads_sql.ONE, reads_sql.OFFERS):
        assert len(statement) <= MAX_CACHED_STATEMENT_LENGTH


@pytest.mark.parametrize("status", ["pending", "rejected"])
def test_whoever_is_not_approved_reads_no_offers(asker, conversation, status):
    asker.verification_status = status
    answer = client_of(asker).get(start(conversation.asked_for))
    assert (answer.status_code, answer.json()["requires_approval"]) == (403, True)

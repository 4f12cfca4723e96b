"""A suspended member tries every way to write there is, by program and by page, and past all of our code."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from carecollective import api_docs
from carecollective.errors import MemberRestricted, RateLimited
from carecollective.invariants import broken
from features.models import Attempt
from help_requests.models import HelpRequest, RequestDraft
from help_requests.services import drafting
from members.models import Member
from messaging.models import Conversation, Message, Plan, Thanks
from messaging.services import closing, deciding, requests
from messaging.services.planning import Wish, make_plan
from messaging.services.talking import send_message
from notifications import preferences
from tests.cast import browser_of, client_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, accepted, offer, offer_to, say
from tests.factories.restrictions import restrict
from tests.support.jobs import wait_until
from tests.support.raw_sql import insert, new_conversation, new_message, refused, update

pytestmark = pytest.mark.both_ways

rolled_back = pytest.mark.django_db

TOMORROW = (timezone.localdate() + timedelta(days=1)).isoformat()
PLAN = {"date": TOMORROW, "time": "10:00", "place": "The porch"}
POST = {"title": "Pick up groceries on Tuesday", "category": "groceries-meals", "subcategory": "shopping-delivery"}

CHANGED = {
    "title": "Other words than before",
    "category": "groceries-meals",
    "kind": "groceries-meals/shopping-delivery",
    "urgency": "normal",
    "when": "any",
    "town": "Springfield",
    "location_privacy": "public",
}


@dataclass
class Life:
    """Everything a member can have that asks for more words: Sam's, before Sam was suspended."""

    sam: Member
    ids: dict[str, UUID]

    def address(self, template: str, **more: str) -> str:
        return template.format(**{name: str(value) for name, value in self.ids.items()}, **more)


@pytest.fixture
def life(asker: Member, outsider: Member) -> Life:
    """Ana asks for things; Olga offers Sam her help."""
    sam, ana, olga = MemberFactory(name="Sam Reed", called="Sam"), asker, outsider
    open_to_all = MemberFactory()
    preferences.change(open_to_all, can_receive_from="anyone")
    talk = offer_to(ana, sam)
    back = offer_to(ana, sam)
    deciding.withdraw_offer(sam, back.pk)
    to_accept = offer(olga, HelpRequestFactory(requester=sam))
    cancelled = HelpRequestFactory(requester=sam)
    requests.cancel_request(sam, cancelled.pk)
    planned = accepted(sam, olga)
    wish = Wish(timezone.localdate() + timedelta(days=2), timezone.now().time(), "The porch", "UTC")
    make_plan(olga, planned.asked_for.pk, wish)
    done = accepted(sam, MemberFactory())
    requests.complete_request(sam, done.asked_for.pk)
    answers = {"category": POST["category"], "kind": "", "title": POST["title"], "when": "any", "urgency": "normal"}
    drafting.keep_answers(sam, UUID(int=9), answers)
    draft = RequestDraft.objects.get(member=sam)
    ids: dict[str, Any] = {
        "ana_asks": HelpRequestFactory(requester=ana).pk,
        "stranger": open_to_all.pk,
        "talk": talk.pk,
        "said": say(sam, talk),
        "back": back.pk,
        "to_accept": to_accept.pk,
        "to_decline": offer_to(sam, MemberFactory()).pk,
        "asked": to_accept.asked_for.pk,
        "cancelled": cancelled.pk,
        "planned": planned.asked_for.pk,
        "done": done.asked_for.pk,
        "draft": draft.client_id,
        "seen": draft.changed_at.isoformat(),
    }
    return Life(sam, ids)


Body = dict[str, Any]
# For each operation: where and what a suspended member tries. All of it must be refused.
BY_PROGRAM: dict[str, list[tuple[str, Body]]] = {
    "POST /api/help-requests": [("/api/help-requests", POST)],
    "PATCH /api/help-requests/{request_id}": [("/api/help-requests/{asked}", {"title": "Other words than before"})],
    "POST /api/help-requests/{request_id}/reopen": [("/api/help-requests/{cancelled}/reopen", {})],
    "PUT /api/help-requests/{request_id}/plan": [("/api/help-requests/{planned}/plan", PLAN)],
    "POST /api/help-requests/{request_id}/plan/agree": [("/api/help-requests/{planned}/plan/agree", {"version": 1})],
    "POST /api/help-requests/{request_id}/plan/answer": [
        ("/api/help-requests/{planned}/plan/answer", {"answer": "did_not_work"})
    ],
    "POST /api/help-requests/{request_id}/thanks": [("/api/help-requests/{done}/thanks", {"content": "Thank you!"})],
    "POST /api/messaging/conversations": [
        ("/api/messaging/conversations", {"recipient_id": "{stranger}", "initial_message": WORDS})
    ],
    "POST /api/messaging/conversations/{conversation_id}/accept": [
        ("/api/messaging/conversations/{to_accept}/accept", {}),
        ("/api/messaging/conversations/{to_accept}/accept", {"others": "decline"}),
    ],
    "POST /api/messaging/conversations/{conversation_id}/decline": [
        ("/api/messaging/conversations/{to_decline}/decline", {"note": "Thank you, I have found somebody."})
    ],
    "POST /api/messaging/conversations/{conversation_id}/messages": [
        ("/api/messaging/conversations/{talk}/messages", {"content": "I know where you live."}),
        ("/api/messaging/conversations/{talk}/messages", {"content": "Call me.", "type": "contact_exchange"}),
        ("/api/messaging/conversations/{talk}/messages", {"content": "Sealed words.", "type": "sensitive"}),
    ],
    "POST /api/messaging/conversations/{conversation_id}/reoffer": [
        ("/api/messaging/conversations/{back}/reoffer", {})
    ],
    "POST /api/messaging/help-requests/{request_id}/start-conversation": [
        ("/api/messaging/help-requests/{ana_asks}/start-conversation", {"initial_message": WORDS})
    ],
    "PATCH /api/messaging/messages/{message_id}": [
        ("/api/messaging/messages/{said}", {"content": "Other words."}),
        ("/api/messaging/messages/{talk}", {"content": "Other words for the offer."}),
    ],
}
# What reads, lessens, protects, or is nobody's but their own.
STAYS_BY_PROGRAM = {
    "POST /api/help-requests/{request_id}/cancel",
    "POST /api/help-requests/{request_id}/complete",
    "DELETE /api/help-requests/{request_id}/plan",
    "POST /api/help-requests/{request_id}/report",
    "PATCH /api/me",
    "POST /api/members/{member_id}/block",
    "DELETE /api/members/{member_id}/block",
    "POST /api/members/{member_id}/report",
    "POST /api/messaging/conversations/{conversation_id}/close",
    "POST /api/messaging/conversations/{conversation_id}/delivered",
    "POST /api/messaging/conversations/{conversation_id}/read",
    "POST /api/messaging/conversations/{conversation_id}/report",
    "POST /api/messaging/conversations/{conversation_id}/withdraw",
    "DELETE /api/messaging/messages/{message_id}",
    "POST /api/messaging/messages/{message_id}/report",
    "PUT /api/messaging/preferences",
    "POST /api/decisions/{decision_id}/appeal",
    "POST /api/messaging/check",
    "POST /api/questions",
    "POST /api/reports/{report_id}/appeal",
    "POST /api/tokens",
    "DELETE /api/tokens/{token_id}",
}

BY_PAGE: dict[str, list[tuple[str, Body]]] = {
    "edit_request": [("/requests/{asked}/edit/", CHANGED)],
    "undo_request": [("/requests/{cancelled}/undo/", {})],
    "reopen_request": [("/requests/{cancelled}/reopen/", {})],
    "offer": [("/requests/{ana_asks}/offer/", {"note": WORDS, "client_id": str(UUID(int=1))})],
    "plan": [
        ("/requests/{planned}/plan/", {**PLAN, "time": "10:00 AM"}),
        ("/requests/{planned}/plan/", {"act": "agree", "version": "1"}),
    ],
    "done": [("/requests/{planned}/done/", {"answer": "did_not_work"})],
    "thank": [("/requests/{done}/thanks/", {"content": "Thank you!", "client_id": str(UUID(int=2))})],
    "thread": [("/messages/{talk}/", {"content": "I know where you live.", "client_id": str(UUID(int=3))})],
    "accept": [("/messages/{to_accept}/accept/", {"others": "keep"})],
    "decline": [("/messages/{to_decline}/decline/", {"line": "own", "own": "I have found somebody."})],
    "reoffer": [("/messages/{back}/reoffer/", {})],
    "edit_message": [("/messages/{talk}/m/{said}/edit/", {"content": "Other words."})],
    "check": [("/requests/new/check/", {"client_id": "{draft}", "seen": "{seen}"})],
}
STAYS_BY_PAGE = {
    *("close_request", "withdraw", "close", "delete_message", "alerts", "block", "unblock", "look", "contact"),
    *("report_conversation", "report_request", "report_member", "read_notices", "me", "tokens", "revoke_token"),
    *("join", "join_area", "join_why", "check_email", "confirm", "new_link", "sign_in", "code"),
    *("second_step", "recovery_codes", "sign_out", "forgot", "new_password", "waiting", "answer", "send_again"),
    *("change_password", "sign_out_elsewhere", "decision", "reported", "is_fine"),
    # Answers of a draft, which nobody else reads before it is posted.
    *("question", "start_over"),
}


def operations() -> Iterator[str]:
    for path, methods in api_docs.openapi()["paths"].items():
        yield from (f"{method.upper()} {path}" for method in methods if method != "get")


def taking_forms(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if route.startswith(("api/", "admin/")):
            continue
        if isinstance(pattern, URLResolver):
            yield from taking_forms(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and "POST" in getattr(pattern.callback, "methods", ()):
            yield str(pattern.name)


def test_every_way_to_write_is_on_one_of_the_lists() -> None:
    assert set(operations()) == BY_PROGRAM.keys() | STAYS_BY_PROGRAM
    assert set(taking_forms(get_resolver().url_patterns)) == BY_PAGE.keys() | STAYS_BY_PAGE


def stored() -> dict[str, Any]:
    """Whatever words and promises there are."""
    models = (HelpRequest, Conversation, Message, Plan, Thanks)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


@rolled_back
@pytest.mark.parametrize("level", ["suspended", "banned"])
def test_by_program_all_of_it_is_refused(life: Life, level: str) -> None:
    restrict(life.sam, level)
    before, program = stored(), client_of(Member.objects.get(pk=life.sam.pk))
    for operation, tries in BY_PROGRAM.items():
        for address, body in tries:
            told = {name: life.address(value) if isinstance(value, str) else value for name, value in body.items()}
            answer = program.generic(
                operation.split()[0], life.address(address), json.dumps(told), content_type="application/json"
            )
            said = answer.json()
            assert (answer.status_code, said.get("error")) == (403, "user_restricted"), (operation, said)
            assert said["restriction_level"] == level
            assert said["appeal_url"].startswith("/decisions/")
    assert stored() == before
    assert set(Attempt.objects.exclude(code="success").values_list("code", flat=True)) <= {"user_restricted"}


@rolled_back
def test_by_page_all_of_it_is_refused_in_a_sentence(life: Life) -> None:
    restrict(life.sam)
    before, browser = stored(), browser_of(life.sam)
    for name, tries in BY_PAGE.items():
        for address, form in tries:
            told = {key: life.address(value) for key, value in form.items()}
            answer = browser.post(life.address(address), told)
            assert answer.status_code == 403, (name, answer.status_code, answer.get("Location"))
            assert "A moderator paused this because of rule 2." in answer.content.decode(), name
    assert stored() == before


@rolled_back
def test_what_reads_lessens_or_protects_stays(life: Life) -> None:
    restrict(life.sam)
    program = client_of(Member.objects.get(pk=life.sam.pk))
    for method, address, body in (
        ("GET", "/api/messaging/conversations", {}),
        ("GET", "/api/messaging/conversations/{talk}", {}),
        ("DELETE", "/api/messaging/messages/{said}", {}),
        ("POST", "/api/messaging/conversations/{to_decline}/decline", {}),
        ("POST", "/api/messaging/conversations/{talk}/withdraw", {}),
        ("POST", "/api/messaging/conversations/{to_accept}/close", {}),
        ("DELETE", "/api/help-requests/{planned}/plan", {}),
        ("POST", "/api/help-requests/{asked}/cancel", {}),
        ("POST", "/api/messaging/conversations/{talk}/report", {"reason": "spam"}),
        ("POST", "/api/members/{stranger}/block", {}),
        ("POST", "/api/questions", {"question": "Why may I not write?"}),
    ):
        answer = program.generic(method, life.address(address), json.dumps(body), content_type="application/json")
        assert answer.status_code < 300, (method, address, answer.content)
    assert broken() == {}


@rolled_back
def test_a_limited_member_starts_nothing_and_talks_on(life: Life) -> None:
    restrict(life.sam, "limited", per_day=100)
    started = {"POST /api/messaging/conversations", "POST /api/messaging/help-requests/{request_id}/start-conversation"}
    program = client_of(Member.objects.get(pk=life.sam.pk))
    for operation, tries in BY_PROGRAM.items():
        for address, body in tries[:1]:
            told = {name: life.address(value) if isinstance(value, str) else value for name, value in body.items()}
            answer = program.generic(
                operation.split()[0], life.address(address), json.dumps(told), content_type="application/json"
            )
            assert (answer.status_code == 403) == (operation in started), (operation, answer.content)


@rolled_back
def test_the_eleventh_message_of_a_limited_day_is_refused_wherever_it_is_said(asker: Member, helper: Member) -> None:
    talks = [offer_to(asker, helper), offer_to(asker, helper)]
    restrict(helper, "limited")
    for number in range(8):
        say(helper, talks[number % 2], f"Line {number}")
    with pytest.raises(MemberRestricted) as refusal:
        say(helper, talks[0], "One more.")
    # Two offers of that day count as well.
    assert (refusal.value.extras["daily_count"], refusal.value.extras["daily_limit"]) == (10, 10)
    answer = client_of(helper).post(
        f"/api/messaging/conversations/{talks[1].pk}/messages", {"content": "One more."}, format="json"
    )
    assert (answer.status_code, answer.json()["daily_limit"]) == (403, 10)
    assert Message.objects.filter(sender=helper).count() == 8


@rolled_back
def test_a_one_day_limit_does_not_lift_a_ban(asker: Member, helper: Member) -> None:
    talk = offer_to(asker, helper)
    restrict(helper, "banned")
    restrict(helper, "limited", ends_at=timezone.now() + timedelta(days=1))
    with pytest.raises(MemberRestricted):
        send_message(helper, talk.pk, "I am back.")


@rolled_back
def test_past_all_code_the_database_refuses(asker: Member, helper: Member) -> None:
    talk = offer_to(asker, helper)
    message = Message.objects.get(pk=say(helper, talk))
    rows = [
        insert("messages_v2", new_message(talk, sequence=9)),
        insert("conversations_v2", new_conversation(asker, helper)),
    ]
    edits = [update(message, edited_at=timezone.now()), update(talk, opening_edited_at=timezone.now())]
    restrict(helper)
    for statement, values in (*rows, *edits):
        assert refused(statement, values) == "sender_is_not_restricted"
    with pytest.raises(IntegrityError, match="suspended or banned"), transaction.atomic():
        Message.objects.create(conversation=talk, sender=helper, sequence=9, content="Hello", digest="x")
    assert Message.objects.count() == 1


@rolled_back
def test_what_we_say_ourselves_and_what_was_said_long_ago_goes_in(asker: Member, helper: Member) -> None:
    talk = offer_to(asker, helper)
    restrict(helper)
    closing.close_conversation(helper, talk.pk)
    old = new_conversation(asker, helper, origin="v1")
    with connection.cursor() as cursor:
        cursor.execute(*insert("conversations_v2", old))
        row = new_message(Conversation.objects.get(pk=old["id"]), origin="v1")
        cursor.execute(*insert("messages_v2", row))


@pytest.mark.committed
def test_where_the_look_up_fails_nothing_is_written_and_it_is_503(life: Life) -> None:
    before, program = stored(), client_of(Member.objects.get(pk=life.sam.pk))
    browser: Client = browser_of(life.sam)
    browser.raise_request_exception = False
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("ALTER TABLE user_restrictions RENAME TO elsewhere")
        try:
            for operation, tries in BY_PROGRAM.items():
                for address, body in tries[:1]:
                    told = {n: life.address(value) if isinstance(value, str) else value for n, value in body.items()}
                    answer = program.generic(
                        operation.split()[0], life.address(address), json.dumps(told), content_type="application/json"
                    )
                    assert (answer.status_code, answer.json()["error"]) == (503, "service_unavailable"), operation
            page = browser.post(reverse("messaging:thread", args=[life.ids["talk"]]), {"content": "Hello"})
            assert page.status_code == 503
        finally:
            owner.execute("ALTER TABLE elsewhere RENAME TO user_restrictions")
    assert stored() == before


@pytest.mark.committed
def test_after_a_restriction_no_message_in_flight_is_stored(asker: Member, helper: Member) -> None:
    talks = [offer_to(asker, helper) for _ in range(8)]
    said: list[UUID] = []

    def go_on(talk: Conversation) -> None:
        try:
            while True:
                said.append(say(helper, talk))
        except (MemberRestricted, RateLimited):
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(len(talks)) as pool:
        running = [pool.submit(go_on, talk) for talk in talks]
        wait_until(lambda: len(said) >= 16, "they talk")
        restrict(helper)
        at_that_moment = Message.objects.filter(sender=helper).count()
        for each in running:
            each.result(timeout=60)
    assert set(said) == set(Message.objects.filter(sender=helper).values_list("pk", flat=True))
    assert at_that_moment == len(said)
    assert broken() == {}

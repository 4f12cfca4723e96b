"""Nobody can tell a block from an account that is gone: page, part, form and API answer alike, in every state."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils.timezone import now

from members.models import Member
from members.services import blocks
from messaging.models import Conversation
from messaging.services import deciding
from tests.cast import browser_of, client_of
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to, say
from tests.support.talking import url_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TOKEN = re.compile(r'value="[A-Za-z0-9]{64}"|nonce="[^"]+"')
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+Z]+|\d+:\d\d [AP]M|data-record=\"\d+\"|data-slots=\"\w+\"")

TRACE = re.compile(r'"request_id":"[0-9a-f]{32}"')

ENDS: dict[str, Callable[[Member, Member], object]] = {
    "inactive": lambda other, me: Member.objects.filter(pk=other.pk).update(is_active=False),
    "rejected": lambda other, me: Member.objects.filter(pk=other.pk).update(verification_status="rejected"),
}
STATES: dict[str, Callable[[Conversation], object]] = {
    "offered": lambda chat: None,
    "accepted": lambda chat: deciding.accept_offer(chat.requester, chat.pk),
    "declined": lambda chat: deciding.decline_offer(chat.requester, chat.pk),
    "withdrawn": lambda chat: deciding.withdraw_offer(chat.helper, chat.pk),
    "rested": lambda chat: Conversation.objects.filter(pk=chat.pk).update(offer_state="expired", expired_at=now()),
}


def told(member: Member, chat: Conversation, other: Member) -> dict[str, Any]:
    """Everything somebody can ask about a conversation, without what differs between any two."""
    browser, api, url = browser_of(member), client_of(member), url_of(chat)
    path, part = f"/api/messaging/conversations/{chat.pk}", {"HX-Request": "true"}
    words = {"content": "Are you there?", "client_id": str(chat.pk)}
    answers: dict[str, Any] = {
        "page": browser.get(url),
        "part": browser.get(f"{url}?after=1&record=1", headers=part),
        "form": browser.post(url, words),
        "sent": browser.post(f"{url}?after=1&record=1", words, headers=part),
        "steps": [browser.get(f"{url}{step}/") for step in ("accept", "decline", "withdraw", "reoffer", "close")],
        "read": api.get(path),
        "messages": api.get(f"{path}/messages"),
        "say": api.post(f"{path}/messages", {"content": "Are you there?"}, format="json"),
        "acts": [api.post(f"{path}/{act}", {}, format="json") for act in ("accept", "reoffer")],
        "again": browser.post(f"{url}reoffer/", {}, follow=True),
        "person": browser.get(f"/people/{other.pk}/"),
        "request": browser.get(f"/requests/{chat.help_request_id}/"),
        "asked": api.get(f"/api/help-requests/{chat.help_request_id}"),
        "offer page": browser.get(f"/requests/{chat.help_request_id}/offer/"),
        "offered again": api.post(
            f"/api/messaging/help-requests/{chat.help_request_id}/start-conversation",
            {"initial_message": "I can help with that."},
            format="json",
        ),
        "inbox": browser.get("/messages/"),
        "list": api.get("/api/messaging/conversations"),
        "new": api.post(
            "/api/messaging/conversations", {"recipient_id": str(other.pk), "initial_message": "Hello."}, format="json"
        ),
    }
    flat = [(name, one) for name, some in answers.items() for one in (some if isinstance(some, list) else [some])]
    return {f"{name} {number}": (one.status_code, _plain(one)) for number, (name, one) in enumerate(flat)}


def _plain(answer: Any) -> str:
    words: str = answer.content.decode() + answer.headers.get("Location", "")
    for pattern in (ID, TOKEN, MOMENT, TRACE):
        words = pattern.sub("…", words)
    return words


@pytest.mark.parametrize(("state", "end"), [*((state, "inactive") for state in STATES), ("offered", "rejected")])
def test_a_helper_is_told_the_same_by_a_block_and_by_an_account_that_is_gone(state: str, end: str) -> None:
    found = []
    for ends in (lambda other, me: blocks.block(other, me.pk), ENDS[end]):
        asker, helper = MemberFactory(called="Ana"), MemberFactory(called="Ben")
        chat = offer_to(asker, helper)
        say(asker, chat, "Is six good?")
        STATES[state](chat)
        ends(asker, helper)
        found.append(told(helper, chat, asker))
    blocked, gone = found
    assert "You cannot send messages in this chat now." in blocked["page 0"][1] or state in ("declined", "withdrawn")
    for name, answer in blocked.items():
        assert answer == gone[name], name


@pytest.mark.parametrize("state", STATES)
def test_an_asker_is_told_the_same_too(state: str) -> None:
    found = []
    for ends in (lambda other, me: blocks.block(other, me.pk), ENDS["inactive"]):
        asker, helper = MemberFactory(called="Ana"), MemberFactory(called="Ben")
        chat = offer_to(asker, helper)
        say(helper, chat, "Is six good?")
        STATES[state](chat)
        ends(helper, asker)
        found.append(told(asker, chat, helper))
    blocked, gone = found
    for name, answer in blocked.items():
        assert answer == gone[name], name

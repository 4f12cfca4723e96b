"""Many people at once: each has a connection of their own to the running site, and all send in the same moment."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import connections

from help_requests.models import HelpRequest
from members.models import Member
from members.services import access
from messaging.models import Conversation
from tests.factories.messaging import WORDS

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Call:
    """What somebody asks the site for; `then` gets the answer the moment it is there."""

    member: Member
    method: str
    path: str
    body: dict[str, Any] | None = None
    key: str = ""
    then: Callable[["Answer"], object] | None = None


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]
    retry_after: str | None
    began: float
    ended: float

    @property
    def code(self) -> str:
        """The refusal, or nothing."""
        return str(self.body.get("error", ""))

    @property
    def conversation_id(self) -> UUID:
        return UUID(self.body["conversation_id"])

    @property
    def message_id(self) -> UUID:
        return UUID(self.body["message_id"])


class Crowd:
    """The site as many people meet it; keeps every answer it gave."""

    def __init__(self, address: str) -> None:
        self.place = urlsplit(address).netloc
        self.answers: list[Answer] = []
        self._tokens: dict[UUID, str] = {}

    def at_once(self, *calls: Call) -> list[Answer]:
        """The answer of each, in the order of the calls."""
        return [answers[0] for answers in self.side_by_side(*([call] for call in calls))]

    def side_by_side(self, *people: Iterable[Call]) -> list[list[Answer]]:
        """Each does one thing after the other; all begin at once. A generator may decide by the answers so far."""
        for person in people:
            self._know(person)
        start = Barrier(len(people), timeout=PATIENCE_SECONDS)
        with ThreadPoolExecutor(len(people)) as pool:
            answers = list(pool.map(lambda person: self._visit(person, start), people))
        self.answers += [answer for found in answers for answer in found]
        return answers

    def one(self, call: Call) -> Answer:
        return self.at_once(call)[0]

    def leave_before_the_answer(self, call: Call) -> None:
        """Everything is sent, then the line goes dead."""
        self._know([call])
        line = self._line()
        line.request(*self._written(call))
        line.close()

    def know(self, *members: Member) -> None:
        """Who calls from inside a generator needs their token before."""
        for member in members:
            if member.pk not in self._tokens:
                self._tokens[member.pk] = access.make_token(member, "phone")[1]

    def _know(self, calls: Iterable[Call]) -> None:
        if isinstance(calls, Sequence):
            self.know(*(call.member for call in calls))

    def _visit(self, calls: Iterable[Call], start: Barrier) -> list[Answer]:
        line = self._line()
        try:
            line.connect()
            start.wait()
            return [self._call(line, call) for call in calls]
        finally:
            line.close()
            connections.close_all()

    def _call(self, line: HTTPConnection, call: Call) -> Answer:
        began = time.monotonic()
        try:
            line.request(*self._written(call))
        except BrokenPipeError:
            # The server had closed a line that lay idle too long on a busy machine: it got nothing of this.
            line.close()
            line.request(*self._written(call))
        response = line.getresponse()
        body = json.loads(response.read())
        answer = Answer(response.status, body, response.headers["Retry-After"], began, time.monotonic())
        if call.then:
            call.then(answer)
        return answer

    def _line(self) -> HTTPConnection:
        return HTTPConnection(self.place, timeout=PATIENCE_SECONDS)

    def _written(self, call: Call) -> tuple[str, str, bytes | None, dict[str, str]]:
        headers = {"Authorization": f"Bearer {self._tokens[call.member.pk]}"}
        body = None if call.body is None else json.dumps(call.body).encode()
        if body is not None:
            headers["Content-Type"] = "application/json"
        if call.key:
            headers["Idempotency-Key"] = call.key
        return call.method, call.path, body, headers


def offering(helper: Member, request: HelpRequest, text: str = WORDS, **more: Any) -> Call:
    path = f"/api/messaging/help-requests/{request.pk}/start-conversation"
    return Call(helper, "POST", path, {"initial_message": text}, **more)


def writing_to(writer: Member, recipient: Member, text: str = WORDS, **more: Any) -> Call:
    body = {"recipient_id": str(recipient.pk), "initial_message": text}
    return Call(writer, "POST", "/api/messaging/conversations", body, **more)


def saying(sender: Member, conversation: Conversation, text: str, client_id: str = "", **more: Any) -> Call:
    body = {"content": text} | ({"client_id": client_id} if client_id else {})
    return Call(sender, "POST", f"/api/messaging/conversations/{conversation.pk}/messages", body, **more)


def deciding(member: Member, conversation: Conversation, verb: str, **body: Any) -> Call:
    """accept, decline, withdraw, reoffer, close, read, delivered."""
    return Call(member, "POST", f"/api/messaging/conversations/{conversation.pk}/{verb}", body)


def moving(member: Member, request: HelpRequest | UUID | None, verb: str, **body: Any) -> Call:
    """complete, cancel, reopen."""
    return Call(member, "POST", f"/api/help-requests/{getattr(request, 'pk', request)}/{verb}", body)


def reading(member: Member, conversation: Conversation, part: str) -> Call:
    return Call(member, "GET", f"/api/messaging/conversations/{conversation.pk}/messages?{part}")


def editing(member: Member, message_id: UUID, text: str) -> Call:
    return Call(member, "PATCH", f"/api/messaging/messages/{message_id}", {"content": text})


def deleting(member: Member, message_id: UUID) -> Call:
    return Call(member, "DELETE", f"/api/messaging/messages/{message_id}")


def blocking(member: Member, other: Member, **more: Any) -> Call:
    return Call(member, "POST", f"/api/members/{other.pk}/block", {}, **more)


def statuses(answers: Iterable[Answer]) -> dict[int, int]:
    """How many of each."""
    found: dict[int, int] = {}
    for answer in answers:
        found[answer.status] = found.get(answer.status, 0) + 1
    return found

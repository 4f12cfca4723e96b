"""The four operations of conversations: each turn is another member's, about another row, old ones like new ones."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks import talk_data, talk_floor
from benchmarks.data import Size, request_id, token_of
from benchmarks.driver import NUMBER
from benchmarks.scenarios import Ask

# Prime to every number of rows, so turns that follow each other lie far apart and all rows have theirs.
STRIDE = 7919

WORDS = "I live near Oak Street and can come by on Tuesday or Thursday, after work. Is there anything you cannot eat?"


@dataclass(frozen=True)
class Talk:
    """`turn` says who asks and about which row; `floor` is the same for pgbench, which fills in :number."""

    name: str
    path: str
    turn: Callable[[int, Size], tuple[int, str]]
    floor: str
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        return bool(self.body)

    @property
    def method(self) -> str:
        return "POST" if self.writes else "GET"

    def ask(self, number: int, size: Size) -> Ask:
        member, row = self.turn(number, size)
        headers = {"Authorization": f"Bearer {token_of(member)}"}
        if self.writes:
            headers["Idempotency-Key"] = NUMBER
        return Ask(self.method, self.path.format(id=row), headers, json.dumps(self.body) if self.body else "")

    def script(self, size: Size) -> str:
        return self.floor.format(
            stride=STRIDE,
            words=WORDS,
            members=size.members,
            requests=size.requests,
            wanted=size.wanted,
            helpers=talk_data.helpers(size),
            long=size.conversations // talk_data.LONG_OF,
            writable=size.conversations // talk_data.WRITABLE_OF,
        )


def _offer(number: int, size: Size) -> tuple[int, str]:
    """Each request in turn; once all have an offer, the next helper of each."""
    lap, wanted = divmod(number, size.wanted)
    return 1 + (wanted + 1 + lap) % size.members, request_id(size.requests + 1 + wanted)


def _send(number: int, size: Size) -> tuple[int, str]:
    every = talk_data.WRITABLE_OF
    conversation = every * (1 + number * STRIDE % (size.conversations // every))
    return talk_data.asker_of(conversation, size), talk_data.conversation_id(conversation)


def _page(number: int, size: Size) -> tuple[int, str]:
    every = talk_data.LONG_OF
    conversation = every * (1 + number * STRIDE % (size.conversations // every))
    return talk_data.asker_of(conversation, size), talk_data.conversation_id(conversation)


def _inbox(number: int, size: Size) -> tuple[int, str]:
    return 1 + number * STRIDE % talk_data.helpers(size), ""


CREATE, SEND = "start a conversation", "send a message"
PAGE, INBOX = "read a page of 50", "read the inbox of 20"

# In this order: what writes comes last, so what reads sees the data as they were filled in.
TALKS = (
    Talk(PAGE, "/api/messaging/conversations/{id}?limit=50", _page, talk_floor.PAGE_TURN),
    Talk(INBOX, "/api/messaging/conversations?limit=20", _inbox, talk_floor.INBOX_TURN),
    Talk(SEND, "/api/messaging/conversations/{id}/messages", _send, talk_floor.SEND_TURN, {"content": WORDS}),
    Talk(
        CREATE,
        "/api/messaging/help-requests/{id}/start-conversation",
        _offer,
        talk_floor.OFFER_TURN,
        {"initial_message": WORDS},
    ),
)

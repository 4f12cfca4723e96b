"""The flag goes to and fro while people offer and write: each is answered, nothing is lost, nobody has it twice."""

import time
from collections import Counter
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from django.db import connections

from carecollective.invariants import broken
from features.services import switching
from features.services.switching import By
from help_requests.models import HelpRequest
from members.models import Member
from messaging.models import Conversation, Message
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.support.crowd import Answer, Call, Crowd, offering, saying
from tests.support.site import running_site

pytestmark = pytest.mark.committed

CLIENTS = 8
# Longer than a process keeps its answer, so that each of both ways is really gone.
EVERY_SECONDS = 2.5
# Nobody may write more than fifty times a minute.
PAUSE_SECONDS = 1.3


class Switch(Thread):
    """Off and on, again and again, as no operator would."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times
        self.is_over = Event()

    def run(self) -> None:
        for number in range(self.times):
            switching.switch("on" if number % 2 else "off", why="To and fro.", by=By("A test"))
            time.sleep(EVERY_SECONDS)
        self.is_over.set()
        connections.close_all()


class Client:
    """Offers help on one request after the other, each twice, and writes in what has begun."""

    def __init__(self, helper: Member, requests: list[HelpRequest], until: Event) -> None:
        self.helper, self.requests, self.until = helper, requests, until
        self.begun: list[Answer] = []
        self.again: list[Answer] = []
        self.said: list[Answer] = []

    def calls(self) -> Iterator[Call]:
        for request in self.requests:
            yield offering(self.helper, request, then=self.begun.append)
            yield offering(self.helper, request, "Once more, in other words.", then=self.again.append)
            yield self._word()
        while not self.until.is_set():
            yield self._word()

    def _word(self) -> Call:
        """In one of the chats after the other."""
        time.sleep(PAUSE_SECONDS)
        number = len(self.said)
        thread = Conversation(pk=self.begun[number % len(self.begun)].conversation_id)
        return saying(self.helper, thread, f"Word {number}", then=self.said.append)


def test_eight_offer_and_write_meanwhile(long_run: bool) -> None:
    times = 40 if long_run else 6
    asker = MemberFactory()
    requests = HelpRequestFactory.create_batch(9, requester=asker)
    switch = Switch(times)
    clients = [Client(MemberFactory(), requests, switch.is_over) for _ in range(CLIENTS)]
    with running_site() as address:
        crowd = Crowd(address)
        crowd.know(*(client.helper for client in clients))
        switch.start()
        try:
            crowd.side_by_side(*(client.calls() for client in clients))
        finally:
            switch.join()

    for client in clients:
        assert {answer.status for answer in (*client.begun, *client.said)} == {201}
        assert {answer.status for answer in client.again} == {409}
        assert [answer.conversation_id for answer in client.again] == [
            answer.conversation_id for answer in client.begun
        ]
        mine = Conversation.objects.filter(helper=client.helper)
        assert set(mine.values_list("pk", flat=True)) == {answer.conversation_id for answer in client.begun}
        kept = Message.objects.filter(sender=client.helper).values_list("pk", flat=True)
        assert set(kept) == {answer.message_id for answer in client.said}
        assert max(Counter(mine.values_list("help_request", flat=True)).values()) == 1
    assert set(Conversation.objects.values_list("version", flat=True)) == {1, 2}, "it went both ways"
    assert broken() == {}

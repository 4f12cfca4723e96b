"""A backfill that is killed, and one that people write through: nothing is lost, nothing is there twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction

from carecollective.invariants import broken
from features.services.switching import By
from legacy.models import EarlierConversation, EarlierMessage, Move, Run
from legacy.services import moving, proving, replaying, reversing, settling
from legacy.services.settling import Decision
from members.models import Member
from messaging.models import Conversation, Message
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import add, earlier
from tests.factories.members import MemberFactory
from tests.legacy.test_backfill import everything as digest
from tests.legacy.test_reversing import TABLES
from tests.support.crowd import Answer, Call, Crowd, saying
from tests.support.database import ROOT

pytestmark = pytest.mark.committed

OPAL = By("Opal at the command line")
SAID = (
    "SELECT it::text FROM conversations_v2 AS it ORDER BY 1",
    "SELECT it::text FROM messages_v2 AS it ORDER BY 1",
    "SELECT id, outcome, into_id, reason, messages, kept FROM legacy_moves ORDER BY id",
    "SELECT conversations, messages, digest FROM legacy_runs",
)


def everything() -> list[Any]:
    with connection.cursor() as cursor:
        found = []
        for statement in SAID:
            cursor.execute(statement)
            found.append(cursor.fetchall())
        return found


def conversations(number: int, asker: Member, helpers: Sequence[Member]) -> list[Conversation]:
    requests = HelpRequestFactory.create_batch(number // len(helpers), requester=asker)
    return [
        earlier(helper, asked, (helper, "I can help."), (asker, "Good!")) for asked in requests for helper in helpers
    ]


def killed_in_the_middle(act: str, seed: int, *more: str, count: Callable[[], int] = Move.objects.count) -> None:
    surroundings = os.environ | {"DJANGO_SETTINGS_MODULE": "carecollective.settings"}
    command = [sys.executable, "manage.py", "backfill_v1", act, *more, "--batch", "1"]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=quiet, stderr=quiet)
    before, deadline = count(), time.monotonic() + 300
    while count() == before and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(random.Random(seed).uniform(0, 0.05))
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_killed_anywhere_and_run_again_it_ends_as_if_nothing_had_happened(asker: Member, long_run: bool) -> None:
    conversations(320 if long_run else 120, asker, [MemberFactory() for _ in range(8)])
    with transaction.atomic():
        moving.run()
        expected = everything()
        transaction.set_rollback(True)
    connections.close_all()

    done: set[int] = set()
    for seed in range(100 if long_run else 5):
        killed_in_the_middle("run", seed, "--jobs", str(1 + seed % 2))
        done.add(Move.objects.count())
        if Move.objects.count() == EarlierConversation.objects.count():
            break
    assert len(done) > 3, "it was killed in the middle of it"
    assert moving.run().state == "done"
    assert everything() == expected
    assert (broken(), proving.verify()) == ({}, [])


def test_killed_anywhere_and_run_again_it_ends_as_if_nothing_had_been_moved(asker: Member, long_run: bool) -> None:
    helpers: list[Member] = MemberFactory.create_batch(4)
    conversations(80, asker, helpers)
    before = digest(*TABLES)
    moving.run()
    connections.close_all()
    done: set[int] = set()
    for seed in range(100 if long_run else 5):
        killed_in_the_middle("reverse", seed)
        done.add(Move.objects.count())
        if not Move.objects.exists():
            break
    assert len(done) > 3, "it was killed in the middle of it"
    if Move.objects.exists():
        reversing.reverse()
    assert digest(*TABLES) == before
    assert broken() == {}


def test_two_batches_at_once_are_the_same_as_one_after_the_other(asker: Member) -> None:
    helpers: list[Member] = MemberFactory.create_batch(4)
    for thread in conversations(40, asker, helpers)[:12]:
        # A second one of the pair, which another batch comes to first.
        assert thread.help_request
        earlier(thread.helper, thread.help_request, (thread.helper, "I ask once more."))
    with transaction.atomic():
        moving.run(1000)
        expected = everything()
        transaction.set_rollback(True)
    connections.close_all()
    assert moving.run(3, jobs=2).state == "done"
    assert everything() == expected
    assert (broken(), proving.verify()) == ({}, [])


def test_trying_again_is_killed_anywhere_and_said_again_it_ends_as_if_nothing_had_happened(
    asker: Member, long_run: bool
) -> None:
    helpers = [MemberFactory() for _ in range(8)]
    for thread in conversations(160 if long_run else 40, asker, helpers):
        add(asker, EarlierConversation.objects.get(pk=thread.pk), "w" * 1200)
    moving.run()
    settling.settle(Decision("some of them", OPAL), ids=list(Move.objects.values_list("pk", flat=True)[:5]))
    left = list(Move.objects.filter(settled_at__isnull=True).values_list("pk", flat=True))
    EarlierMessage.objects.filter(content="w" * 1200, conversation__in=left).update(content="Shorter.")

    done: set[int] = set()
    for seed in range(60 if long_run else 5):
        killed_in_the_middle("quarantine", seed, "replay", count=moved)
        done.add(moved())
        assert Move.objects.count() == EarlierConversation.objects.count(), "each has its row, whenever it was killed"
        if moved() == len(left):
            break
    assert len(done) > 2, "it was killed in the middle of it"
    replaying.replay(OPAL)
    assert set(Move.objects.exclude(outcome="quarantined").values_list("pk", flat=True)) == set(left)
    assert Move.objects.filter(settled_at__isnull=False).count() == 5
    assert Run.objects.get().state == "done"
    assert Run.objects.get().conversations == len(left)
    assert (broken(), proving.verify()) == ({}, [])


def moved() -> int:
    return Move.objects.exclude(outcome="quarantined").count()


class Writer:
    """Goes on writing in what is being moved."""

    def __init__(self, member: Member, threads: list[Conversation], until: Event) -> None:
        self.member, self.threads, self.until = member, threads, until
        self.said: list[Answer] = []

    def calls(self) -> Iterator[Call]:
        while not self.until.is_set() and len(self.said) < 45:
            thread = self.threads[len(self.said) % len(self.threads)]
            yield saying(self.member, thread, f"Word {len(self.said)}", then=self.said.append)
            time.sleep(0.2)


def written_meanwhile(
    site: str, helpers: list[Member], threads: list[Conversation], act: Callable[[], object]
) -> list[Answer]:
    """What people were answered who wrote until it was over: every time yes."""
    over = Event()

    def acting() -> None:
        try:
            act()
        finally:
            over.set()
            connections.close_all()

    writers = [Writer(helper, [t for t in threads if t.helper_id == helper.pk], over) for helper in helpers]
    crowd, actor = Crowd(site), Thread(target=acting)
    crowd.know(*helpers)
    actor.start()
    crowd.side_by_side(*(writer.calls() for writer in writers))
    actor.join()
    said = [answer for writer in writers for answer in writer.said]
    assert {answer.status for answer in said} == {201}
    return said


def test_people_write_through_it_while_it_is_killed_and_run_again(site: str, asker: Member, long_run: bool) -> None:
    helpers: list[Member] = MemberFactory.create_batch(4)
    threads = conversations(160, asker, helpers)
    done: list[int] = []

    def move() -> None:
        for seed in range(20 if long_run else 3):
            killed_in_the_middle("run", seed)
            done.append(Move.objects.count())
        moving.run(1)

    said = written_meanwhile(site, helpers, threads, move)
    assert 0 < min(done) < len(threads), "it was killed in the middle of it"
    assert {answer.message_id for answer in said} <= set(Message.objects.values_list("pk", flat=True))
    assert set(Conversation.objects.values_list("version", flat=True)) == {2}
    assert Run.objects.get().state == "done"
    assert (broken(), proving.verify()) == ({}, [])


def test_people_write_while_it_is_taken_back(site: str, asker: Member) -> None:
    helpers: list[Member] = MemberFactory.create_batch(4)
    threads = conversations(120, asker, helpers)
    moving.run()
    stayed: list[Any] = []

    def take_back() -> None:
        stayed.extend(reversing.reverse(is_carried=True, batch=1).stays)

    said = written_meanwhile(site, helpers, threads, take_back)
    assert {answer.message_id for answer in said} <= set(Message.objects.values_list("pk", flat=True))
    assert {answer.message_id for answer in said} <= set(EarlierMessage.objects.values_list("pk", flat=True))
    assert set(Conversation.objects.values_list("version", flat=True)) == {1}
    assert (stayed, broken()) == ([], {})

"""The earlier system goes on writing in its tables while we do: nothing is lost, and nothing it took away is shown."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

import psycopg
import pytest
from django.utils.timezone import now

from carecollective.invariants import broken
from legacy.models import EarlierMessage
from members.models import Member
from messaging import reads
from messaging.models import Conversation, Message
from messaging.services import releasing
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import WORDS, add, earlier, empty
from tests.factories.messaging import say
from tests.support.meeting import IS_WAITING, _address

LEAVE = "UPDATE conversation_participants SET left_at = now() WHERE conversation_id = %s AND user_id = %s"
MOVE = "UPDATE conversations SET last_message_at = now() WHERE id = %s"
SAY = "INSERT INTO messages (conversation_id, sender_id, content) VALUES (%s, %s, %s)"

Session = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def sessions() -> Iterator[list[Session]]:
    """Two of the earlier system's; whatever waits for the first goes on when it commits."""
    made = [psycopg.connect(_address()) for _ in range(2)]
    yield made
    for session in made:
        session.close()


def begun(pool: ThreadPoolExecutor, session: Session, statement: LiteralString, *values: object) -> Iterator[None]:
    """Until it waits for somebody, or is done; then to its end and committed."""
    work = pool.submit(session.execute, statement, values)
    with psycopg.connect(_address(), autocommit=True) as watcher:
        while not work.done():
            row = watcher.execute(IS_WAITING, [session.info.backend_pid]).fetchone()
            if row and row[0]:
                break
    yield
    work.result(timeout=20)
    session.commit()
    yield


@pytest.mark.committed
class TestAtOnce:
    @pytest.mark.parametrize("is_leaving_first", [True, False])
    def test_somebody_leaves_as_the_first_words_are_said(
        self, is_leaving_first: bool, asker: Member, helper: Member, sessions: list[Session]
    ) -> None:
        thread = empty(helper, HelpRequestFactory(requester=asker))
        acts = [(LEAVE, (thread.pk, asker.pk)), (SAY, (thread.pk, helper.pk, WORDS))]
        (first, values), (second, others) = acts if is_leaving_first else acts[::-1]
        with ThreadPoolExecutor(1) as pool:
            sessions[0].execute(first, values)
            later = begun(pool, sessions[1], second, *others)
            next(later)
            sessions[0].commit()
            next(later)
        old = Conversation.objects.get(pk=thread.pk)
        assert (old.requester_left_at is not None, old.status) == (True, "closed")
        assert reads.inbox(asker, 20)["rows"] == []

    def test_two_say_the_first_words(self, asker: Member, helper: Member, sessions: list[Session]) -> None:
        """The one who was second waits for the first, and finds what they have made."""
        thread = empty(helper, HelpRequestFactory(requester=asker))
        with ThreadPoolExecutor(1) as pool:
            sessions[0].execute(SAY, [thread.pk, helper.pk, WORDS])
            second = begun(pool, sessions[1], SAY, thread.pk, helper.pk, "Or Saturday.")
            next(second)
            sessions[0].commit()
            next(second)
        assert Message.objects.get().content == "Or Saturday."
        assert broken() == {}

    def test_they_move_their_row_before_they_say_something_and_so_do_we(
        self, asker: Member, helper: Member, sessions: list[Session]
    ) -> None:
        """Nobody waits crosswise: ours stands before theirs."""
        old = earlier(helper, HelpRequestFactory(requester=asker))
        sessions[0].execute(MOVE, [old.pk])
        say(asker, old, "Ours.")
        sessions[0].execute(SAY, [old.pk, helper.pk, "Theirs."])
        sessions[0].commit()
        assert list(Message.objects.order_by("sequence").values_list("content", flat=True)) == ["Ours.", "Theirs."]
        assert broken() == {}


@pytest.mark.django_db
class TestTakenAway:
    @pytest.mark.parametrize("verdict", ["hidden", "removed"])
    def test_what_is_hidden_there_is_hidden_here(self, verdict: str, asker: Member, helper: Member) -> None:
        old = earlier(helper, HelpRequestFactory(requester=asker), (helper, WORDS), (helper, "Something vile."))
        before = reads.record(asker, old.pk)
        EarlierMessage.objects.filter(conversation=old.pk).update(moderation_status=verdict)
        for member in (asker, helper):
            lines = reads.thread_rows(member, old.pk, reads.Slice())[1]
            assert [(line["content"], line["moderation"]) for line in lines] == [("", "hidden"), ("", "hidden")]
        assert [row["sequence"] for row in reads.changed(asker, old.pk, before, 9)] == [1, 2], "open pages hear of it"
        assert EarlierMessage.objects.filter(content="Something vile.").exists(), "it stays where it stood"
        assert broken() == {}

    @pytest.mark.parametrize("place", [0, 1])
    def test_a_decision_of_ours_that_is_taken_back_does_not_wipe_it(
        self, place: int, asker: Member, helper: Member
    ) -> None:
        thread = empty(helper, HelpRequestFactory(requester=asker))
        said = [add(helper, thread, f"Something vile {number}.", moderation_status="hidden") for number in range(2)]
        releasing.hide(said[place].pk)
        releasing.show(said[place].pk)
        assert EarlierMessage.objects.get(pk=said[place].pk).content == f"Something vile {place}."
        lines = reads.thread_rows(asker, thread.pk, reads.Slice())[1]
        assert [line["moderation"] for line in lines] == ["hidden", "hidden"]
        assert broken() == {}


def unseen(statement: LiteralString, *values: object) -> None:
    """As the owner of the tables writes where the triggers were switched off."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute("ALTER TABLE messages DISABLE TRIGGER USER")
        owner.execute(statement, values)
        owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
        owner.execute("ALTER TABLE messages ENABLE TRIGGER USER")


@pytest.mark.committed
class TestWhatIsWatched:
    """The negative tests of those promises."""

    @pytest.mark.parametrize("taken", ["deleted_at = now()", "moderation_status = 'removed'"])
    def test_what_was_taken_away_there_and_is_read_here(
        self, taken: LiteralString, asker: Member, helper: Member
    ) -> None:
        earlier(helper, HelpRequestFactory(requester=asker), (helper, WORDS), (helper, "Something vile."))
        unseen(f"UPDATE messages SET {taken}")
        told = broken()
        assert set(told) == {"what was deleted or hidden in the earlier system is so here"}
        assert len(next(iter(told.values()))) == 2, "the opening and what came after it"

    def test_words_nobody_finds(self, asker: Member, helper: Member) -> None:
        old = earlier(helper, HelpRequestFactory(requester=asker))
        unseen(SAY, old.pk, asker.pk, "Nobody reads me.")
        assert set(broken()) == {"every word of an earlier conversation is in it"}

    def test_somebody_who_left_and_could_write(self, asker: Member, helper: Member) -> None:
        old = earlier(helper, HelpRequestFactory(requester=asker))
        Conversation.objects.filter(pk=old.pk).update(helper_left_at=now())
        assert set(broken()) == {"nobody has left a conversation that goes on"}

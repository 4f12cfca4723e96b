"""V1 takes nothing more: by whomever, at whatever moment; words can still be taken away, and nobody meets a wall."""

import io
import os
import threading
from collections.abc import Iterator
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.utils.timezone import now

from audit.models import AuditEntry
from carecollective.errors import NotPermitted
from carecollective.invariants import broken
from features import flag
from features.services import switching
from features.services.switching import By
from help_requests.models import HelpRequest
from legacy.models import EarlierConversation, EarlierMessage, EarlierParticipant, Ending, Move
from legacy.services import closing, moving, proving, replaying
from members.models import Member
from messaging import reads
from messaging.models import Conversation, Message
from messaging.services import changing, deciding, reading, releasing, requests
from messaging.services import closing as chats
from tests.cast import browser_of, client_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import WORDS, add, earlier, empty, on_for
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer, say
from tests.support.crowd import Answer, Call, Crowd, saying
from tests.support.site import running_site

LONG = "w" * 1200
BY = "A test"


def close() -> Ending:
    return closing.close(why="We are through.", by=BY)


def command(*words: str) -> str:
    out = io.StringIO()
    call_command("close_v1", *words, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def say_sql(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def on(asker: Member, helper: Member) -> None:
    on_for(days=2)


@pytest.fixture
def stays(on: None, asker: Member, helper: Member) -> Conversation:
    """One that cannot be moved, because something in it is too long."""
    made = earlier(helper, HelpRequestFactory(requester=asker), (helper, WORDS), (asker, LONG), (helper, "Oh."))
    moving.run()
    assert Move.objects.get(pk=made.pk).reason == "too_long"
    return Conversation.objects.get(pk=made.pk)


@pytest.mark.django_db
class TestWhatIsRefused:
    @pytest.mark.parametrize("state", ["off", "internal", "percentage:100"])
    def test_while_it_is_not_on_for_everybody(self, state: str) -> None:
        switching.switch(state, why="Not yet.", by=By(BY))
        with pytest.raises(NotPermitted, match="on for everybody"):
            close()

    def test_while_not_everybody_may_know_that_it_is_on(self) -> None:
        on_for(seconds=20)
        with pytest.raises(NotPermitted, match="less than a minute"):
            close()

    def test_while_something_was_never_looked_at(self, on: None, asker: Member, helper: Member) -> None:
        earlier(helper, HelpRequestFactory(requester=asker))
        with pytest.raises(NotPermitted, match="1 conversations of V1"):
            close()
        assert Conversation.objects.get().status == "active"
        ending = Ending.objects.get()
        assert (ending.began_at, ending.closed_at) == (None, None)

    def test_a_reason_nobody_reads(self, on: None) -> None:
        with pytest.raises(CommandError, match="at most 300"):
            command("--why", "w" * 301)


WRITES = {
    "message": lambda old: add(None, EarlierConversation.objects.get(pk=old.pk)),
    "conversation": lambda old: EarlierConversation.objects.create(),
    "person": lambda old: EarlierParticipant.objects.create(conversation_id=old.pk, user_id=uuid4()),
    "other words": lambda old: EarlierMessage.objects.filter(content=WORDS).update(content="Other words."),
    "read": lambda old: EarlierMessage.objects.update(status="read", read_at=now()),
    "leaving": lambda old: EarlierParticipant.objects.update(left_at=now()),
    "status": lambda old: EarlierConversation.objects.update(status="blocked"),
    "a title": lambda old: EarlierConversation.objects.update(title="New."),
    "nothing at all": lambda old: say_sql("INSERT INTO messages (content) SELECT '' WHERE false"),
}


@pytest.mark.django_db
class TestItsTables:
    @pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
    def test_they_take_nothing_more_and_then_again(self, write: Any, stays: Conversation) -> None:
        close()
        with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
            write(stays)
        closing.reopen(why="", by=BY)
        if write is not WRITES["conversation"]:
            with transaction.atomic():
                write(stays)

    def test_whoever_owns_them_may_not_either(self, stays: Conversation) -> None:
        close()
        for statement in ("DELETE FROM messages", "TRUNCATE conversation_participants"):
            with pytest.raises(DatabaseError, match=r"closed|permission"), transaction.atomic():
                say_sql(statement)

    @pytest.mark.parametrize(
        "taken",
        [
            {"content": ""}, {"content": "[protected]"}, {"deleted_at": now()}, {"moderation_status": "hidden"},
            {"content": "", "deleted_at": now()}, {"content": "[protected]", "moderation_status": "removed"},
        ],
    )  # fmt: skip
    def test_words_can_be_taken_away(self, taken: dict[str, Any], stays: Conversation) -> None:
        close()
        EarlierMessage.objects.filter(content=LONG).update(**taken, updated_at=now())
        said = Message.objects.get(sequence=2)
        is_gone = "deleted_at" in taken or "moderation_status" in taken
        assert (said.content == "") == is_gone, "and are gone here"

    def test_what_was_taken_away_does_not_come_back(self, stays: Conversation) -> None:
        EarlierMessage.objects.filter(content="Oh.").update(deleted_at=now())
        close()
        with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
            EarlierMessage.objects.filter(content="Oh.").update(deleted_at=None)


@pytest.mark.django_db
class TestWhatStayed:
    def test_it_is_read_and_not_written_in(self, stays: Conversation, asker: Member, helper: Member) -> None:
        close()
        for member in (asker, helper):
            assert [row["id"] for row in reads.inbox(member, 20)["rows"]] == [str(stays.pk)]
            lines = reads.thread_rows(member, stays.pk, reads.Slice())[1]
            assert [line["content"] for line in lines] == [WORDS, LONG, "Oh."]
            answer = client_of(member).post(
                f"/api/messaging/conversations/{stays.pk}/messages", {"content": "And now?"}, format="json"
            )
            assert (answer.status_code, answer.json()["error"]) == (403, "permission_denied")
            page = browser_of(member).get(f"/messages/{stays.pk}/")
            assert page.status_code == 200
            assert "This chat has ended." in page.content.decode()
        assert broken() == {}

    def test_how_far_it_was_read_is_kept(self, stays: Conversation, asker: Member, helper: Member) -> None:
        close()
        reading.mark_delivered(asker, stays.pk, 3)
        reading.mark_read(asker, stays.pk, 3)
        assert Conversation.objects.get().requester_read == 3
        assert not EarlierMessage.objects.filter(status="read").exists()
        assert broken() == {}

    def test_what_somebody_deletes_is_gone_on_both_sides(
        self, stays: Conversation, asker: Member, helper: Member
    ) -> None:
        close()
        changing.delete_message(asker, Message.objects.get(sequence=2).pk)
        changing.delete_message(helper, stays.pk)
        assert sorted(EarlierMessage.objects.values_list("content", flat=True)) == ["", "", "Oh."]
        assert EarlierMessage.objects.filter(deleted_at__isnull=False).count() == 2
        assert broken() == {}

    def test_what_a_moderator_hides_and_shows_again(self, stays: Conversation, asker: Member) -> None:
        close()
        for place in (stays.pk, Message.objects.get(sequence=2).pk):
            releasing.hide(place)
        hidden = EarlierMessage.objects.filter(moderation_status="hidden", content="[protected]")
        assert hidden.count() == 2
        assert broken() == {}
        releasing.show(Message.objects.get(sequence=2).pk)
        releasing.show(stays.pk)
        assert hidden.count() == 0
        lines = reads.thread_rows(asker, stays.pk, reads.Slice())[1]
        assert [line["content"] for line in lines] == [WORDS, LONG, "Oh."]
        assert broken() == {}

    @pytest.mark.parametrize("verb", ["accept_offer", "decline_offer", "withdraw_offer"])
    def test_its_offer_can_be_let_go_and_not_taken(
        self, verb: str, stays: Conversation, asker: Member, helper: Member
    ) -> None:
        close()
        who = helper if verb == "withdraw_offer" else asker
        answer = client_of(who).post(
            f"/api/messaging/conversations/{stays.pk}/{verb.removesuffix('_offer')}", {}, format="json"
        )
        assert answer.status_code == (409 if verb == "accept_offer" else 200), answer.json()
        assert broken() == {}
        closing.reopen(why="", by=BY)
        assert broken() == {}, "V1 has heard of it"

    def test_it_does_not_begin_again(self, stays: Conversation, asker: Member, helper: Member) -> None:
        deciding.withdraw_offer(helper, stays.pk)
        chats.close_conversation(helper, stays.pk)
        close()
        with pytest.raises(NotPermitted):
            deciding.renew_offer(helper, stays.pk)
        say_sql("UPDATE legacy_conversations SET status = 'active', closed_at = NULL, closed_by_id = NULL")
        found = Conversation.objects.get()
        assert (found.status, found.closed_by_id) == ("closed", helper.pk)

    def test_whoever_closes_their_request_is_not_stopped_by_it(
        self, stays: Conversation, asker: Member, helper: Member
    ) -> None:
        deciding.accept_offer(asker, stays.pk)
        close()
        assert stays.help_request_id
        requests.cancel_request(asker, stays.help_request_id)
        assert HelpRequest.objects.get(pk=stays.help_request_id).status == "cancelled"
        assert broken() == {}

    def test_opened_again_it_goes_on(self, stays: Conversation, asker: Member, helper: Member) -> None:
        ended = earlier(helper, HelpRequestFactory(requester=asker), (helper, WORDS), (asker, LONG))
        moving.run()
        chats.close_conversation(asker, ended.pk)
        close()
        reading.mark_read(asker, stays.pk, 3)
        closing.reopen(why="Too early.", by=BY)
        say(asker, stays, "We go on.")
        assert dict(Conversation.objects.values_list("pk", "status")) == {stays.pk: "active", ended.pk: "closed"}
        assert EarlierMessage.objects.filter(content="We go on.").exists()
        assert EarlierMessage.objects.filter(conversation=stays.pk, sender_id=helper.pk, status="read").count() == 2
        ending = Ending.objects.get()
        assert (ending.began_at, ending.closed_at) == (None, None)
        assert broken() == {}


@pytest.mark.django_db
class TestThereIsOneWay:
    def test_whatever_the_flag_says_then(self, stays: Conversation, outsider: Member) -> None:
        flag.forget()
        assert flag.has_two_ways()
        close()
        flag.forget()
        switching.switch("off", why="In a hurry.", by=By(BY))
        flag.forget()
        assert not flag.has_two_ways()
        assert (flag.way_of(outsider.pk), flag.way_of(None)) == (2, 2)
        assert flag.answer().explained(outsider.pk)[-1] == (
            "Their new conversations go the V2 way, because the earlier system is closed."
        )
        assert offer(outsider, HelpRequestFactory()).version == 2
        closing.reopen(why="", by=BY)
        flag.forget()
        assert flag.way_of(outsider.pk) == 1

    def test_mails_and_the_rollout_page_say_so(self, stays: Conversation, operator: Member) -> None:
        from features import sentences
        from features.states import State

        close()
        flag.forget()
        told = "new offers go the V2 way, because the earlier system is closed"
        assert sentences.way(State.parse("off")) == told
        page = browser_of(operator).get("/admin/features/flag/switch/?to=off").content.decode()
        assert "because the earlier system is closed" in page

    def test_it_is_asked_with_the_flag(
        self, stays: Conversation, outsider: Member, django_assert_num_queries: Any
    ) -> None:
        flag.forget()
        flag.answer()
        with django_assert_num_queries(0):
            assert flag.has_two_ways()
            assert flag.way_of(outsider.pk) == 2


@pytest.mark.django_db
class TestTheCommand:
    def test_it_says_what_it_did_and_that_stands_in_the_record(self, stays: Conversation) -> None:
        assert "V1 is closed since" in command("--why", "We are through.")
        assert "V1 is closed since" in command(), "said twice, it changes nothing"
        entry = AuditEntry.objects.get(action="v1_closed")
        assert (entry.reason, entry.actor_label, entry.details) == (
            "We are through.", "operator", {"conversations_left_there": 1},
        )  # fmt: skip
        out = io.StringIO()
        call_command("backfill_v1", "status", stdout=out)
        assert "because We are through" in out.getvalue()
        assert "V1 is open." in command("--reopen")
        assert AuditEntry.objects.filter(action="v1_reopened").count() == 1
        with pytest.raises(CommandError, match="V1 is open"):
            command("--reopen")

    def test_a_dry_run_says_whether_it_could_be(self, stays: Conversation) -> None:
        assert "V1 could be closed now" in command("--dry-run")
        assert "V1 is open." in command("--dry-run")
        assert Ending.objects.get().began_at is None
        add(MemberFactory(), empty(MemberFactory(), None))
        with pytest.raises(CommandError, match="1 conversations of V1 were never looked at"):
            command("--dry-run")

    def test_what_was_moved_is_compared_as_before(self, stays: Conversation, asker: Member, helper: Member) -> None:
        earlier(helper, HelpRequestFactory(requester=asker))
        moving.run()
        close()
        assert proving.verify() == []


@pytest.fixture
def sessions() -> Iterator[list["psycopg.Connection[tuple[Any, ...]]"]]:
    made = [psycopg.connect(os.environ["DATABASE_OWNER_URL"]) for _ in range(2)]
    yield made
    for session in made:
        session.close()


@pytest.mark.committed
class TestAtOnce:
    INSERT = "INSERT INTO messages (conversation_id, sender_id, content) VALUES (%s, %s, %s)"

    def test_who_writes_there_is_waited_for(self, stays: Conversation, helper: Member, sessions: list[Any]) -> None:
        sessions[0].execute(self.INSERT, [stays.pk, helper.pk, "Just in time."])
        done: list[Any] = []

        def close_it() -> None:
            try:
                done.append(close())
            finally:
                connections.close_all()

        closer = threading.Thread(target=close_it)
        closer.start()
        closer.join(1.0)
        assert done == []
        sessions[0].commit()
        closer.join(30)
        assert len(done) == 1
        assert Message.objects.filter(content="Just in time.").exists()
        with pytest.raises(psycopg.errors.CheckViolation):
            sessions[1].execute(self.INSERT, [stays.pk, helper.pk, "Too late."])
        assert broken() == {}

    def test_who_writes_there_too_long_keeps_it_open(
        self, stays: Conversation, helper: Member, sessions: list[Any]
    ) -> None:
        sessions[0].execute(self.INSERT, [stays.pk, helper.pk, "Slowly."])
        with pytest.raises(CommandError, match="held a row"):
            command()
        sessions[0].rollback()
        ending = Ending.objects.get()
        assert (ending.began_at, ending.closed_at) == (None, None)
        assert Conversation.objects.get().status == "active"

    def test_who_saw_it_open_long_before_is_refused_all_the_same(
        self, stays: Conversation, helper: Member, sessions: list[Any]
    ) -> None:
        sessions[0].execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        sessions[0].execute("SELECT FROM messages")
        close()
        with pytest.raises((psycopg.errors.SerializationFailure, psycopg.errors.CheckViolation)):
            sessions[0].execute(self.INSERT, [stays.pk, helper.pk, "From long ago."])

    @pytest.mark.parametrize("statement", ["DELETE FROM messages", "TRUNCATE conversation_participants"])
    def test_not_even_its_owner_empties_it(
        self, statement: LiteralString, stays: Conversation, sessions: list[Any]
    ) -> None:
        close()
        with pytest.raises(psycopg.errors.CheckViolation):
            sessions[0].execute(statement)

    def test_what_is_moved_after_all_goes_on(self, stays: Conversation, asker: Member, sessions: list[Any]) -> None:
        """Somebody took away what was too long, and an operator tries it again."""
        close()
        EarlierMessage.objects.filter(content=LONG).update(deleted_at=now(), content="")
        replaying.replay(By(BY))
        found = Conversation.objects.get()
        assert (found.version, found.status) == (2, "active")
        say(asker, found, "We go on.")
        assert broken() == {}

    def test_a_backfill_that_runs_is_not_closed_under(self, stays: Conversation, sessions: list[Any]) -> None:
        sessions[0].execute("SELECT pg_advisory_lock(hashtext('backfill_v1'))")
        with pytest.raises(NotPermitted, match="A backfill or an import is running"):
            close()

    def test_killed_between_its_two_steps_it_is_finished_or_taken_back(
        self, stays: Conversation, asker: Member, helper: Member
    ) -> None:
        closing._end_chats()
        with pytest.raises(NotPermitted):
            say(asker, stays)
        assert broken() == {}
        assert closing.reopen(why="", by=BY).began_at is None
        say(asker, stays)
        closing._end_chats()
        assert close().closed_at
        assert broken() == {}

    def test_people_write_through_it(self, on: None, asker: Member) -> None:
        """What was answered with yes is there, in both; what came later was refused kindly."""
        helpers: list[Member] = MemberFactory.create_batch(4)
        asked = HelpRequestFactory.create_batch(2, requester=asker)
        threads = [earlier(helper, request, (helper, WORDS), (asker, LONG)) for helper in helpers for request in asked]
        moving.run()
        said: list[Answer] = []

        def calls(helper: Member, over: threading.Event) -> Iterator[Call]:
            mine, number = [thread for thread in threads if thread.helper_id == helper.pk], 0
            while number < 40 and not (over.is_set() and said and said[-1].status != 201):
                number += 1
                yield saying(helper, mine[number % 2], f"Word {number}", then=said.append)

        over = threading.Event()

        def close_it() -> None:
            try:
                over.wait(0.4)
                close()
            finally:
                over.set()
                connections.close_all()

        with running_site(MESSAGING_V2_ENABLED="") as address:
            crowd, closer = Crowd(address), threading.Thread(target=close_it)
            crowd.know(*helpers)
            closer.start()
            crowd.side_by_side(*(calls(helper, over) for helper in helpers))
            closer.join()
        assert Ending.objects.get().closed_at
        assert {answer.status for answer in said} == {201, 403}
        stored = set(Message.objects.filter(content__startswith="Word").values_list("pk", flat=True))
        assert stored == {answer.message_id for answer in said if answer.status == 201}
        assert stored == set(EarlierMessage.objects.filter(content__startswith="Word").values_list("pk", flat=True))
        assert broken() == {}

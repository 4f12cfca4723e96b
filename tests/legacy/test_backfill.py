"""V1 conversations become V2 conversations: counted before, moved or left with a reason, and proved afterwards."""

import hashlib
import io
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import now

from carecollective.errors import NotPermitted
from carecollective.invariants import broken
from help_requests.models import HelpRequest
from legacy.models import EarlierConversation, EarlierMessage, EarlierParticipant, Move, Run
from legacy.services import alone, counting, moving, proving
from members.models import Member
from messaging import reads
from messaging.models import Conversation, Message, Type
from messaging.services import changing, deciding, reading, releasing
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import WORDS, add, earlier, empty
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer, say

pytestmark = pytest.mark.django_db

LONG_AGO = now() - timedelta(days=100)


def command(*words: str) -> str:
    out = io.StringIO()
    call_command("backfill_v1", *words, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def texts(member: Member, conversation_id: Any) -> list[str]:
    return [line["content"] for line in reads.thread_rows(member, conversation_id, reads.Slice())[1]]


def outcomes() -> dict[Any, tuple[str, str]]:
    return {move.pk: (move.outcome, move.reason) for move in Move.objects.all()}


def everything(*tables: str) -> str:
    """All rows of these tables, as one digest."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT it::text FROM {table} AS it ORDER BY 1")
            for (row,) in cursor.fetchall():
                digest.update(row.encode())
    return digest.hexdigest()


class Faulty:
    """One of each fault the earlier system is known for, and some without any."""

    def __init__(self, asker: Member, helper: Member) -> None:
        self.asker, self.helper = asker, helper
        self.whole = earlier(helper, self.asked(), (helper, WORDS), (asker, "Friday is fine."), at=LONG_AGO).pk
        self.empty = empty(helper, self.asked(), created_at=LONG_AGO).pk
        again = self.asked()
        self.first = earlier(helper, again, (helper, WORDS), (asker, "And the dog?"), at=LONG_AGO).pk
        self.second = earlier(helper, again, (helper, "I ask once more."), at=LONG_AGO + timedelta(seconds=30)).pk
        self.alone = self.one_of(helper, None, uuid4())
        self.crowded = self.one_of(helper, self.asked(), MemberFactory().pk)
        self.lost = self.one_of(helper, None, asker.pk, help_request_id=uuid4())
        self.short = earlier(helper, self.asked(), (helper, "Hi."), at=LONG_AGO).pk
        self.long = earlier(helper, self.asked(), (helper, "w" * 1200), at=LONG_AGO).pk
        self.long_later = earlier(helper, self.asked(), (helper, WORDS), (asker, "w" * 1200), at=LONG_AGO).pk
        self.turned = earlier(helper, self.asked(), (asker, "Can you help me?"), (helper, WORDS), at=LONG_AGO).pk
        EarlierConversation.objects.filter(pk=self.turned).update(created_by=asker.pk)
        self.same_time = self.at_one_moment(self.asked())
        self.blocked = earlier(helper, self.asked(), at=LONG_AGO).pk
        EarlierConversation.objects.filter(pk=self.blocked).update(status="blocked")
        self.told = earlier(helper, self.asked(), (helper, WORDS), (asker, "Gone."), (asker, "Vile."), at=LONG_AGO).pk
        EarlierMessage.objects.filter(content="Gone.").update(deleted_at=now())
        EarlierMessage.objects.filter(conversation=self.told, sender_id=helper.pk).update(is_flagged=True)

    def asked(self) -> HelpRequest:
        return HelpRequestFactory(requester=self.asker)

    def one_of(self, helper: Member, request: HelpRequest | None, third: Any, **more: Any) -> Any:
        thread = empty(helper, request, created_at=LONG_AGO)
        EarlierParticipant.objects.create(conversation=thread, user_id=third)
        EarlierConversation.objects.filter(pk=thread.pk).update(**more)
        add(helper, thread, created_at=LONG_AGO)
        return thread.pk

    def at_one_moment(self, request: HelpRequest) -> Any:
        thread = empty(self.helper, request, created_at=LONG_AGO)
        for number in range(5):
            # By one of them: at one moment it is their ids that say which was first.
            add(self.helper, thread, f"At once {number}.", created_at=LONG_AGO)
        return thread.pk


@pytest.fixture
def faulty(asker: Member, helper: Member) -> Faulty:
    return Faulty(asker, helper)


class TestThePlan:
    def test_it_counts_each_kind(self, faulty: Faulty) -> None:
        assert counting.plan() == {
            "total": 14, "convertible": 9, "empty": 1, "duplicates of a pair": 1, "more or fewer than two people": 1,
            "people missing": 1, "request missing": 1, "opening too short": 1, "opening too long": 1,
            "opened by who asked": 1,
        }  # fmt: skip

    def test_it_changes_nothing(self, faulty: Faulty) -> None:
        before = everything("conversations", "messages", "conversations_v2", "messages_v2", "legacy_moves")
        assert "total" in command("plan")
        assert everything("conversations", "messages", "conversations_v2", "messages_v2", "legacy_moves") == before


class TestTheRun:
    def test_each_is_moved_or_left_with_its_reason(self, faulty: Faulty) -> None:
        ran = moving.run()
        left = {key: reason for key, (outcome, reason) in outcomes().items() if outcome == "quarantined"}
        assert left == {
            faulty.empty: "empty", faulty.alone: "people_missing", faulty.crowded: "not_of_two",
            faulty.long: "too_long", faulty.long_later: "too_long",
        }  # fmt: skip
        assert outcomes()[faulty.second] == ("merged", "")
        assert (ran.state, ran.conversations) == ("done", 9)
        assert set(Conversation.objects.filter(version=2).values_list("pk", flat=True)) == {
            faulty.whole, faulty.first, faulty.lost, faulty.short, faulty.turned, faulty.same_time, faulty.blocked,
            faulty.told,
        }  # fmt: skip
        assert broken() == {}
        assert proving.verify() == []

    def test_what_was_left_is_read_as_before(self, faulty: Faulty) -> None:
        moving.run()
        assert texts(faulty.asker, faulty.long) == ["w" * 1200]
        say(faulty.asker, Conversation.objects.get(pk=faulty.long), "That was long.")
        assert broken() == {}

    def test_a_whole_one_is_the_same_in_v2(self, asker: Member, helper: Member) -> None:
        old = earlier(helper, HelpRequestFactory(requester=asker), (helper, WORDS), (asker, "Friday is fine."))
        reading.mark_read(asker, old.pk, 1)
        before = reads.thread_rows(asker, old.pk, reads.Slice())
        moving.run()
        after = reads.thread_rows(asker, old.pk, reads.Slice())
        assert after[1:] == before[1:]
        assert {key for key in after[0] if after[0][key] != before[0][key]} == {"version"}
        assert Conversation.objects.get().origin == "v1"

    def test_its_opening_has_the_id_it_had(self, asker: Member, helper: Member) -> None:
        old = earlier(helper, HelpRequestFactory(requester=asker))
        first = EarlierMessage.objects.get().pk
        moving.run()
        assert changing.find(asker, first).row.pk == old.pk

    def test_several_of_a_pair_become_one_in_their_order(self, faulty: Faulty) -> None:
        moving.run()
        assert texts(faulty.asker, faulty.first) == [WORDS, "I ask once more.", "And the dog?"]
        found = Conversation.objects.get(pk=faulty.first)
        assert (found.last_sequence, found.requester_unread, found.helper_unread) == (3, 2, 1)

    def test_of_several_the_offer_that_got_farthest_says_where_it_stands(self, asker: Member, helper: Member) -> None:
        asked = HelpRequestFactory(requester=asker)
        older = earlier(helper, asked, at=LONG_AGO)
        newer = earlier(helper, asked)
        EarlierConversation.objects.filter(pk=older.pk).update(status="closed")
        deciding.accept_offer(asker, newer.pk)
        moving.run()
        found = Conversation.objects.get()
        assert (found.pk, found.offer_state, found.status) == (older.pk, "accepted", "active")
        say(helper, found, "I will be there.")
        assert broken() == {}

    def test_whoever_left_one_of_several_does_not_read_on_in_another(self, asker: Member, helper: Member) -> None:
        asked = HelpRequestFactory(requester=asker)
        older, newer = earlier(helper, asked, at=LONG_AGO), earlier(helper, asked, (helper, "Not for Ana any more."))
        EarlierParticipant.objects.filter(conversation=newer.pk, user_id=asker.pk).update(left_at=now())
        moving.run()
        assert outcomes() == {older.pk: ("converted", ""), newer.pk: ("quarantined", "left")}
        assert [row["id"] for row in reads.inbox(asker, 20)["rows"]] == [str(older.pk)]
        assert broken() == {}

    def test_what_was_started_the_v1_way_is_moved_with_all_it_has(
        self, asker: Member, helper: Member, moderator: Member
    ) -> None:
        from features import flag
        from features.states import State

        flag.keep(flag.Answer(State.parse("off")))
        made = offer(helper, HelpRequestFactory(requester=asker))
        flag.keep(flag.Answer(State.parse("on")))
        deciding.accept_offer(asker, made.pk)
        secret = say(asker, made, "Key under the pot.", message_type=Type.SENSITIVE)
        changed = say(helper, made, "At nine.")
        changing.edit_message(helper, changed, "At ten.")
        releasing.hide(say(asker, made, "Something vile."))
        before = texts(helper, made.pk)
        moving.run()
        assert texts(helper, made.pk) == before
        assert changing.find(helper, secret).text == "Key under the pot."
        assert Conversation.objects.get().version == 2
        assert (broken(), proving.verify()) == ({}, [])
        say(helper, Conversation.objects.get(), "And on we go.")
        assert proving.verify() == [], "what came later is no difference"

    def test_nobody_hears_of_it(self, faulty: Faulty) -> None:
        tables = ("events", "notices", "attempts", "message_audit_log", "procrastinate_jobs")
        before = everything(*tables)
        moving.run()
        assert everything(*tables) == before

    def test_its_rows_in_v1_stay_as_they_are_and_take_no_more(self, faulty: Faulty) -> None:
        tables = ("conversations", "conversation_participants", "messages")
        before = everything(*tables)
        moving.run()
        assert everything(*tables) == before
        for thread in (faulty.whole, faulty.second):
            with pytest.raises(IntegrityError, match="stands in V2 now"), transaction.atomic():
                add(faulty.helper, EarlierConversation.objects.get(pk=thread), "Too late.")

    def test_a_second_run_has_nothing_to_do(self, faulty: Faulty) -> None:
        moving.run()
        before = everything("conversations_v2", "messages_v2", "legacy_moves")
        assert moving.run().conversations == 0
        assert everything("conversations_v2", "messages_v2", "legacy_moves") == before

    @pytest.mark.parametrize("batch", [1, 3, 500])
    def test_the_size_of_a_batch_changes_nothing(self, faulty: Faulty, batch: int) -> None:
        moving.run(batch)
        assert Move.objects.count() == 14
        assert (broken(), proving.verify()) == ({}, [])

    def test_a_dry_run_leaves_nothing(self, faulty: Faulty) -> None:
        tables = (
            "conversations", "messages", "conversations_v2", "messages_v2", "legacy_moves", "legacy_runs",
            "legacy_conversations", "legacy_messages",
        )  # fmt: skip
        before = everything(*tables)
        assert "nothing was changed" in command("run", "--dry-run")
        assert everything(*tables) == before

    def test_paused_and_resumed(self, faulty: Faulty) -> None:
        def stop(progress: moving.Progress) -> None:
            if progress.done == 4:
                moving.pause()

        assert moving.run(2, tell=stop).state == "paused"
        assert 4 <= Move.objects.count() < 14
        assert "paused" in command("status")
        assert "running" in command("resume")
        assert moving.run(2).state == "done"
        assert Move.objects.count() == 14


class TestTheProof:
    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"content": "Something else."}, "has other words"),
            ({"created_at": datetime.fromisoformat("2020-01-01T00:00:00+00:00")}, "has another time"),
        ],
    )
    def test_one_altered_row_is_named(self, faulty: Faulty, change: dict[str, Any], told: str) -> None:
        moving.run()
        row = Message.objects.filter(conversation=faulty.whole).get()
        Message.objects.filter(pk=row.pk).update(**change)
        assert [str(one) for one in proving.verify()] == [f"Message {row.pk} {told}."]
        out = io.StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("backfill_v1", "verify", stdout=out)
        assert ended.value.code == 1
        assert str(row.pk) in out.getvalue()
        assert Run.objects.get().differences == 1

    def test_an_altered_opening_is_named(self, faulty: Faulty) -> None:
        moving.run()
        Conversation.objects.filter(pk=faulty.whole).update(initial_message="Something else entirely.")
        assert [one.what for one in proving.verify()] == ["has other words"]

    def test_a_row_that_is_missing_on_either_side_is_named(self, faulty: Faulty) -> None:
        moving.run()
        gone = EarlierMessage.objects.create(pk=uuid4(), conversation_id=faulty.empty, content="It was never there.")
        Move.objects.filter(pk=faulty.empty).update(outcome="converted", into_id=faulty.whole, reason="")
        assert [(one.id, one.what) for one in proving.verify()] == [(gone.pk, "is missing in V2")]

    def test_without_a_run_there_is_nothing_to_compare(self, faulty: Faulty) -> None:
        assert proving.verify() == []


class TestTheCommand:
    def test_what_stayed_is_told_with_its_reason(self, faulty: Faulty) -> None:
        told = command("run")
        assert "9 conversations" in told
        assert "nobody said anything in it" in command("quarantine")
        assert "every row the same" in command("verify") + command("status")

    @pytest.mark.parametrize(("act", "why"), [("pause", moving.NOTHING_RUNS), ("resume", moving.NOTHING_PAUSED)])
    def test_what_cannot_be_is_one_sentence(self, act: str, why: str) -> None:
        with pytest.raises(CommandError, match=why):
            command(act)

    def test_a_batch_of_none(self) -> None:
        with pytest.raises(CommandError, match="1 or more"):
            command("run", "--batch", "0")


def test_two_at_once(faulty: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        other.execute(alone.TAKE, [moving.THE_MOVE[0]])
        with pytest.raises(NotPermitted, match="Another backfill"):
            moving.run()
    assert not Run.objects.exists()

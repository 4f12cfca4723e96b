"""What stayed in V1: it is tried again, or somebody decides that it stays behind, and nobody loses a word by that."""

import io
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connections, transaction
from django.utils.timezone import now

from audit.models import AuditEntry
from carecollective.encryption import Sealed, open_sealed
from carecollective.errors import NotPermitted, NotValid
from carecollective.invariants import broken
from features import flag
from features.services.switching import By
from features.states import State
from legacy.models import EarlierConversation, EarlierMessage, EarlierParticipant, Move, Run
from legacy.services import alone, archiving, moving, proving, replaying, settling
from legacy.services.settling import Decision, Settled
from members.models import Member
from messaging import reads
from messaging.models import Conversation, Message, MessageRecord, Type
from messaging.services import changing, releasing
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import WORDS, add, earlier, empty
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer, say
from tests.factories.restrictions import restrict
from tests.support.meeting import IS_WAITING

LONG_AGO = now() - timedelta(days=100)
OPAL = By("Opal at the command line")
NOBODY_SPOKE = Decision("nobody ever spoke in these", OPAL)


def quarantine(*words: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("backfill_v1", "quarantine", *words, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def texts(member: Member, conversation_id: Any) -> list[str]:
    return [line["content"] for line in reads.thread_rows(member, conversation_id, reads.Slice())[1]]


def outcome(conversation_id: UUID) -> tuple[str, str]:
    move = Move.objects.get(pk=conversation_id)
    return move.outcome, move.reason


def settled() -> set[UUID]:
    return set(Move.objects.filter(settled_at__isnull=False).values_list("pk", flat=True))


@pytest.fixture
def silent(asker: Member, helper: Member) -> list[UUID]:
    return [empty(helper, HelpRequestFactory(requester=asker), created_at=LONG_AGO).pk for _ in range(3)]


@pytest.fixture
def long(asker: Member, helper: Member) -> UUID:
    asked = HelpRequestFactory(requester=asker)
    return earlier(helper, asked, (helper, WORDS), (asker, "w" * 1200), at=LONG_AGO).pk


@pytest.mark.django_db
class TestSettling:
    def test_all_of_a_reason_stay_behind_with_who_said_so_and_why(self, silent: list[UUID], long: UUID) -> None:
        moving.run()
        told = quarantine("settle", "--reason", "empty", "--as", "archived", "--why", "nobody  spoke", "--by", "Opal R")
        assert told == "3 settled.\n"
        assert settled() == set(silent)
        found = Move.objects.get(pk=silent[0])
        assert (found.settled_as, found.settled_by, found.settled_why) == (
            "archived", "Opal R at the command line", "nobody spoke",
        )  # fmt: skip
        assert "empty: nobody said anything in it; settled" in quarantine()
        assert "too_long" in quarantine()
        assert broken() == {}

    def test_a_dry_run_says_it_and_changes_nothing(self, silent: list[UUID], long: UUID) -> None:
        moving.run()
        told = quarantine("settle", "--reason", "empty", "--why", "nobody spoke", dry_run=True)
        assert told == "Dry run: nothing was changed. It would be:\n3 settled.\n"
        assert not settled()
        assert not AuditEntry.objects.filter(action="v1_settled").exists()
        EarlierMessage.objects.filter(content="w" * 1200).update(content="Shorter.")
        assert "nothing was changed" in quarantine("replay", dry_run=True)
        assert outcome(long) == ("quarantined", "too_long")
        assert Run.objects.get().state == "done"

    def test_it_is_on_record(self, silent: list[UUID]) -> None:
        moving.run()
        settling.settle(NOBODY_SPOKE, reason="empty")
        entry = AuditEntry.objects.get(action="v1_settled")
        assert (entry.actor_label, entry.reason) == ("operator", "nobody ever spoke in these")
        assert sorted(entry.details["ids"]) == sorted(map(str, silent))
        assert (entry.details["number"], entry.details["settled_as"]) == (3, "archived")

    def test_one_with_words_is_read_and_answered_as_before(self, asker: Member, helper: Member, long: UUID) -> None:
        moving.run()
        before = texts(helper, long)
        told = quarantine("settle", str(long), "--why", "too long to move, and dear to them")
        assert "1 of them with words: their people read these until V1 is dropped" in told
        assert texts(helper, long) == before
        assert [row["id"] for row in reads.inbox(asker, 20)["rows"]] == [str(long)]
        assert broken() == {}

    def test_said_twice_it_changes_nothing(self, silent: list[UUID]) -> None:
        moving.run()
        settling.settle(NOBODY_SPOKE, reason="empty")
        before = list(Move.objects.order_by("pk").values())
        assert settling.settle(Decision("another reason", By("Somebody else")), reason="empty") == Settled()
        assert "Nothing was left to settle." in quarantine("settle", str(silent[0]), "--why", "once more")
        assert list(Move.objects.order_by("pk").values()) == before
        assert AuditEntry.objects.filter(action="v1_settled").count() == 1

    def test_where_one_of_those_named_did_not_stay_none_is_settled(
        self, asker: Member, helper: Member, silent: list[UUID]
    ) -> None:
        moved = earlier(helper, HelpRequestFactory(requester=asker)).pk
        moving.run()
        for other in (moved, uuid4()):
            with pytest.raises(CommandError, match=f"Not among those that stayed: {other}. Nothing was changed."):
                quarantine("settle", str(silent[0]), str(other), "--why", "they stay")
        assert settled() == set()

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["--reason", "empty"], "Please say --why"),
            (["--reason", "empty", "--why", "   "], "Please say --why"),
            (["--reason", "empty", "--why", "w" * 301], "in at most 300 letters"),
            (["--reason", "empty", "--why", "x", "--as", "deleted"], "--as is one of: archived"),
            (["--reason", "boring", "--why", "x"], "--reason is one of: empty"),
            (["--why", "x"], "by their ids, or all of one --reason"),
            (["--reason", "empty", "--why", "\udcff"], "a character that cannot be shown"),
            (["--reason", "empty", "--why", "x", "--by", "\udcff"], "a character that cannot be shown"),
            (["0", "--why", "x"], "'0' is not the id of a conversation"),
            (["019a0000-0000-7000-8000-000000000001", "--reason", "empty", "--why", "x"], "and not both"),
        ],
    )
    def test_what_cannot_be_is_one_sentence_and_changes_nothing(
        self, words: list[str], told: str, silent: list[UUID]
    ) -> None:
        moving.run()
        with pytest.raises(CommandError, match=told):
            quarantine("settle", *words)
        assert settled() == set()
        assert not AuditEntry.objects.filter(action="v1_settled").exists()

    def test_words_that_are_no_act_are_refused(self) -> None:
        with pytest.raises(CommandError, match="'forget' is none of these"):
            quarantine("forget")
        with pytest.raises(CommandError, match="run takes nothing more, and there is 'quickly'"):
            call_command("backfill_v1", "run", "quickly")
        assert not Run.objects.exists()

    def test_the_database_holds_that_only_what_stayed_is_settled_and_wholly(
        self, asker: Member, helper: Member, silent: list[UUID]
    ) -> None:
        moved = earlier(helper, HelpRequestFactory(requester=asker)).pk
        moving.run()
        whole = {"settled_at": now(), "settled_as": "archived", "settled_by": "Opal", "settled_why": "they stay"}
        for row, changes in (
            (moved, whole),
            (silent[0], whole | {"settled_why": ""}),
            (silent[0], whole | {"settled_by": ""}),
            (silent[0], whole | {"settled_as": "lost"}),
            (silent[0], whole | {"settled_at": None}),
        ):
            with pytest.raises(IntegrityError, match="legacy_moves_settled"), transaction.atomic():
                Move.objects.filter(pk=row).update(**changes)
        Move.objects.filter(pk=silent[0]).update(**whole)

    def test_many_are_settled_in_several_acts_of_record(
        self, silent: list[UUID], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        moving.run()
        monkeypatch.setattr(settling, "BATCH", 2)
        assert settling.settle(NOBODY_SPOKE, reason="empty") == Settled(3)
        assert [entry.details["number"] for entry in AuditEntry.objects.filter(action="v1_settled")] == [1, 2]

    def test_those_of_one_reason_are_named(self, silent: list[UUID], long: UUID) -> None:
        moving.run()
        settling.settle(NOBODY_SPOKE, ids=silent[:1])
        told = quarantine("list", "--reason", "empty")
        assert all(str(one) in told for one in silent)
        assert str(long) not in told
        assert told.count("archived by Opal at the command line") == 1
        assert "1 of them settled" in quarantine("list")


@pytest.mark.django_db
class TestWordsThatCameLater:
    """Nobody had read them when it was decided that this one stays."""

    def test_said_in_v1_itself(self, helper: Member, silent: list[UUID]) -> None:
        moving.run()
        settling.settle(NOBODY_SPOKE, reason="empty")
        add(helper, EarlierConversation.objects.get(pk=silent[0]), WORDS)
        assert settled() == set(silent[1:])
        assert settling.settle(NOBODY_SPOKE, reason="empty") == Settled(passed_over=1)
        assert "1 not settled: something was said in them since." in quarantine(
            "settle", "--reason", "empty", "--why", "nobody spoke"
        )
        assert replaying.replay(OPAL, reason="empty").moved == 1
        assert outcome(silent[0]) == ("converted", "")
        assert broken() == {}

    def test_said_on_our_pages(self, asker: Member, helper: Member, long: UUID) -> None:
        moving.run()
        settling.settle(Decision("it is old", OPAL), ids=[long])
        say(asker, Conversation.objects.get(pk=long), "Are you still there?")
        assert settled() == set()
        assert texts(helper, long)[-1] == "Are you still there?"
        assert broken() == {}


@pytest.mark.django_db
class TestReplaying:
    def test_whoever_was_missing_is_here_now(self, asker: Member, helper: Member) -> None:
        late = uuid4()
        threads = []
        for minute in range(2):
            at = LONG_AGO + timedelta(minutes=minute)
            thread = empty(helper, None, created_at=at)
            EarlierParticipant.objects.create(conversation=thread, user_id=late)
            add(helper, thread, f"Hello, number {minute}.", created_at=at)
            threads.append(thread.pk)
        moving.run()
        assert {outcome(thread) for thread in threads} == {("quarantined", "people_missing")}
        newcomer = MemberFactory(id=late)
        # One is named: the other is of the same two people, and goes with it.
        done = replaying.replay(OPAL, ids=threads[1:])
        assert (done.tried, done.moved, done.messages) == (1, 1, 2)
        assert [outcome(thread) for thread in threads] == [("converted", ""), ("merged", "")]
        assert texts(newcomer, threads[0]) == ["Hello, number 0.", "Hello, number 1."]
        assert (broken(), proving.verify()) == ({}, [])

    def test_words_that_were_shortened(self, asker: Member, helper: Member, long: UUID) -> None:
        opening = earlier(helper, HelpRequestFactory(requester=asker), (helper, "w" * 1200), at=LONG_AGO).pk
        moving.run()
        EarlierMessage.objects.filter(content="w" * 1200).update(content="Shorter.")
        assert quarantine("replay").splitlines() == [
            "2 tried again: 2 moved with 3 messages, 0 stayed.",
            "Nothing stayed where it is.",
        ]
        assert texts(asker, long) == [WORDS, "Shorter."]
        assert texts(asker, opening) == ["Shorter."]
        assert MessageRecord.objects.filter(deed="edited").count() == 2
        assert (broken(), proving.verify()) == ({}, [])

    def test_words_that_their_writer_took_away(self, asker: Member, helper: Member, long: UUID) -> None:
        moving.run()
        changing.delete_message(asker, Message.objects.get(conversation=long).pk)
        assert replaying.replay(OPAL).moved == 1
        assert texts(helper, long) == [WORDS, ""]
        assert (broken(), proving.verify()) == ({}, [])

    def test_what_still_cannot_says_its_reason_of_now(self, asker: Member, helper: Member, silent: list[UUID]) -> None:
        alone = empty(helper, None, created_at=LONG_AGO)
        EarlierParticipant.objects.create(conversation=alone, user_id=uuid4())
        add(helper, alone, "w" * 1200)
        moving.run()
        assert outcome(alone.pk) == ("quarantined", "people_missing")
        EarlierParticipant.objects.filter(conversation=alone).exclude(user_id=helper.pk).update(user_id=asker.pk)
        done = replaying.replay(OPAL)
        assert (done.tried, done.stayed) == (4, 4)
        assert outcome(alone.pk) == ("quarantined", "too_long")
        assert texts(asker, alone.pk) == ["w" * 1200], "at least it is read now"
        assert broken() == {}

    def test_one_that_was_settled_is_tried_only_by_name_and_is_open_again(self, silent: list[UUID], long: UUID) -> None:
        moving.run()
        settling.settle(NOBODY_SPOKE, ids=[*silent, long])
        assert quarantine("replay").startswith("There was nothing to try again.")
        assert quarantine("replay", str(silent[0])).startswith("1 tried again: 0 moved with 0 messages, 1 stayed.")
        assert settled() == {*silent[1:], long}
        entry = AuditEntry.objects.get(action="v1_settled_no_more")
        assert entry.details["ids"] == [str(silent[0])]
        assert broken() == {}

    def test_what_the_database_refuses_stays_and_the_others_move(
        self, asker: Member, helper: Member, outsider: Member, long: UUID
    ) -> None:
        """Whoever may not write now has changed nothing here."""
        other = earlier(outsider, HelpRequestFactory(requester=asker), (outsider, "v" * 1200), at=LONG_AGO).pk
        moving.run()
        EarlierMessage.objects.filter(content__regex="^(w|v)+$").update(content="Shorter.")
        restrict(outsider, "suspended")
        done = replaying.replay(OPAL)
        assert (done.tried, done.moved, done.stayed) == (2, 1, 1)
        assert (outcome(long), outcome(other)) == (("converted", ""), ("quarantined", "refused"))

    def test_it_belongs_to_the_last_run_which_must_be_compared_again(self, long: UUID) -> None:
        moving.run()
        proving.verify()
        before = Run.objects.get()
        replaying.replay(OPAL)
        assert Run.objects.get().verified_at == before.verified_at, "nothing was moved"
        EarlierMessage.objects.filter(content="w" * 1200).update(content="Shorter.")
        replaying.replay(OPAL)
        after = Run.objects.get()
        assert (after.state, after.conversations, after.messages) == ("done", 1, 2)
        assert (after.verified_at, after.differences) == (None, None)
        assert after.digest != before.digest

    def test_a_run_that_was_paused_goes_on_afterwards(self, asker: Member, helper: Member, silent: list[UUID]) -> None:
        for _ in range(3):
            earlier(helper, HelpRequestFactory(requester=asker))
        moving.run(3, tell=lambda progress: moving.pause())
        assert Move.objects.count() == 3
        replaying.replay(OPAL)
        assert Run.objects.get().state == "paused"
        assert moving.run().state == "done"
        assert Move.objects.count() == 6

    def test_it_is_paused_after_a_batch(self, silent: list[UUID]) -> None:
        moving.run()
        assert replaying.replay(OPAL, batch=1, tell=lambda progress: moving.pause()).tried == 1
        assert Move.objects.count() == 3

    def test_of_several_of_a_pair_none_is_left_for_ever(self, asker: Member, helper: Member) -> None:
        asked = HelpRequestFactory(requester=asker)
        both = [earlier(helper, asked, (helper, f"{letter * 1200}"), at=LONG_AGO).pk for letter in "ab"]
        moving.run()
        EarlierMessage.objects.filter(content__regex="^(a|b)+$").update(content="Shorter.")
        replaying.replay(OPAL, ids=both[:1])
        assert sorted(outcome(one)[0] for one in both) == ["converted", "merged"]
        assert (broken(), proving.verify()) == ({}, [])


@pytest.mark.django_db
class TestTheArchive:
    def test_it_has_the_people_and_their_words_in_their_order(
        self, asker: Member, helper: Member, silent: list[UUID], long: UUID
    ) -> None:
        moving.run()
        settling.settle(Decision("they stay", OPAL), ids=[silent[0], long])
        found = {one["id"]: one for one in archiving.settled_conversations()}
        assert set(found) == {silent[0], long}
        assert found[silent[0]]["messages"] == []
        assert {person["id"] for person in found[long]["people"]} == {asker.pk, helper.pk}
        assert [(said["sender_id"], said["words"]) for said in found[long]["messages"]] == [
            (helper.pk, WORDS), (asker.pk, "w" * 1200),
        ]  # fmt: skip
        assert (found[long]["left_because"], found[long]["settled_why"]) == ("too_long", "they stay")
        assert json.dumps(found[long], default=str), "it can be a line of a file"

    def test_sealed_and_hidden_words_stay_sealed_and_deleted_ones_are_gone(self, asker: Member, helper: Member) -> None:
        flag.keep(flag.Answer(State.parse("off")))
        thread = offer(helper, HelpRequestFactory(requester=asker), text="Hello, I could drive on Friday.")
        flag.keep(flag.Answer(State.parse("on")))
        secret = say(asker, thread, "Key under the pot.", message_type=Type.SENSITIVE)
        ours, theirs, gone, longest = (
            say(asker, thread, words) for words in ("Vile of ours.", "Vile of V1.", "Taken back.", "long")
        )
        releasing.hide(ours)
        EarlierMessage.objects.filter(pk=theirs).update(moderation_status="hidden")
        changing.delete_message(asker, gone)
        EarlierMessage.objects.filter(pk=longest).update(content="w" * 1200)
        moving.run()
        settling.settle(Decision("they stay", OPAL), ids=[thread.pk])
        (found,) = archiving.settled_conversations()
        said = {line["id"]: line for line in found["messages"]}
        assert said[thread.pk]["words"] == "Hello, I could drive on Friday."
        assert "Vile" not in str(found)
        assert "Key under" not in str(found)
        assert "Taken back" not in str(found)
        assert said[gone] == {
            key: said[gone][key] for key in ("id", "sender_id", "type", "created_at", "edited_at")
        } | {"is_deleted": True}
        for line, words in ((secret, "Key under the pot."), (ours, "Vile of ours."), (theirs, "Vile of V1.")):
            kept = said[line]
            assert open_sealed(Sealed(kept["key_id"], kept["sealed"]), kept["place"]) == words

    def test_what_is_not_settled_is_not_in_it(self, long: UUID) -> None:
        moving.run()
        assert list(archiving.settled_conversations()) == []


@pytest.fixture
def session() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        yield other


@pytest.mark.committed
class TestAtOnce:
    def test_not_beside_a_run(self, silent: list[UUID], session: psycopg.Connection[Any]) -> None:
        moving.run()
        session.execute(alone.TAKE, [moving.THE_MOVE[0]])
        with pytest.raises(NotPermitted, match="Another backfill"):
            settling.settle(NOBODY_SPOKE, reason="empty")
        with pytest.raises(NotPermitted, match="Another backfill"):
            replaying.replay(OPAL)
        assert settled() == set()

    def test_words_that_are_being_said_are_waited_for(
        self, helper: Member, silent: list[UUID], session: psycopg.Connection[Any]
    ) -> None:
        """Whoever is first: what was said is not settled as if nobody had said anything."""
        moving.run()
        say_it = "INSERT INTO messages (conversation_id, sender_id, content) VALUES (%s, %s, %s)"
        session.execute(say_it, [silent[0], helper.pk, WORDS])

        def settle() -> Settled:
            try:
                return settling.settle(NOBODY_SPOKE, reason="empty")
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as pool:
            work = pool.submit(settle)
            with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as watcher:
                while not work.done() and not _waits_for(watcher, session):
                    pass
            session.commit()
            assert work.result(timeout=20) == Settled(2, passed_over=1)
        assert settled() == set(silent[1:])

    def test_words_that_come_while_it_is_settled_open_it_again(
        self, helper: Member, silent: list[UUID], session: psycopg.Connection[Any]
    ) -> None:
        moving.run()
        say_it = "INSERT INTO messages (conversation_id, sender_id, content) VALUES (%s, %s, %s)"
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                settling.settle(NOBODY_SPOKE, reason="empty")
                work = pool.submit(session.execute, say_it, [silent[0], helper.pk, WORDS])
                with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as watcher:
                    while not work.done() and not _is_waiting(watcher, session):
                        pass
            work.result(timeout=20)
            session.commit()
        assert settled() == set(silent[1:])


def _is_waiting(watcher: psycopg.Connection[Any], session: psycopg.Connection[Any]) -> bool:
    row = watcher.execute(IS_WAITING, [session.info.backend_pid]).fetchone()
    return bool(row and row[0])


def _waits_for(watcher: psycopg.Connection[Any], session: psycopg.Connection[Any]) -> bool:
    blocked = "SELECT FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
    return watcher.execute(blocked, [session.info.backend_pid]).fetchone() is not None


def test_both_ways_of_naming_are_refused_before_anything_is_asked() -> None:
    with pytest.raises(NotValid, match="not both"):
        settling.settle(NOBODY_SPOKE, ids=[uuid4()], reason="empty")

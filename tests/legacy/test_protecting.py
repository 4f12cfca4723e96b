"""What was moved is read by our rules afterwards: sealed where it gives somebody away, and not hidden."""

import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from carecollective.errors import NotPermitted
from carecollective.invariants import broken
from features.models import Attempt
from legacy.models import EarlierMessage, Move
from legacy.personal import left_in_the_earlier_system
from legacy.services import moving, protecting, proving
from legacy.services.protecting import protect
from members.models import Member
from messaging import reads
from messaging.models import Conversation, Message
from messaging.models.sealing import opening_place, readable
from messaging.personal import written_by
from messaging.reportable import between
from messaging.services import changing, releasing
from moderation.models import Case
from notifications.models import Notice
from screening.models import KeptVerdict
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import WORDS, add, earlier, empty
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer, say
from tests.support.database import ROOT

PHONE = "Call me at (417) 555-0134 when you are there."
MONEY = "Could you send me $200 by Venmo until Friday?"
THREAT = "I will kill you."

Table = "conversations_v2", "messages_v2", "legacy_moves", "screening_verdicts", "events", "moderation_cases"


def command(*words: str) -> str:
    out = io.StringIO()
    call_command("protect_old_messages", *words, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def texts(member: Member, conversation_id: Any) -> list[str]:
    return [line["content"] for line in reads.thread_rows(member, conversation_id, reads.Slice())[1]]


def everything() -> str:
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in Table:
            cursor.execute(f"SELECT it::text FROM {table} AS it ORDER BY 1")
            for (row,) in cursor.fetchall():
                digest.update(row.encode())
    return digest.hexdigest()


@pytest.fixture
def old(asker: Member, helper: Member) -> Conversation:
    """Moved, with a number in its opening and in what came after it."""
    asked = HelpRequestFactory(requester=asker)
    made = earlier(helper, asked, (helper, PHONE), (asker, WORDS), (helper, PHONE), (asker, MONEY), (helper, THREAT))
    moving.run()
    return Conversation.objects.get(pk=made.pk)


@pytest.mark.django_db
class TestWhatGivesSomebodyAway:
    def test_it_is_sealed_and_read_as_before(self, old: Conversation, asker: Member, helper: Member) -> None:
        before = {member: texts(member, old.pk) for member in (asker, helper)}
        assert Move.objects.unscreened().count() == 1
        done = protect()
        assert (done.conversations, done.screened, done.sealed, done.for_moderators) == (1, 5, 2, 2)
        assert Move.objects.unscreened().count() == 0
        stored = Conversation.objects.get(pk=old.pk)
        assert (stored.initial_message == PHONE, bool(stored.key_id)) == (False, True)
        assert [bool(said.key_id) for said in Message.objects.order_by("sequence")] == [False, True, False, False]
        assert {member: texts(member, old.pk) for member in (asker, helper)} == before
        assert broken() == {}
        assert proving.verify() == []

    def test_what_is_kept_for_the_way_back_does_not_hold_it_in_the_clear(self, old: Conversation) -> None:
        assert PHONE in json.dumps(Move.objects.get().kept)
        protect()
        kept = Move.objects.get().kept or {}
        assert PHONE not in json.dumps(kept)
        assert readable(kept["initial_message"], kept["key_id"], opening_place(old.pk)) == PHONE

    def test_of_several_that_became_one_each_opens_where_it_belongs(self, asker: Member, helper: Member) -> None:
        asked = HelpRequestFactory(requester=asker)
        first, second = earlier(helper, asked, (helper, PHONE)), earlier(helper, asked, (helper, PHONE + " Second."))
        moving.run()
        protect()
        assert texts(asker, first.pk) == [PHONE, PHONE + " Second."]
        kept = Move.objects.get(pk=second.pk).kept or {}
        assert readable(kept["initial_message"], kept["key_id"], opening_place(second.pk)) == PHONE + " Second."
        assert proving.verify() == []
        assert broken() == {}

    def test_the_words_of_a_third_person_are_a_note_and_are_sealed_as_well(
        self, asker: Member, helper: Member, outsider: Member
    ) -> None:
        thread = earlier(helper, HelpRequestFactory(requester=asker))
        row = EarlierMessage.objects.get()
        add(outsider, row.conversation, PHONE)
        add(outsider, row.conversation, THREAT)
        moving.run()
        assert protect().for_moderators == 0, "a note is nobody's, so nobody can be asked about it"
        assert [bool(said.key_id) for said in Message.objects.order_by("sequence")] == [True, False]
        assert PHONE in texts(asker, thread.pk)

    def test_another_text_than_the_one_that_was_said_is_still_a_difference(self, old: Conversation) -> None:
        protect()
        sealed = Message.objects.exclude(key_id="").get()
        EarlierMessage.objects.filter(pk=sealed.pk).update(content="Other words.")
        assert [(one.id, one.what) for one in proving.verify()] == [(sealed.pk, "has other words")]


@pytest.mark.django_db
class TestWhatIsForModerators:
    def test_it_stays_and_they_read_it(self, old: Conversation, asker: Member) -> None:
        protect()
        cases = {case.target_id: case for case in Case.objects.all()}
        said = {readable(one.content, one.key_id, "") if not one.key_id else "": one for one in Message.objects.all()}
        assert set(cases) == {said[MONEY].pk, said[THREAT].pk}
        assert not any(case.is_held for case in cases.values()), "it was delivered long ago"
        assert THREAT in texts(asker, old.pk)
        assert said[MONEY].caution == "money"
        assert {one.outcome for one in KeptVerdict.objects.all()} == {"allow", "review"}
        assert KeptVerdict.objects.count() == 5

    def test_nobody_hears_of_it_and_nothing_is_counted(self, old: Conversation) -> None:
        def heard() -> tuple[int, ...]:
            with connection.cursor() as cursor:
                cursor.execute("SELECT (SELECT count(*) FROM procrastinate_jobs), (SELECT count(*) FROM limit_hits)")
                return (Notice.objects.count(), Attempt.objects.count(), *cursor.fetchone())

        before = heard()
        protect()
        assert heard() == before

    def test_somebody_with_little_trust_is_judged_by_what_these_words_say(self, asker: Member, helper: Member) -> None:
        earlier(helper, HelpRequestFactory(requester=asker))
        Member.objects.filter(pk=helper.pk).update(trust=10)
        moving.run()
        assert protect().for_moderators == 0

    @pytest.mark.parametrize("way", [1], indirect=True)
    def test_what_our_rules_have_read_before_is_not_read_again(self, way: int, asker: Member, helper: Member) -> None:
        made = offer(helper, HelpRequestFactory(requester=asker), MONEY)
        say(asker, made, PHONE)
        cases, verdicts = Case.objects.count(), KeptVerdict.objects.count()
        moving.run()
        assert protect().screened == 0
        assert (Case.objects.count(), KeptVerdict.objects.count()) == (cases, verdicts) == (1, 2)
        assert Move.objects.unscreened().count() == 0


@pytest.mark.django_db
class TestWhatV1HadHidden:
    @pytest.fixture
    def hidden(self, asker: Member, helper: Member) -> list[EarlierMessage]:
        thread = empty(helper, HelpRequestFactory(requester=asker))
        said = [add(helper, thread, f"Something vile {number}.", moderation_status="hidden") for number in range(2)]
        moving.run()
        return said

    def test_moderators_and_its_writer_have_it_and_nobody_else(
        self, hidden: list[EarlierMessage], asker: Member, helper: Member
    ) -> None:
        thread = Conversation.objects.get()
        assert protect().hidden == 2
        assert texts(asker, thread.pk) == texts(helper, thread.pk) == ["", ""]
        thread.refresh_from_db()
        assert [line["text"] for line in between(thread, 1, 9)] == ["Something vile 0.", "Something vile 1."]
        assert [row["words"] for row in written_by(helper)] == ["Something vile 0.", "Something vile 1."]
        assert "vile" not in thread.opening_hidden + Message.objects.get().hidden
        assert broken() == {}
        assert proving.verify() == []

    @pytest.mark.parametrize("place", [0, 1])
    def test_a_decision_of_ours_that_is_taken_back_does_not_show_it(
        self, place: int, hidden: list[EarlierMessage], asker: Member
    ) -> None:
        protect()
        releasing.hide(hidden[place].pk)
        releasing.show(hidden[place].pk)
        assert texts(asker, hidden[0].conversation_id) == ["", ""]

    def test_what_we_hid_is_shown_again(self, old: Conversation, asker: Member) -> None:
        protect()
        said = Message.objects.get(sequence=3)
        releasing.hide(said.pk)
        assert PHONE not in texts(asker, old.pk)[1:]
        releasing.show(said.pk)
        assert PHONE in texts(asker, old.pk)[1:]

    def test_their_download_has_it_once(self, hidden: list[EarlierMessage], helper: Member) -> None:
        protect()
        told = [*written_by(helper), *(left_in_the_earlier_system(helper) or [])]
        assert sorted(row["words"] for row in told) == ["Something vile 0.", "Something vile 1."]


@pytest.mark.django_db
class TestTheCommand:
    def test_a_dry_run_counts_and_changes_nothing(self, old: Conversation) -> None:
        before = everything()
        told = command("--dry-run")
        assert "5 messages of 1 conversations screened: 2 sealed, 2 for moderators" in told
        assert everything() == before

    def test_said_twice_it_does_nothing_more(self, old: Conversation) -> None:
        assert "5 messages of 1 conversations" in command()
        after = everything()
        assert "0 messages of 0 conversations" in command()
        assert everything() == after

    @pytest.mark.parametrize("batch", [1, 3, 1000])
    def test_whatever_the_batch_each_is_screened_once(self, batch: int, asker: Member, helper: Member) -> None:
        for number in range(4):
            earlier(helper, HelpRequestFactory(requester=asker), *[(helper, f"{PHONE} {number}")] * (number + 1))
        moving.run()
        done = protect(batch)
        assert (done.conversations, done.screened, KeptVerdict.objects.count()) == (4, 10, 10)

    def test_what_stayed_in_v1_stays_as_it_is(self, asker: Member, helper: Member) -> None:
        stays = earlier(helper, HelpRequestFactory(requester=asker), (helper, PHONE + "w" * 1000))
        moving.run()
        assert protect().screened == 0
        assert texts(asker, stays.pk) == [PHONE + "w" * 1000]

    def test_what_is_moved_later_is_screened_later(self, old: Conversation, asker: Member, helper: Member) -> None:
        protect()
        earlier(helper, HelpRequestFactory(requester=asker), (helper, PHONE))
        moving.run()
        assert Move.objects.unscreened().count() == 1
        assert protect().screened == 1

    def test_a_batch_of_nothing_is_refused(self) -> None:
        with pytest.raises(CommandError, match="--batch"):
            command("--batch", "0")


@pytest.mark.committed
class TestAtOnce:
    def test_two_at_once_one_says_so(self) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"]) as other:
            other.execute("SELECT pg_advisory_lock(hashtext('protect_old_messages'))")
            with pytest.raises(NotPermitted, match="Another"):
                protect()
        connections.close_all()
        assert protect().conversations == 0

    def test_somebody_who_writes_there_too_long_ends_it_in_one_sentence(self, old: Conversation) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"]) as other:
            other.execute("SELECT FROM conversations_v2 WHERE id = %s FOR UPDATE", [old.pk])
            with pytest.raises(CommandError, match="held a row"):
                command()
        assert Move.objects.unscreened().count() == 1

    def test_words_that_change_after_they_were_read_are_read_again(
        self, old: Conversation, helper: Member, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Between our rules and our lock somebody deletes one."""
        said = Message.objects.get(sequence=3)
        real = protecting._change
        is_done: list[Any] = []

        def deleting_first(*args: Any) -> Any:
            if not is_done:
                is_done.append(changing.delete_message(helper, said.pk))
            return real(*args)

        monkeypatch.setattr("legacy.services.protecting._change", deleting_first)
        assert protect().screened == 4
        said.refresh_from_db()
        assert (said.content, said.key_id, bool(said.deleted_at)) == ("", "", True)

    def test_killed_anywhere_and_run_again_it_is_as_if_nothing_had_happened(
        self, asker: Member, long_run: bool
    ) -> None:
        helpers = [MemberFactory() for _ in range(6)]
        for asked in HelpRequestFactory.create_batch(40 if long_run else 15, requester=asker):
            for each in helpers:
                earlier(each, asked, (each, PHONE), (asker, MONEY))
        moving.run()
        connections.close_all()
        command_line = [sys.executable, "manage.py", "protect_old_messages", "--batch", "1"]
        surroundings = os.environ | {"DJANGO_SETTINGS_MODULE": "carecollective.settings"}
        done: set[int] = set()
        for seed in range(60 if long_run else 5):
            quiet = subprocess.DEVNULL
            process = subprocess.Popen(command_line, cwd=ROOT, env=surroundings, stdout=quiet, stderr=quiet)
            before, deadline = Move.objects.unscreened().count(), time.monotonic() + 30
            while Move.objects.unscreened().count() == before and process.poll() is None:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            time.sleep(random.Random(seed).uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
            process.wait()
            done.add(Move.objects.unscreened().count())
            if not Move.objects.unscreened().exists():
                break
        assert len(done) > 2, "it was killed in the middle of it"
        protect()
        number = Conversation.objects.count()
        assert (KeptVerdict.objects.count(), Case.objects.count()) == (2 * number, number), "each once"
        assert not Conversation.objects.filter(key_id="").exists()
        assert (broken(), proving.verify()) == ({}, [])

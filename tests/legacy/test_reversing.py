"""A run is taken back: everything stands where it stood, and nothing that was said meanwhile is lost."""

import io
import os

import psycopg
import pytest
from django.core.management import CommandError, call_command

from carecollective.errors import NotPermitted
from carecollective.invariants import broken
from features import flag
from features.states import State
from legacy.models import EarlierConversation, EarlierMessage, Run
from legacy.services import alone, moving, proving, reversing
from members.models import Member
from messaging import reads
from messaging.models import Conversation, Message, Plan, Type
from messaging.services import changing, closing, deciding, planning, reading, releasing
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import WORDS, earlier
from tests.factories.messaging import offer_to, say
from tests.legacy.test_backfill import LONG_AGO, Faulty, everything, texts
from tests.messaging.test_plans import wish

pytestmark = pytest.mark.django_db

TABLES = (
    "conversations", "conversation_participants", "messages", "legacy_conversations", "legacy_messages",
    "conversations_v2", "messages_v2", "legacy_moves", "message_audit_log", "plans", "thanks",
)  # fmt: skip


@pytest.fixture
def faulty(asker: Member, helper: Member) -> Faulty:
    return Faulty(asker, helper)


def command(*args: str) -> str:
    out = io.StringIO()
    call_command("backfill_v1", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def started_in_v1(helper: Member, asker: Member) -> Conversation:
    flag.keep(flag.Answer(State.parse("off")))
    made = offer_to(asker, helper)
    flag.keep(flag.Answer(State.parse("on")))
    return made


class TestNothingHappenedSince:
    def test_everything_is_as_it_was(self, faulty: Faulty) -> None:
        before = everything(*TABLES)
        moving.run()
        assert everything(*TABLES) != before
        done = reversing.reverse()
        assert (done.conversations, done.stays) == (9, [])
        assert everything(*TABLES) == before
        assert (broken(), Run.objects.get().state) == ({}, "reversed")

    @pytest.mark.parametrize("batch", [1, 2])
    def test_in_batches_of_any_size(self, faulty: Faulty, batch: int) -> None:
        before = everything(*TABLES)
        moving.run()
        reversing.reverse(batch=batch)
        assert everything(*TABLES) == before

    def test_what_was_started_the_v1_way_too(self, asker: Member, helper: Member) -> None:
        made = started_in_v1(helper, asker)
        deciding.accept_offer(asker, made.pk)
        say(asker, made, "Key under the pot.", message_type=Type.SENSITIVE)
        changing.edit_message(helper, say(helper, made, "At nine."), "At ten.")
        releasing.hide(say(asker, made, "Something vile."))
        changing.delete_message(helper, say(helper, made, "Oops."))
        reading.mark_read(asker, made.pk, 3)
        before = everything(*TABLES)
        moving.run()
        reversing.reverse()
        assert everything(*TABLES) == before

    def test_between_two_members_who_each_began_one(self, asker: Member, helper: Member) -> None:
        for first, second in ((asker, helper), (helper, asker)):
            earlier(first, HelpRequestFactory(requester=second), (first, WORDS), (second, "Yes."), (first, "Good."))
        EarlierConversation.objects.update(help_request_id=None)
        before = everything(*TABLES)
        moving.run()
        reversing.reverse()
        assert everything(*TABLES) == before

    def test_while_words_are_protected_it_waits(self, faulty: Faulty) -> None:
        moving.run()
        with psycopg.connect(os.environ["DATABASE_URL"]) as other:
            other.execute(alone.TAKE, ["protect_old_messages"])
            with pytest.raises(NotPermitted, match="protect_old_messages is running"):
                reversing.reverse()
        assert "taken back" not in command("status")
        reversing.reverse()
        assert "moved, and taken back" in command("status")

    def test_moved_once_more_it_is_the_same_as_the_first_time(self, faulty: Faulty) -> None:
        moving.run()
        first = everything("conversations_v2", "messages_v2")
        reversing.reverse()
        again = moving.run()
        assert everything("conversations_v2", "messages_v2") == first
        assert again.digest == Run.objects.earliest("pk").digest
        assert proving.verify() == []


class TestWhatHappenedSince:
    def test_what_was_said_since_keeps_it_in_v2(self, faulty: Faulty) -> None:
        moving.run()
        said = say(faulty.helper, Conversation.objects.get(pk=faulty.whole), "See you on Friday.")
        done = reversing.reverse()
        assert done.stays == [(faulty.whole, "later")]
        assert Conversation.objects.get(pk=faulty.whole).version == 2
        assert list(Conversation.objects.filter(version=2).values_list("pk", flat=True)) == [faulty.whole]
        assert Message.objects.get(pk=said).content == "See you on Friday."
        assert (broken(), proving.verify(), Run.objects.get().state) == ({}, [], "done")

    def test_unless_it_is_carried_along(self, faulty: Faulty) -> None:
        moving.run()
        said = [
            say(faulty.helper, Conversation.objects.get(pk=thread), "See you on Friday.")
            for thread in (faulty.whole, faulty.first)
        ]
        before = [texts(faulty.asker, thread) for thread in (faulty.whole, faulty.first)]
        assert reversing.reverse(is_carried=True).stays == []
        assert set(Conversation.objects.values_list("version", flat=True)) == {1}
        assert texts(faulty.asker, faulty.whole) == before[0]
        assert texts(faulty.asker, faulty.first) == [WORDS, "And the dog?", "See you on Friday."]
        assert texts(faulty.asker, faulty.second) == ["I ask once more."]
        for one in said:
            there = EarlierMessage.objects.get(pk=one)
            assert (there.content, there.recipient_id) == ("See you on Friday.", faulty.asker.pk)
        assert broken() == {}
        say(faulty.asker, Conversation.objects.get(pk=faulty.whole), "Yes, on Friday.")
        assert broken() == {}
        assert moving.run().state == "done"
        assert (broken(), proving.verify()) == ({}, [])

    def test_what_was_done_to_the_words_holds_in_v1(self, asker: Member, helper: Member) -> None:
        old = earlier(helper, HelpRequestFactory(requester=asker), (helper, WORDS), (asker, "Good."), (helper, "Vile."),
                      (asker, "Oops."), (asker, "At nine."))  # fmt: skip
        moving.run()
        lines = dict(Message.objects.values_list("content", "pk"))
        releasing.hide(lines["Vile."])
        changing.delete_message(asker, lines["Oops."])
        changing.delete_message(helper, old.pk)
        before = texts(asker, old.pk)
        reversing.reverse()
        assert texts(asker, old.pk) == before
        there = EarlierMessage.objects.order_by("created_at").values_list("content", "moderation_status")
        assert list(there) == [
            ("", "approved"), ("Good.", "approved"), ("[protected]", "hidden"), ("", "approved"),
            ("At nine.", "approved"),
        ]  # fmt: skip
        assert EarlierMessage.objects.filter(deleted_at__isnull=False).count() == 2
        assert broken() == {}

    def test_an_answer_to_the_offer_goes_along(self, asker: Member, helper: Member, outsider: Member) -> None:
        asked = HelpRequestFactory(requester=asker)
        older, newer = earlier(helper, asked, at=LONG_AGO), earlier(helper, asked)
        alone, closed = (earlier(one, HelpRequestFactory(requester=asker)) for one in (helper, outsider))
        moving.run()
        deciding.accept_offer(asker, older.pk)
        deciding.accept_offer(asker, alone.pk)
        closing.close_conversation(asker, closed.pk)
        reversing.reverse(is_carried=True)
        states = dict(Conversation.objects.values_list("pk", "offer_state"))
        # Of the two the newer one had said where the offer stands.
        assert [states[one.pk] for one in (older, newer, alone)] == ["expired", "accepted", "accepted"]
        statuses = dict(EarlierConversation.objects.values_list("pk", "status"))
        assert [statuses[one.pk] for one in (older, newer, alone, closed)] == ["active"] * 3 + ["closed"]
        assert broken() == {}

    def test_a_plan_goes_back_with_the_conversation_it_was_made_in(self, asker: Member, helper: Member) -> None:
        asked = HelpRequestFactory(requester=asker)
        earlier(helper, asked, at=LONG_AGO)
        newer = earlier(helper, asked)
        deciding.accept_offer(asker, newer.pk)
        plan = planning.make_plan(asker, asked.pk, wish())
        before = everything(*TABLES)
        moving.run()
        assert Plan.objects.get().conversation_id != newer.pk
        reversing.reverse()
        assert Plan.objects.get().conversation_id == plan.conversation_id == newer.pk
        assert everything(*TABLES) == before

    def test_who_has_read_on_has_read_on(self, faulty: Faulty) -> None:
        moving.run()
        for thread in (faulty.whole, faulty.first):
            reading.mark_read(faulty.asker, thread, Conversation.objects.get(pk=thread).last_sequence)
        unread = {row["id"]: row["unread_count"] for row in reads.inbox(faulty.asker, 20)["rows"]}
        reversing.reverse()
        after = {row["id"]: row["unread_count"] for row in reads.inbox(faulty.asker, 20)["rows"]}
        assert after == unread | {str(faulty.second): 0}
        assert broken() == {}

    def test_a_member_who_may_not_write_any_more_keeps_their_words(self, asker: Member, helper: Member) -> None:
        from tests.factories.restrictions import restrict

        made = started_in_v1(helper, asker)
        say(helper, made, "At ten.")
        moving.run()
        restrict(helper)
        reversing.reverse()
        assert texts(asker, made.pk)[-1] == "At ten."


class TestTheCommand:
    def test_it_says_what_stays_and_ends_with_1(self, faulty: Faulty) -> None:
        moving.run()
        say(faulty.helper, Conversation.objects.get(pk=faulty.whole), "See you on Friday.")
        out = io.StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("backfill_v1", "reverse", stdout=out, stderr=io.StringIO())
        assert ended.value.code == 1
        assert str(faulty.whole) in out.getvalue()
        assert "1 stay in V2" in out.getvalue()
        assert "1 conversations with 3 messages stand in V1's tables again" in command("reverse", "--carry")

    def test_a_dry_run_says_it_and_changes_nothing(self, faulty: Faulty) -> None:
        moving.run()
        before = everything(*TABLES, "legacy_runs")
        told = command("reverse", "--dry-run")
        assert "nothing was changed" in told
        assert "9 conversations with" in told
        assert everything(*TABLES, "legacy_runs") == before

    def test_without_a_run_there_is_nothing_to_take_back(self, faulty: Faulty) -> None:
        with pytest.raises(CommandError, match="No backfill was run"):
            command("reverse")

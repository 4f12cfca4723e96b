"""An original installation comes over: whole, once, with all its faults, and nobody hears of it."""

import hashlib
import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.timezone import now

from carecollective.invariants import broken
from help_requests.models import HelpRequest
from legacy.importing import conversations, people, requests, settings, stage
from legacy.models import EarlierConversation, EarlierMessage, Newcomer
from legacy.services import moving, proving
from members.models import Member
from messaging import reads
from messaging.models import Conversation
from notifications import preferences
from tests.factories.members import MemberFactory
from tests.support.original import LONG_AGO, Original, Small, brought, refuse

pytestmark = pytest.mark.committed

UNHEARD = ("events", "notices", "attempts", "procrastinate_jobs", "message_audit_log")


def command(*words: str) -> str:
    out = io.StringIO()
    call_command("import_v1", *words, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def everything(*but: str) -> str:
    """All rows of all tables, as one digest."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND has_table_privilege(oid, 'SELECT') ORDER BY 1"
        )
        for (table,) in cursor.fetchall():
            if table not in but:
                cursor.execute(f"SELECT it::text FROM {table} AS it ORDER BY 1")
                for (row,) in cursor.fetchall():
                    digest.update(f"{table} {row}".encode())
    return digest.hexdigest()


def rows(*tables: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + " + ".join(f"(SELECT count(*) FROM {table})" for table in tables))
        return int(cursor.fetchone()[0])


def texts(member_id: Any, conversation_id: Any) -> list[str]:
    member = Member.objects.get(pk=member_id)
    return [line["content"] for line in reads.thread_rows(member, conversation_id, reads.Slice())[1]]


class TestPeople:
    def test_they_keep_their_id_and_address_and_lose_their_password(self, original: Original, small: Small) -> None:
        brought(original)
        ana = Member.objects.get(pk=small.ana)
        assert (ana.email, ana.name, ana.called, ana.town) == ("ana@example.org", "Ana", "Ana", "Springfield")
        assert (ana.verification_status, ana.email_confirmed_at, ana.created_at) == ("approved", LONG_AGO, LONG_AGO)
        assert not ana.has_usable_password()
        assert Newcomer.objects.filter(pk=small.ana, invited_at=None).exists()

    @pytest.mark.parametrize(
        ("there", "here"),
        [("approved", "approved"), ("pending", "pending"), ("rejected", "rejected"), ("Verified", "approved"),
         ("strange", "pending"), (None, "pending")],
    )  # fmt: skip
    def test_their_membership_is_what_it_was(self, original: Original, there: str | None, here: str) -> None:
        key = original.person("Ana", status=there, rejection_reason="Not a caregiver.")  # type: ignore[arg-type]
        brought(original)
        assert Member.objects.get(pk=key).verification_status == here
        assert Member.objects.get(pk=key).verification_changes.count() == (here == "rejected")
        assert broken() == {}

    def test_an_administrator_there_is_nobodys_staff_here(self, original: Original) -> None:
        key = original.person("Ana", is_admin=True)
        tally = brought(original)
        ana = Member.objects.get(pk=key)
        assert (ana.is_staff, ana.is_superuser, list(ana.groups.all())) == (False, False, [])
        assert tally.changed["people", people.WAS_ADMIN] == 1

    def test_approved_without_a_confirmed_address_waits(self, original: Original) -> None:
        key = original.person("Ana", email_confirmed_at=None)
        assert brought(original).changed["people", people.UNCONFIRMED] == 1
        assert Member.objects.get(pk=key).is_pending

    def test_of_two_with_one_address_the_first_comes(self, original: Original) -> None:
        first = original.person("Ana")
        original.person("Anna", email="ANA@Example.org", id=UUID(int=2**128 - 1))
        tally = brought(original)
        assert tally.skipped["people", people.SAME_ADDRESS] == 1
        assert Member.objects.get().pk == first

    @pytest.mark.parametrize(
        "address", [None, "", "nobody", "a@b@c", "ann\x07a@example.org", "x" * 250 + "@example.org"]
    )
    def test_nobody_without_an_address(self, original: Original, address: str | None) -> None:
        key = original.person("Ana", email=None)
        original.say("ALTER TABLE auth.users ALTER email TYPE text")
        original.say("UPDATE auth.users SET email = %s", address)
        assert brought(original).skipped["people", people.NO_ADDRESS] == 1
        assert not Member.objects.filter(pk=key).exists()

    def test_whoever_is_here_already_stays_as_they_are(self, original: Original, small: Small) -> None:
        same = MemberFactory(id=small.ana, name="Ana of here", email="other@example.org")
        taken = MemberFactory(email="ben@example.org")
        tally = brought(original)
        same.refresh_from_db()
        assert same.name == "Ana of here"
        assert (tally.here["people"], tally.skipped["people", people.ADDRESS_IS_HERE]) == (1, 1)
        assert set(Member.objects.values_list("pk", flat=True)) == {same.pk, taken.pk}
        assert broken() == {}

    def test_accounts_without_a_profile_and_the_other_way_round(self, original: Original) -> None:
        original.put("auth.users", email="solo@example.org", raw_user_meta_data='{"name": "Solo Lee"}')
        original.put("profiles", name="Ghost")
        original.person("Gone", deleted_at=now())
        tally = brought(original)
        assert Member.objects.get().name == "Solo Lee"
        assert {reason for _, reason in tally.skipped} == {people.NO_ACCOUNT, people.IS_DELETED}


class TestRequests:
    def test_an_open_one_ends_thirty_days_from_now(self, original: Original, small: Small) -> None:
        brought(original)
        found = HelpRequest.objects.get(pk=small.request)
        assert (found.requester_id, found.status, found.category) == (small.ana, "open", "groceries-meals")
        assert found.expires_at
        assert abs(found.expires_at - now() - timedelta(days=30)) < timedelta(minutes=5)

    @pytest.mark.parametrize("status", ["completed", "cancelled", "canceled", "closed", "expired", "strange", None])
    def test_each_end_is_an_end(self, original: Original, status: str | None) -> None:
        ana, ben = original.person("Ana"), original.person("Ben")
        original.request(ana, status=status, helper_id=ben)
        original.request(ana, status=status, helper_id=ana)
        original.request(ana, status=status)
        brought(original)
        wanted = {"completed": "completed", None: "open", "canceled": "cancelled", "cancelled": "cancelled"}
        assert set(HelpRequest.objects.values_list("status", flat=True)) == {wanted.get(status, "closed")}
        assert broken() == {}

    def test_in_progress_with_the_helper_whose_chat_came(self, original: Original) -> None:
        ana, ben = original.person("Ana"), original.person("Ben")
        request = original.request(ana, status="in_progress", helper_id=ben)
        thread = original.conversation(request, ben, ana)
        original.said(thread, ben, "I can come on Friday.")
        brought(original)
        found = HelpRequest.objects.get()
        assert (found.status, found.helper_id) == ("in_progress", ben)
        assert Conversation.objects.get().offer_state == "accepted"
        assert broken() == {}

    @pytest.mark.parametrize("how", ["no chat", "no words", "helper gone", "another helper", "the asker"])
    def test_in_progress_with_nobody_is_open_again(self, original: Original, how: str) -> None:
        ana, ben = original.person("Ana"), original.person("Ben")
        carl = original.person("Carl", deleted_at=now() if how == "helper gone" else None)
        chosen = {"helper gone": carl, "another helper": carl, "the asker": ana}.get(how, ben)
        request = original.request(ana, status="in_progress", helper_id=chosen)
        if how != "no chat":
            thread = original.conversation(request, ben, ana)
            original.said(thread, ben, " " if how == "no words" else "I can come on Friday.")
        brought(original)
        found = HelpRequest.objects.get()
        assert (found.status, found.helper_id, found.in_progress_at) == ("open", None, None)
        assert broken() == {}

    def test_what_does_not_fit_is_made_to_and_told(self, original: Original) -> None:
        ana = original.person("Ana")
        short = original.request(ana, "Milk", category="petcare", urgency="whenever", location_privacy="friends")
        long = original.request(ana, "w" * 300, description="d" * 3000, category="nonsense")
        bare = original.request(ana, None, category=None, urgency=None, location_privacy=None)  # type: ignore[arg-type]
        tally = brought(original)
        found = HelpRequest.objects.get(pk=short)
        assert (found.title, found.category, found.urgency) == ("Milk (House and yard)", "household-yard", "normal")
        assert (found.location_privacy, found.town) == ("after_match", "Springfield")
        assert len(HelpRequest.objects.get(pk=long).title) == 100
        assert HelpRequest.objects.get(pk=bare).title == "Something else"
        told = {how for _, how in tally.changed}
        assert {requests.NEW_TITLE, requests.CUT} < told
        assert "had a location privacy we do not know; it is “after match” here" in told

    def test_nobodys_request_stays_there(self, original: Original) -> None:
        original.request(original.person("Gone", deleted_at=now()))
        assert brought(original).skipped["help requests", requests.NO_OWNER] == 1


class TestConversations:
    def test_they_are_read_as_they_were(self, original: Original, small: Small) -> None:
        brought(original)
        assert texts(small.ana, small.thread) == ["I can come on Friday.", "That would be lovely."]
        found = Conversation.objects.get()
        assert (found.pk, found.version, found.requester_unread, found.helper_unread) == (small.thread, 1, 0, 1)
        assert EarlierConversation.objects.count() == 2
        assert broken() == {}

    def test_later_ones_come_as_earlier_ones(self, original: Original, small: Small) -> None:
        request = original.request(small.ana)
        later = original.later_conversation(request, small.ben, small.ana, "I could help you here.", status="strange")
        original.later_said(later, small.ana, "Please do.", LONG_AGO + timedelta(days=1))
        original.later_said(later, small.ana, "c2VjcmV0", LONG_AGO + timedelta(days=2), encryption_status="encrypted")
        original.later_conversation(None, small.ben, small.ana, "Twice there.", id=small.thread)
        tally = brought(original)
        assert texts(small.ana, later) == ["I could help you here.", "Please do."]
        assert tally.skipped["messages", "is encrypted there, with a key that is not here"] == 1
        assert any("strange" in line for line in tally.drift)
        moving.run()
        assert (Conversation.objects.get(pk=later).version, broken(), proving.verify()) == (2, {}, [])

    def test_every_fault_is_told_and_the_rest_comes(self, original: Original, small: Small) -> None:
        for table in ("messages", "conversations"):
            original.say(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ALTER id DROP NOT NULL")
        original.said(original.put("conversations", id=None), small.ben, "Whose?", id=None)
        original.said(small.request, small.ben, "In no conversation.")
        original.said(small.thread, small.ben, None)
        original.said(small.thread, small.ben, "w" * 5000, 5, message_type="odd", status="odd", moderation_status="odd")
        original.said(small.thread, small.ben, "Endless.", created_at="infinity")
        original.said(small.thread, small.ben, "That again.", 7, id=small.first)
        original.said(small.thread, None, "Marked as done.", 8, message_type="system")
        tally = brought(original)
        assert {reason for kind, reason in tally.skipped if kind == "messages"} == {
            "has no id", "its conversation is not there", "has no words",
        }  # fmt: skip
        assert len([line for line in tally.drift if "“odd”" in line]) == 3
        assert "Endless." in texts(small.ben, small.thread)
        assert (len(texts(small.ben, small.thread)), broken()) == (5, {})

    def test_a_refused_one_stays_there_and_the_others_come(self, original: Original, small: Small) -> None:
        odd = original.conversation(original.request(small.ana), small.ben, small.ana)
        original.said(odd, small.ben, "Refuse me, please.")
        refuse("23514")
        tally = brought(original)
        assert tally.first["conversations", conversations.REFUSED] == [str(odd)]
        assert set(EarlierConversation.objects.values_list("pk", flat=True)) == {small.thread, small.empty}
        assert (EarlierMessage.objects.count(), broken()) == (2, {})

    def test_then_the_backfill_moves_them(self, original: Original, small: Small) -> None:
        brought(original)
        moving.run()
        assert Conversation.objects.get().version == 2
        assert (broken(), proving.verify()) == ({}, [])
        assert texts(small.ana, small.thread) == ["I can come on Friday.", "That would be lovely."]
        original.said(small.thread, small.ben, "Said there after the move.", 9)
        before = everything()
        again = brought(original)
        assert again.skipped["messages", stage.LEFT_OUT[7][1]] == 1
        assert everything() == before


class TestSettings:
    def test_they_hold_here(self, original: Original, small: Small) -> None:
        night = {"quiet_hours_start": "22:00", "quiet_hours_end": "07:00"}
        rule = {"id": ..., "created_at": ...}
        original.put("messaging_preferences", user_id=small.ana, can_receive_from="nobody", email_notifications=False,
                     **night, **rule)  # fmt: skip
        original.put(
            "messaging_preferences", user_id=small.ben, can_receive_from="odd", quiet_hours_start="22:00", **rule
        )
        tally = brought(original)
        ana = preferences.of(Member.objects.get(pk=small.ana))
        assert (ana.can_receive_from, ana.email, str(ana.quiet_hours_end)) == ("nobody", "off", "07:00:00")
        ben = preferences.of(Member.objects.get(pk=small.ben))
        assert (ben.can_receive_from, ben.email, ben.quiet_hours_start) == ("help_connections", "now", None)
        assert {how for _, how in tally.changed} == {settings.UNKNOWN, settings.NO_NIGHT}


class TestOnce:
    def test_twice_is_once(self, original: Original, small: Small) -> None:
        brought(original)
        before = everything()
        again = brought(original)
        assert everything() == before
        assert set(again.brought.elements()) == set()
        assert (again.here["people"], again.here["messages"]) == (2, 2)

    def test_what_came_since_comes_the_next_time(self, original: Original, small: Small) -> None:
        brought(original)
        original.said(small.thread, small.ben, "At nine, then.", 3)
        carl = original.person("Carl")
        other = original.conversation(small.request, carl, small.ana)
        original.said(other, carl, "I could come, too.", 4)
        original.said(small.empty, small.ben, "These words came late.", 4)
        tally = brought(original)
        assert (tally.brought["people"], tally.brought["conversations"], tally.brought["messages"]) == (1, 1, 3)
        assert texts(small.ana, small.thread)[-1] == "At nine, then."
        assert texts(small.ana, small.empty) == ["These words came late."]
        assert broken() == {}

    def test_nobody_hears_of_it(self, original: Original, small: Small) -> None:
        before = rows(*UNHEARD)
        brought(original)
        assert rows(*UNHEARD) == before

    @pytest.mark.parametrize("batch", [1, 3, 1000])
    def test_the_size_of_a_batch_changes_nothing(self, original: Original, small: Small, batch: int) -> None:
        assert sum(brought(original, batch=batch).brought.values()) == 2 + 2 + 2 + 4 + 2
        assert broken() == {}

    def test_a_dry_run_changes_nothing_and_says_the_same(
        self, original: Original, small: Small, tmp_path: Path
    ) -> None:
        original.person("Nobody", email=None)
        before = everything()
        tried = brought(original, is_dry=True)
        assert everything() == before
        done = brought(original)
        assert (tried.brought, tried.skipped) == (done.brought, done.skipped)


class TestTheCommand:
    def test_it_says_what_it_did(self, original: Original, small: Small, tmp_path: Path) -> None:
        original.person("Nobody", email=None)
        report = tmp_path / "report.txt"
        told = command("--from", original.address, "--report", str(report))
        assert "people: 2 brought, 0 here already, 1 skipped" in told
        assert f"1 people: {people.NO_ADDRESS}" in told
        assert people.NO_ADDRESS in report.read_text()
        assert "nothing was changed" in command("--from", original.address, "--dry-run")

    @pytest.mark.parametrize(
        "words", [(), ("--from", "x", "--invite"), ("--from", "x", "--batch", "0"), ("--from", "x", "--batch", "99999")]
    )
    def test_what_makes_no_sense_is_refused(self, words: tuple[str, ...]) -> None:
        with pytest.raises(CommandError):
            command(*words)

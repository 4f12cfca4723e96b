"""What the earlier system left in its tables: who reads it, as what, and what counts for nothing."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils.timezone import now

from carecollective.errors import ConversationExists, NotFound, NotPermitted
from carecollective.invariants import broken
from help_requests.models import HelpRequest
from legacy.models import EarlierConversation, EarlierMessage, EarlierParticipant
from members.models import Member
from messaging import reads
from messaging.models import Conversation, Message
from messaging.models.words import Show
from messaging.services import changing, deciding, offering, reading
from notifications import preferences
from tests.cast import client_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import WORDS, add, earlier, empty
from tests.factories.members import MemberFactory
from tests.factories.messaging import accepted, offer, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of_ana(asker: Member) -> HelpRequest:
    return HelpRequestFactory(requester=asker)


def inbox(member: Member) -> list[dict[str, Any]]:
    answer = client_of(member).get("/api/messaging/conversations")
    assert answer.status_code == 200
    rows: list[dict[str, Any]] = answer.json()["conversations"]
    return rows


def texts(member: Member, conversation: Conversation) -> list[str]:
    _, said, _ = reads.thread_rows(member, conversation.pk, reads.Slice())
    return [line["content"] for line in said]


class TestWithWords:
    def test_both_read_it_in_one_list_with_what_is_new(self, asker: Member, helper: Member) -> None:
        old = earlier(helper, HelpRequestFactory(requester=asker), (helper, WORDS), (asker, "Friday is fine."))
        new = offer(helper, HelpRequestFactory(requester=asker))
        assert [(row["id"], row["version"]) for row in inbox(asker)] == [(str(new.pk), 2), (str(old.pk), 1)]
        row = inbox(helper)[1]
        assert (row["unread_count"], row["last_message"]["content"], row["last_sequence"]) == (1, "Friday is fine.", 2)
        assert (row["requester_id"], row["helper_id"]) == (str(asker.pk), str(helper.pk))
        assert (row["offer_state"], row["status"], row["initial_message"]) == ("offered", "active", WORDS)
        assert texts(helper, old) == [WORDS, "Friday is fine."]
        assert broken() == {}

    def test_the_number_of_statements_is_the_same_for_any_number_of_them(
        self, asker: Member, helper: Member, django_assert_num_queries: Any
    ) -> None:
        def many(number: int) -> None:
            for _ in range(number):
                earlier(helper, HelpRequestFactory(requester=asker))
                offer(MemberFactory(), HelpRequestFactory(requester=asker))

        for number in (1, 8):
            many(number)
            with django_assert_num_queries(1):
                found = reads.inbox(asker, 50)
        assert len(found["rows"]) == 18

    def test_they_are_answered(self, asker: Member, helper: Member, request_of_ana: HelpRequest) -> None:
        old = earlier(helper, request_of_ana)
        sent = client_of(asker).post(
            f"/api/messaging/conversations/{old.pk}/messages", {"content": "Friday is fine."}, format="json"
        )
        assert sent.status_code == 201
        row = EarlierMessage.objects.get(pk=sent.json()["message_id"])
        assert (row.content, row.sender_id, row.recipient_id) == ("Friday is fine.", asker.pk, helper.pk)
        moved = row.conversation.last_message_at
        assert moved
        assert moved > now() - timedelta(minutes=1)
        assert texts(helper, old) == [WORDS, "Friday is fine."]
        assert broken() == {}

    def test_a_stranger_finds_nothing(self, outsider: Member, helper: Member, request_of_ana: HelpRequest) -> None:
        old = earlier(helper, request_of_ana)
        assert inbox(outsider) == []
        assert client_of(outsider).get(f"/api/messaging/conversations/{old.pk}").status_code == 404

    def test_what_was_read_there_is_read(self, asker: Member, helper: Member, request_of_ana: HelpRequest) -> None:
        thread = empty(helper, request_of_ana)
        for words, status in (("One is read.", "read"), ("Two as well.", "read"), ("Three is not.", "delivered")):
            add(helper, thread, words, status=status)
        add(asker, thread, "Thank you.", read_at=now())
        row = Conversation.objects.get(pk=thread.pk)
        assert (row.requester_read, row.requester_unread) == (2, 1)
        assert (row.helper_read, row.helper_unread) == (4, 0)
        assert broken() == {}

    def test_reading_is_kept_there_too(self, asker: Member, helper: Member, request_of_ana: HelpRequest) -> None:
        old = earlier(helper, request_of_ana, (helper, WORDS), (helper, "Or Saturday."), (helper, "Or Sunday."))
        reading.mark_delivered(asker, old.pk, 3)
        reading.mark_read(asker, old.pk, 2)
        rows = EarlierMessage.objects.filter(conversation=old.pk).order_by("created_at")
        assert [row.status for row in rows] == ["read", "read", "delivered"]
        assert [row.read_at is not None for row in rows] == [True, True, False]

    def test_deleted_and_hidden_words_are_in_nobodys_answer(
        self, asker: Member, helper: Member, request_of_ana: HelpRequest
    ) -> None:
        thread = empty(helper, request_of_ana)
        add(helper, thread)
        add(helper, thread, "Oh, delete this.", deleted_at=now())
        add(asker, thread, "Something vile.", moderation_status="removed")
        old = Conversation.objects.get(pk=thread.pk)
        for member in (asker, helper):
            assert texts(member, old) == [WORDS, "", ""]
        kept = EarlierMessage.objects.get(moderation_status="removed")
        assert kept.content == "Something vile.", "it stays where it stood"
        assert broken() == {}

    def test_deleted_there_it_is_deleted_here(self, asker: Member, helper: Member, request_of_ana: HelpRequest) -> None:
        old = earlier(helper, request_of_ana, (helper, WORDS), (helper, "Or Saturday."))
        before = reads.record(asker, old.pk)
        EarlierMessage.objects.filter(conversation=old.pk).update(deleted_at=now())
        assert texts(asker, old) == ["", ""]
        assert [row["sequence"] for row in reads.changed(asker, old.pk, before, 9)] == [1, 2], "open pages hear of it"

    def test_what_is_longer_than_we_allow_is_read_whole(
        self, asker: Member, helper: Member, request_of_ana: HelpRequest
    ) -> None:
        old = earlier(helper, request_of_ana, (helper, "w" * 1500), (asker, "y" * 2000))
        assert texts(asker, old) == ["w" * 1500, "y" * 2000]

    def test_a_third_person_and_that_system_itself_are_notes(
        self, asker: Member, helper: Member, outsider: Member, request_of_ana: HelpRequest
    ) -> None:
        thread = empty(helper, request_of_ana, outsider)
        add(helper, thread)
        add(outsider, thread, "I come along.")
        add(None, thread, "The request was changed.", message_type="help_request_update")
        old = Conversation.objects.get(pk=thread.pk)
        lines = reads.thread_rows(asker, old.pk, reads.Slice())[1]
        assert [(line["type"], line["sender_id"]) for line in lines[1:]] == [("system", None), ("system", None)]
        assert texts(asker, old)[1:] == ["I come along.", "The request was changed."]
        assert inbox(outsider) == [], "a conversation has two people"
        assert broken() == {}

    def test_its_opening_is_found_by_the_id_it_had(
        self, asker: Member, helper: Member, request_of_ana: HelpRequest
    ) -> None:
        old = earlier(helper, request_of_ana)
        first = EarlierMessage.objects.get()
        found = changing.find(asker, first.pk)
        assert (found.is_opening, found.row.pk, found.text) == (True, old.pk, WORDS)
        changing.delete_message(helper, first.pk)
        first.refresh_from_db()
        assert (first.content, first.deleted_at is not None) == ("", True)
        with pytest.raises(NotFound):
            changing.find(MemberFactory(), first.pk)


class TestWithoutWords:
    def test_it_counts_for_nothing(self, asker: Member, helper: Member, request_of_ana: HelpRequest) -> None:
        thread = empty(helper, request_of_ana)
        assert inbox(asker) == inbox(helper) == []
        assert not Conversation.objects.filter(pk=thread.pk).exists()

    @pytest.mark.parametrize("words", ["", " \n\t "])
    def test_blank_words_are_none(self, words: str, asker: Member, helper: Member, request_of_ana: HelpRequest) -> None:
        add(helper, empty(helper, request_of_ana), words)
        assert inbox(asker) == []

    @pytest.mark.both_ways
    def test_its_helper_offers_again(
        self, way: int, asker: Member, helper: Member, request_of_ana: HelpRequest
    ) -> None:
        empty(helper, request_of_ana)
        answer = client_of(helper).post(
            f"/api/messaging/help-requests/{request_of_ana.pk}/start-conversation",
            {"initial_message": WORDS}, format="json",
        )  # fmt: skip
        assert (answer.status_code, answer.json()["version"]) == (201, way)
        assert [row["id"] for row in inbox(asker)] == [answer.json()["conversation_id"]]
        again = client_of(helper).post(
            f"/api/messaging/help-requests/{request_of_ana.pk}/start-conversation",
            {"initial_message": WORDS}, format="json",
        )  # fmt: skip
        assert (again.status_code, again.json()["conversation_id"]) == (409, answer.json()["conversation_id"])

    @pytest.mark.both_ways
    def test_one_with_words_is_a_conversation_already(
        self, way: int, helper: Member, request_of_ana: HelpRequest
    ) -> None:
        old = earlier(helper, request_of_ana)
        answer = client_of(helper).post(
            f"/api/messaging/help-requests/{request_of_ana.pk}/start-conversation",
            {"initial_message": WORDS}, format="json",
        )  # fmt: skip
        assert (answer.status_code, answer.json()["conversation_id"]) == (409, str(old.pk))


class TestWhoIsInIt:
    def test_people_come_after_the_words(self, asker: Member, helper: Member, request_of_ana: HelpRequest) -> None:
        thread = EarlierConversation.objects.create(help_request_id=request_of_ana.pk, created_by=helper.pk)
        add(helper, thread)
        assert not Conversation.objects.filter(pk=thread.pk).exists()
        EarlierParticipant.objects.bulk_create(
            [EarlierParticipant(conversation=thread, user_id=member.pk) for member in (asker, helper)]
        )
        assert [row["id"] for row in inbox(asker)] == [str(thread.pk)]

    def test_opened_by_who_asked(self, asker: Member, helper: Member, request_of_ana: HelpRequest) -> None:
        thread = empty(helper, request_of_ana)
        EarlierConversation.objects.filter(pk=thread.pk).update(created_by=asker.pk)
        add(asker, thread, "Can you help me?")
        old = Conversation.objects.get(pk=thread.pk)
        assert (old.requester_id, old.helper_id, old.opening_sender_id) == (asker.pk, helper.pk, asker.pk)
        assert (old.requester_unread, old.helper_unread) == (0, 1)
        assert broken() == {}

    @pytest.mark.parametrize("request_is", ["none", "gone"])
    def test_without_a_request_it_is_direct(self, request_is: str, asker: Member, helper: Member) -> None:
        thread = empty(helper, None, asker)
        if request_is == "gone":
            EarlierConversation.objects.update(help_request_id=uuid4())
        add(helper, thread)
        old = Conversation.objects.get(pk=thread.pk)
        assert (old.kind, old.helper_id, old.requester_id, old.offer_state) == ("direct", helper.pk, asker.pk, None)

    def test_somebody_who_is_missing_leaves_nothing_to_read(self, helper: Member, request_of_ana: HelpRequest) -> None:
        thread = empty(helper, None)
        EarlierParticipant.objects.create(conversation=thread, user_id=uuid4())
        add(helper, thread)
        assert inbox(helper) == []

    def test_several_of_one_pair_are_all_read(self, asker: Member, helper: Member, request_of_ana: HelpRequest) -> None:
        two = [earlier(helper, request_of_ana), earlier(helper, request_of_ana)]
        assert {row["id"] for row in inbox(asker)} == {str(one.pk) for one in two}
        say(asker, two[0])
        say(asker, two[1])
        assert broken() == {}

    @pytest.mark.parametrize("is_before", [True, False])
    @pytest.mark.parametrize("side", ["asker", "helper"])
    def test_whoever_left_reads_and_writes_no_more(
        self, side: str, is_before: bool, asker: Member, helper: Member, request_of_ana: HelpRequest
    ) -> None:
        gone, stays = (asker, helper) if side == "asker" else (helper, asker)
        thread = empty(helper, request_of_ana)

        def leave() -> None:
            EarlierParticipant.objects.filter(user_id=gone.pk).update(left_at=now())

        if is_before:
            leave()
        add(helper, thread)
        if not is_before:
            leave()
        old = Conversation.objects.get(pk=thread.pk)
        assert inbox(gone) == []
        assert client_of(gone).get(f"/api/messaging/conversations/{old.pk}").status_code == 404
        assert reads.shown(gone, Show.ALL, 20)["rows"] == []
        assert [row["id"] for row in inbox(stays)] == [str(old.pk)], "the other one goes on reading"
        for member in (gone, stays):
            with pytest.raises(NotPermitted):
                say(member, old)
        if gone == asker:
            assert reads.offers(asker, request_of_ana.pk) == []
        assert broken() == {}

    @pytest.mark.parametrize("status", ["closed", "blocked"])
    def test_what_was_closed_or_blocked_is_closed(
        self, status: str, asker: Member, helper: Member, request_of_ana: HelpRequest
    ) -> None:
        thread = empty(helper, request_of_ana, status=status)
        add(helper, thread)
        going = earlier(helper, HelpRequestFactory(requester=asker))
        EarlierConversation.objects.filter(pk=going.pk).update(status=status)
        for old in Conversation.objects.all():
            assert old.status == "closed"
            with pytest.raises(NotPermitted):
                say(asker, old)


class TestWhereItsOfferStands:
    def test_it_waits_and_its_clock_begins_now(self, helper: Member, request_of_ana: HelpRequest) -> None:
        old = earlier(helper, request_of_ana, at=now() - timedelta(days=13))
        assert old.offer_state == "offered"
        assert old.offered_at
        assert old.offered_at > now() - timedelta(minutes=1)

    def test_an_old_one_rests(self, helper: Member, request_of_ana: HelpRequest) -> None:
        assert earlier(helper, request_of_ana, at=now() - timedelta(days=15)).offer_state == "expired"

    @pytest.mark.parametrize("status", ["completed", "cancelled", "closed"])
    def test_one_whose_request_is_over_rests(self, status: str, asker: Member, helper: Member) -> None:
        over = HelpRequestFactory(requester=asker, **{status: True})
        assert earlier(helper, over).offer_state == "expired"

    def test_who_was_chosen_is_accepted_once(self, asker: Member, helper: Member, outsider: Member) -> None:
        taken = accepted(asker, outsider).help_request
        assert taken
        assert earlier(helper, taken).offer_state == "offered", "somebody else was chosen"
        chosen = HelpRequestFactory(requester=asker)
        HelpRequest.objects.filter(pk=chosen.pk).update(status="in_progress", helper=helper, in_progress_at=now())
        assert [earlier(helper, chosen).offer_state for _ in range(2)] == ["accepted", "offered"]
        assert broken() == {}

    def test_it_is_decided_like_any_other(self, asker: Member, helper: Member, outsider: Member) -> None:
        asked = HelpRequestFactory(requester=asker)
        old, other, third = earlier(helper, asked), earlier(outsider, asked), offer(MemberFactory(), asked)
        deciding.accept_offer(asker, old.pk)
        deciding.decline_offer(asker, other.pk)
        deciding.withdraw_offer(third.helper, third.pk)
        deciding.withdraw_offer(helper, old.pk)
        deciding.renew_offer(helper, old.pk)
        states = dict(Conversation.objects.values_list("pk", "offer_state"))
        assert states == {old.pk: "offered", other.pk: "declined", third.pk: "withdrawn"}
        assert list(EarlierMessage.objects.filter(message_type="help_request_update").values_list("content", flat=True))
        assert broken() == {}

    def test_accepting_one_can_say_no_to_those_of_both_versions(self, asker: Member, helper: Member) -> None:
        asked = HelpRequestFactory(requester=asker)
        old, new = earlier(MemberFactory(), asked), offer(MemberFactory(), asked)
        mine = offer(helper, asked)
        deciding.accept_offer(asker, mine.pk, "decline")
        assert {Conversation.objects.get(pk=one.pk).offer_state for one in (old, new)} == {"declined"}


def test_two_people_have_one_direct_conversation_whichever_version_it_has(asker: Member, helper: Member) -> None:
    thread = empty(helper, None, asker)
    add(helper, thread)
    preferences.change(asker, can_receive_from="anyone")
    with pytest.raises(ConversationExists, match="already have a conversation"):
        offering.start_direct(helper, asker.pk, "Hello Ana, how are you?")
    assert Message.objects.count() == 0

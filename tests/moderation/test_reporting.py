"""Reporting: what may be, what is sealed of it, and that nobody takes it away again."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.models import AuditEntry
from carecollective.encryption import fingerprint, new_key
from carecollective.errors import AlreadyReported, NotFound, NotPermitted, NotValid, RateLimited
from carecollective.invariants import broken
from carecollective.ports import reportable
from help_requests.models import LocationPrivacy
from members import limits
from members.models import Block, LimitHits, Member
from members.services import blocks
from messaging.models import Conversation, Deed, Message, MessageRecord, Type
from messaging.services import changing, closing
from moderation.models import Kind, Reason, Report
from moderation.services import reporting
from moderation.services.reporting import Complaint
from notifications.models import Notice
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, accepted, offer_to, say
from tests.factories.moderation import an_open_case

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]
RUDE = "You people are all the same, and so is your mother."


@pytest.fixture
def thread(asker: Member, helper: Member) -> Conversation:
    return offer_to(asker, helper)


def report(
    reporter: Member, kind: Kind, target_id: UUID | None, reason: Reason = Reason.HARASSMENT, **more: Any
) -> Report:
    assert target_id
    return reporting.report(reporter, kind, target_id, Complaint(reason, **more))


def texts(report: Report) -> list[str]:
    return [line["text"] for line in report.opened_evidence["messages"]]


def raw(report: Report) -> str:
    """The row as somebody with a copy of the database reads it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT message_reports::text FROM message_reports WHERE id = %s", [report.pk])
        return str(cursor.fetchone()[0])


class TestWhoMayReportWhat:
    def test_every_kind_has_a_room_that_finds_it(self) -> None:
        # The place of a plan is for the house alone: whoever is hurt by it reports the chat.
        assert set(reportable()) == {*Kind.values, "plan"}

    def test_a_message_by_the_other_one(self, asker: Member, helper: Member, thread: Conversation) -> None:
        message = say(helper, thread, RUDE)
        made = report(asker, Kind.MESSAGE, message, description="It made me cry.")
        assert (made.reporter, made.author, made.target_id, made.conversation_id) == (asker, helper, message, thread.pk)
        assert (made.status, made.reason, made.clear_description) == ("pending", "harassment", "It made me cry.")

    def test_the_opening_message_has_the_id_of_its_conversation(self, asker: Member, thread: Conversation) -> None:
        made = report(asker, Kind.MESSAGE, thread.pk)
        assert made.opened_evidence["message_id"] == str(thread.pk)
        assert texts(made) == [WORDS]

    def test_a_conversation_is_about_the_other_one(self, asker: Member, helper: Member, thread: Conversation) -> None:
        assert report(asker, Kind.CONVERSATION, thread.pk).author == helper
        assert report(helper, Kind.CONVERSATION, thread.pk).author == asker

    def test_a_closed_and_a_blocked_thread_stay_reportable(
        self, asker: Member, helper: Member, thread: Conversation
    ) -> None:
        message = say(helper, thread, RUDE)
        closing.close_conversation(helper, thread.pk)
        blocks.block(helper, asker.pk)
        assert report(asker, Kind.MESSAGE, message).author == helper
        assert report(asker, Kind.CONVERSATION, thread.pk).author == helper

    def test_a_request_a_stranger_may_open(self, asker: Member, outsider: Member) -> None:
        request = HelpRequestFactory(requester=asker, title="Send me money please")
        made = report(outsider, Kind.HELP_REQUEST, request.pk, Reason.SCAM)
        assert (made.author, made.conversation_id) == (asker, None)
        assert made.opened_evidence["title"] == "Send me money please"
        assert made.opened_evidence["description"] == request.description
        assert made.opened_evidence["people"] == [{"id": str(asker.pk), "called": "Ana"}]

    def test_the_town_of_a_request_only_as_the_reporter_knows_it(self, asker: Member, outsider: Member) -> None:
        for privacy, town in ((LocationPrivacy.PUBLIC, "Springfield"), (LocationPrivacy.AFTER_MATCH, "")):
            request = HelpRequestFactory(requester=asker, location_privacy=privacy)
            assert report(outsider, Kind.HELP_REQUEST, request.pk).opened_evidence["town"] == town

    def test_a_person(self, outsider: Member) -> None:
        seller = MemberFactory(called="Sal", about="I sell vitamins.")
        evidence = report(outsider, Kind.MEMBER, seller.pk, Reason.SPAM).opened_evidence
        salt = evidence.pop("salt")
        assert len(salt) == 32
        assert evidence == {"id": str(seller.pk), "called": "Sal", "about": "I sell vitamins.", "town": "Springfield"}

    def test_nothing_of_ones_own(self, asker: Member, helper: Member, thread: Conversation) -> None:
        own = [
            (helper, Kind.MESSAGE, thread.pk, "your own message"),
            (asker, Kind.MESSAGE, say(asker, thread), "your own message"),
            (asker, Kind.HELP_REQUEST, thread.help_request_id, "your own request"),
            (asker, Kind.MEMBER, asker.pk, "report yourself"),
        ]
        for member, kind, target_id, words in own:
            with pytest.raises(NotValid, match=words):
                report(member, kind, target_id)
        assert not Report.objects.exists()

    @pytest.mark.parametrize("kind", Kind)
    def test_what_is_not_there_is_not_found(self, asker: Member, kind: Kind) -> None:
        with pytest.raises(NotFound):
            report(asker, kind, uuid4())

    def test_what_is_not_theirs_reads_like_what_is_not_there(
        self, helper: Member, outsider: Member, thread: Conversation
    ) -> None:
        message = say(helper, thread)
        for kind, target_id in (
            (Kind.MESSAGE, message),
            (Kind.MESSAGE, thread.pk),
            (Kind.CONVERSATION, thread.pk),
        ):
            sentences = set()
            for identifier in (target_id, uuid4()):
                with pytest.raises(NotFound) as refused:
                    report(outsider, kind, identifier)
                sentences.add(refused.value.words)
            assert len(sentences) == 1

    def test_a_line_of_ours_is_nobodys(self, asker: Member, helper: Member) -> None:
        thread = accepted(asker, helper)
        line = Message.objects.get(conversation=thread, type=Type.SYSTEM)
        with pytest.raises(NotFound):
            report(helper, Kind.MESSAGE, line.pk)

    def test_people_who_are_not_in_are_not_found_and_may_not(
        self, asker: Member, waiting: Member, declined: Member
    ) -> None:
        for nobody in (waiting, declined):
            with pytest.raises(NotFound):
                report(asker, Kind.MEMBER, nobody.pk)
            with pytest.raises(NotPermitted):
                report(nobody, Kind.MEMBER, asker.pk)


class TestTheEvidence:
    def test_five_before_and_five_after(self, asker: Member, helper: Member, thread: Conversation) -> None:
        said = [say(helper if number % 2 else asker, thread, f"Message {number}") for number in range(2, 16)]
        made = report(asker, Kind.MESSAGE, said[5])  # sequence 7
        lines = made.opened_evidence["messages"]
        assert [line["sequence"] for line in lines] == list(range(2, 13))
        assert [line["id"] for line in lines] == [str(message) for message in said[:11]]
        assert made.opened_evidence["message_id"] == str(said[5])

    def test_a_conversation_brings_its_last_eleven(self, asker: Member, helper: Member, thread: Conversation) -> None:
        assert texts(report(asker, Kind.CONVERSATION, thread.pk)) == [WORDS]
        for number in range(2, 14):
            say(helper, thread, f"Message {number}")
        made = report(helper, Kind.CONVERSATION, thread.pk)
        assert texts(made) == [f"Message {number}" for number in range(3, 14)]

    def test_who_when_and_about_what(self, asker: Member, helper: Member, thread: Conversation) -> None:
        evidence = report(asker, Kind.MESSAGE, thread.pk).opened_evidence
        assert evidence["people"] == [{"id": str(asker.pk), "called": "Ana"}, {"id": str(helper.pk), "called": "Ben"}]
        assert evidence["help_request"] == {
            "id": str(thread.help_request_id),
            "title": "Pick up groceries on Tuesday",
        }
        assert evidence["conversation_id"] == str(thread.pk)
        line = evidence["messages"][0]
        assert (line["sender_id"], line["type"], line["first"]) == (str(helper.pk), "standard", "")
        assert line["digest"] == thread.opening_digest == fingerprint(WORDS)
        assert line["created_at"]
        assert line["edited_at"] is line["deleted_at"] is None

    def test_sealed_words_are_opened_for_it(self, asker: Member, helper: Member, thread: Conversation) -> None:
        message = say(helper, thread, "My number is 555 0100", message_type=Type.SENSITIVE)
        made = report(asker, Kind.MESSAGE, message)
        assert texts(made)[-1] == "My number is 555 0100"
        line = made.opened_evidence["messages"][-1]
        assert line["digest"] == fingerprint("My number is 555 0100", line["key_id"])

    @pytest.mark.parametrize("opening", [True, False])
    def test_what_was_sent_first_is_in_it(
        self, asker: Member, helper: Member, thread: Conversation, opening: bool
    ) -> None:
        message, sent = (thread.pk, WORDS) if opening else (say(helper, thread, RUDE), RUDE)
        changing.edit_message(helper, message, "I meant something kind.")
        line = report(asker, Kind.MESSAGE, message).opened_evidence["messages"][-1]
        assert (line["text"], line["first"]) == ("I meant something kind.", sent)
        assert line["digest"] == fingerprint(sent)
        assert line["edited_at"]

    @pytest.mark.parametrize("opening", [True, False])
    def test_what_happens_to_it_afterwards_changes_nothing(
        self, asker: Member, helper: Member, thread: Conversation, opening: bool
    ) -> None:
        message, sent = (thread.pk, WORDS) if opening else (say(helper, thread, RUDE), RUDE)
        made = report(asker, Kind.MESSAGE, message)
        before = raw(made)
        changing.edit_message(helper, message, "I never said that.")
        changing.delete_message(helper, message)
        made = Report.objects.get(pk=made.pk)
        assert raw(made) == before
        assert texts(made)[-1] == sent
        assert made.is_intact

    def test_a_deleted_message_leaves_its_tombstone_and_digest(
        self, asker: Member, helper: Member, thread: Conversation
    ) -> None:
        message = say(helper, thread, RUDE)
        changing.delete_message(helper, message)
        line = report(asker, Kind.MESSAGE, message).opened_evidence["messages"][-1]
        assert (line["text"], line["first"], line["digest"]) == ("", "", fingerprint(RUDE))
        assert line["deleted_at"]

    def test_nothing_of_it_stands_in_the_clear(self, asker: Member, helper: Member, thread: Conversation) -> None:
        made = report(asker, Kind.MESSAGE, say(helper, thread, RUDE), description="It made me cry.")
        row = raw(made)
        assert str(helper.pk) in row
        for words in (RUDE, "mother", "cry", "market", "Ben", "groceries", "digest"):
            assert words not in row

    def test_the_digest_tells_of_any_change_and_survives_a_new_key(
        self, asker: Member, thread: Conversation, settings: Any
    ) -> None:
        made = report(asker, Kind.MESSAGE, thread.pk)
        assert made.is_intact
        clear, description = made.clear_evidence, made.clear_description
        settings.ENCRYPTION_KEYS = [f"newer:{new_key()}", *settings.ENCRYPTION_KEYS]
        made.clear_evidence, made.clear_description = clear, description
        made.save(update_fields=["evidence", "evidence_key_id", "description", "description_key_id"])
        made = Report.objects.get(pk=made.pk)
        assert made.evidence_key_id == "newer"
        assert made.is_intact
        made.clear_evidence = clear.replace("market", "garage")
        assert not made.is_intact

    def test_the_same_words_have_another_digest_each_time(
        self, asker: Member, helper: Member, outsider: Member
    ) -> None:
        made = [report(reporter, Kind.MEMBER, outsider.pk) for reporter in (asker, helper)]
        assert made[0].evidence_digest != made[1].evidence_digest


class TestOnceAndNotTooOften:
    def test_a_second_time_is_told_so_and_does_not_count(
        self, asker: Member, helper: Member, thread: Conversation
    ) -> None:
        report(asker, Kind.MESSAGE, thread.pk)
        for reason in (Reason.HARASSMENT, Reason.SPAM):
            with pytest.raises(AlreadyReported):
                report(asker, Kind.MESSAGE, thread.pk, reason)
        assert len(LimitHits.objects.get(name="reports").moments) == 1
        assert MessageRecord.objects.filter(deed=Deed.REPORTED).count() == 1
        # All of the conversation is another thing, and the other one is another reporter.
        report(asker, Kind.CONVERSATION, thread.pk)
        report(helper, Kind.CONVERSATION, thread.pk)
        assert Report.objects.count() == 3

    def test_the_sixth_in_an_hour_waits_and_leaves_nothing(self, asker: Member) -> None:
        people = MemberFactory.create_batch(limits.REPORTS.most + 1)
        for person in people[:-1]:
            report(asker, Kind.MEMBER, person.pk)
        with pytest.raises(RateLimited) as refused:
            report(asker, Kind.MEMBER, people[-1].pk, also_block=True)
        assert refused.value.extras["retry_after"] > 3500
        assert Report.objects.count() == limits.REPORTS.most == 5
        assert not Block.objects.exists()
        with pytest.raises(AlreadyReported):
            report(asker, Kind.MEMBER, people[0].pk)

    def test_what_is_refused_does_not_count(self, asker: Member) -> None:
        with pytest.raises(NotValid):
            report(asker, Kind.MEMBER, asker.pk)
        with pytest.raises(NotFound):
            report(asker, Kind.MEMBER, uuid4())
        assert not LimitHits.objects.filter(name="reports").exists()


class TestWhatElseHappens:
    def test_also_block(self, asker: Member, helper: Member, thread: Conversation) -> None:
        report(asker, Kind.MESSAGE, thread.pk, also_block=True)
        assert Block.objects.get().blocker == asker
        assert Block.objects.get().blocked == helper
        # Keeping away already is no reason not to.
        report(asker, Kind.CONVERSATION, thread.pk, also_block=True)
        assert Block.objects.count() == 1

    def test_without_it_nobody_is_blocked(self, asker: Member, thread: Conversation) -> None:
        report(asker, Kind.MESSAGE, thread.pk)
        assert not Block.objects.exists()

    def test_a_message_keeps_in_its_record_that_it_was_reported(
        self, asker: Member, helper: Member, thread: Conversation
    ) -> None:
        message = say(helper, thread, RUDE)
        report(asker, Kind.MESSAGE, message)
        kept = MessageRecord.objects.get(deed=Deed.REPORTED)
        assert (kept.message_id, kept.conversation_id, kept.sequence) == (message, thread.pk, 2)
        assert kept.actor_id == asker.pk

    def test_nobody_is_told(self, asker: Member, helper: Member, thread: Conversation) -> None:
        before = Notice.objects.count(), AuditEntry.objects.count()
        thread.refresh_from_db()
        moved = thread.updated_at
        report(asker, Kind.MESSAGE, thread.pk)
        thread.refresh_from_db()
        assert (Notice.objects.count(), AuditEntry.objects.count(), thread.updated_at) == (*before, moved)

    def test_cases_are_counted_from_1001(self, asker: Member, helper: Member, outsider: Member) -> None:
        numbers = [report(asker, Kind.MEMBER, other.pk).case.number for other in (helper, outsider)]
        assert 1001 <= numbers[0] < numbers[1]


class TestTheDatabaseItself:
    @pytest.fixture
    def made(self, asker: Member, thread: Conversation) -> Report:
        return report(asker, Kind.MESSAGE, thread.pk)

    @pytest.mark.parametrize("words", ["DELETE FROM message_reports", "TRUNCATE message_reports"])
    def test_no_report_is_removed(self, made: Report, words: str) -> None:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(words)
        assert Report.objects.filter(pk=made.pk).exists()

    @pytest.mark.parametrize(
        "change",
        [
            {"evidence": "x"},
            {"description": "x"},
            {"evidence_key_id": "x"},
            {"evidence_digest": "x"},
            {"reason": Reason.SPAM},
            {"target_id": uuid4()},
            {"target_kind": Kind.CONVERSATION},
            {"conversation_id": uuid4()},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_a_report_stays_what_it_is(self, made: Report, change: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Report.objects.filter(pk=made.pk).update(**change)

    def test_who_reported_whom_stays(self, made: Report, outsider: Member) -> None:
        for person in ("reporter", "author"):
            with pytest.raises(IntegrityError), transaction.atomic():
                Report.objects.filter(pk=made.pk).update(**{person: outsider})

    def test_how_far_it_has_come_may_change_to_a_known_word(self, made: Report) -> None:
        assert Report.objects.filter(pk=made.pk).update(status="decided") == 1
        with pytest.raises(IntegrityError, match="message_reports_status_known"), transaction.atomic():
            Report.objects.filter(pk=made.pk).update(status="lost")

    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"reason": "boring"}, "reason_known"),
            ({"target_kind": "photo", "conversation_id": None}, "kind_known"),
            ({"conversation_id": None}, "place_agrees"),
            ({"evidence_key_id": ""}, "are_sealed"),
        ],
    )
    def test_only_known_words_and_sealed_ones(
        self, helper: Member, outsider: Member, change: dict[str, Any], rule: str
    ) -> None:
        row = Report(reporter=outsider, author=helper, target_kind="message", target_id=uuid4(), reason="spam")
        row.case = an_open_case(row.author)
        row.conversation_id, row.clear_description = uuid4(), ""
        row.seal({})
        for name, value in change.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError, match=f"message_reports_{rule}"), transaction.atomic():
            row.save(force_insert=True)

    def test_nobody_is_their_own_reporter(self, helper: Member) -> None:
        row = Report(reporter=helper, author=helper, target_kind="member", target_id=helper.pk, reason="spam")
        row.case = an_open_case(helper)
        row.clear_description = ""
        row.seal({})
        with pytest.raises(IntegrityError, match="are_about_somebody_else"), transaction.atomic():
            row.save(force_insert=True)

    def test_a_reporter_from_outside_the_conversation_is_noticed(
        self, made: Report, outsider: Member, thread: Conversation
    ) -> None:
        assert not broken()
        row = Report(reporter=outsider, author=made.author, target_kind="message", target_id=uuid4(), reason="spam")
        row.case = an_open_case(row.author)
        row.conversation_id, row.clear_description = thread.pk, ""
        row.seal({})
        row.save(force_insert=True)
        assert [name[:2] for name in broken()] == ["12"]

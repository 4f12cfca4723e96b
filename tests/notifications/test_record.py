"""What happened is told once, to whom it concerns, exactly when it happened."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from carecollective import invariants
from members.models import Member
from notifications import services as notifications
from notifications.kinds import KINDS, Kind, Mail
from notifications.models import Event, Notice, NoticeCounter
from tests.factories.members import MemberFactory

REQUEST = ("helprequest", uuid4())


@pytest.mark.django_db
class TestRecording:
    def test_each_person_gets_one_notice_and_one_mail(self, asker: Member, helper: Member, outsider: Member) -> None:
        event = notifications.record("request_completed", about=REQUEST, to=[helper, outsider, helper], actor=asker)
        assert (event.kind, event.about_kind, event.about_id) == ("request_completed", "helprequest", str(REQUEST[1]))
        assert set(Notice.objects.values_list("member", "number")) == {(helper.pk, 1), (outsider.pk, 1)}
        jobs = ProcrastinateJob.objects.filter(task_name="notifications.send_notice")
        assert {job.args["notice"] for job in jobs} == {str(notice.pk) for notice in Notice.objects.all()}

    def test_one_person_is_told_as_well_as_several(self, asker: Member) -> None:
        notifications.record("request_expiring", about=asker, to=asker)
        assert Notice.objects.visible_to(asker).unread().count() == 1

    def test_nobody_may_be_told_too(self, asker: Member) -> None:
        notifications.record("request_cancelled", about=REQUEST, to=[], actor=asker)
        assert Event.objects.count() == 1
        assert not Notice.objects.exists()
        assert not ProcrastinateJob.objects.exists()

    def test_the_notices_of_a_person_are_counted(self, asker: Member, helper: Member) -> None:
        for _ in range(3):
            notifications.record("request_expiring", about=REQUEST, to=asker)
        notifications.record("request_expiring", about=REQUEST, to=helper)
        assert list(Notice.objects.visible_to(asker).after(1).values_list("number", flat=True)) == [2, 3]
        assert Notice.objects.get(member=helper).number == 1

    def test_an_unknown_kind_is_refused(self, asker: Member) -> None:
        with pytest.raises(LookupError, match="request_expierd is not a kind of event"):
            notifications.record("request_expierd", about=REQUEST, to=asker)

    def test_words_of_people_do_not_travel(self, asker: Member) -> None:
        with pytest.raises(ValueError, match="text is not kept here"):
            notifications.record("request_expiring", about=REQUEST, to=asker, title="Help with my bath")

    def test_an_unknown_letter_is_refused(self) -> None:
        with pytest.raises(LookupError, match="love_letter"):
            notifications.mail("love_letter", uuid4())

    def test_a_letter_keeps_only_its_kind_and_an_id(self, waiting: Member) -> None:
        notifications.mail("confirm_email", waiting)
        job = ProcrastinateJob.objects.get()
        assert job.args == {"kind": "confirm_email", "about": str(waiting.pk)}


@pytest.mark.committed
class TestWithItsCause:
    def test_outside_a_transaction_nothing_is_recorded(self) -> None:
        asker = MemberFactory()
        with pytest.raises(RuntimeError, match="inside the transaction"):
            notifications.record("request_expiring", about=REQUEST, to=asker)
        with pytest.raises(RuntimeError, match="inside the transaction"):
            notifications.mail("confirm_email", asker)
        assert not Event.objects.exists()

    def test_a_cause_that_is_rolled_back_leaves_no_event_and_no_mail(self) -> None:
        asker = MemberFactory()
        with transaction.atomic():
            notifications.record("request_expiring", about=REQUEST, to=asker)
            notifications.mail("confirm_email", asker)
            assert ProcrastinateJob.objects.count() == 2, "it was there"
            transaction.set_rollback(True)
        assert not Event.objects.exists()
        assert not ProcrastinateJob.objects.exists()
        with transaction.atomic():
            notifications.record("request_expiring", about=REQUEST, to=asker)
        assert Notice.objects.get().number == 1
        assert ProcrastinateJob.objects.count() == 1

    def test_a_reader_never_misses_a_notice_that_commits_late(self, long_run: bool) -> None:
        """Whoever saw number n has seen every number before it, or it was rolled back and does not exist."""
        asker, helper = MemberFactory(), MemberFactory()
        writers, each = 6, 60 if long_run else 12
        start = Barrier(writers + 1)

        def write(number: int) -> None:
            start.wait()
            try:
                for turn in range(each):
                    with transaction.atomic():
                        notifications.record("request_expiring", about=REQUEST, to=[asker, helper])
                        if (turn + number) % 4 == 0:
                            transaction.set_rollback(True)
            finally:
                connections.close_all()

        seen: list[int] = []
        with ThreadPoolExecutor(writers) as people:
            running = [people.submit(write, number) for number in range(writers)]
            start.wait()
            while not all(future.done() for future in running):
                seen += Notice.objects.visible_to(asker).after(seen[-1] if seen else 0).values_list("number", flat=True)
        assert not any(future.exception() for future in running)
        seen += Notice.objects.visible_to(asker).after(seen[-1]).values_list("number", flat=True)
        everything = list(Notice.objects.visible_to(asker).order_by("number").values_list("number", flat=True))
        assert seen == everything == list(range(1, len(everything) + 1))
        assert Notice.objects.visible_to(helper).count() == len(everything)


@pytest.mark.django_db
class TestItsCost:
    """A message waits for these statements, so there are no more of them for many people than for one."""

    def test_one_statement_keeps_it_and_one_the_mails(self, asker: Member, django_assert_num_queries: Any) -> None:
        people = [MemberFactory() for _ in range(20)]
        with django_assert_num_queries(2):
            notifications.record("request_cancelled", about=REQUEST, to=people, actor=asker)
        assert Notice.objects.count() == ProcrastinateJob.objects.count() == 20

    @pytest.mark.parametrize(("kind", "notices"), [(Kind("x", mail=Mail.NEVER), 1), (Kind("x", bell=False), 0)])
    def test_without_a_mail_it_is_one(
        self, kind: Kind, notices: int, asker: Member, monkeypatch: Any, django_assert_num_queries: Any
    ) -> None:
        monkeypatch.setitem(KINDS, "x", kind)
        with django_assert_num_queries(1):
            event = notifications.record("x", about=REQUEST, to=asker, actor=asker, day=3)
        kept = Event.objects.get(pk=event.pk)
        assert (kept.kind, kept.actor, kept.data) == ("x", asker, {"day": 3})
        assert Notice.objects.filter(event=event).count() == notices

    def test_later_events_and_notices_have_later_ids(self, asker: Member, helper: Member) -> None:
        for _ in range(5):
            notifications.record("request_cancelled", about=REQUEST, to=[asker, helper])
        for member in (asker, helper):
            rows = list(Notice.objects.visible_to(member).order_by("id").values_list("number", "event"))
            assert rows == sorted(rows)
            assert [number for number, _ in rows] == [1, 2, 3, 4, 5]


@pytest.mark.django_db
class TestReadingTheThingItself:
    def test_it_reads_the_notices_about_it_and_no_others(self, asker: Member, helper: Member) -> None:
        for about in (REQUEST, REQUEST, ("helprequest", uuid4()), ("other", REQUEST[1])):
            notifications.record("request_expiring", about=about, to=[asker, helper])
        assert notifications.read_about(asker, REQUEST) == 2
        assert set(Notice.objects.unread().filter(member=asker).values_list("number", flat=True)) == {3, 4}
        assert Notice.objects.visible_to(helper).unread().count() == 4

    def test_what_was_read_stays_read_as_it_was(self, asker: Member) -> None:
        notifications.record("request_expiring", about=REQUEST, to=asker)
        Notice.objects.update(read_at="2026-01-01T00:00Z")
        assert notifications.read_about(asker, REQUEST) == 0
        assert Notice.objects.filter(read_at="2026-01-01T00:00Z").count() == 1

    def test_it_takes_an_id_and_one_statement(self, asker: Member, django_assert_num_queries: Any) -> None:
        notifications.record("request_expiring", about=REQUEST, to=asker)
        with django_assert_num_queries(1):
            assert notifications.read_about(asker.pk, REQUEST) == 1


@pytest.mark.django_db
class TestInvariants:
    def test_they_hold_after_ordinary_days(self, asker: Member, helper: Member) -> None:
        notifications.record("request_expiring", about=REQUEST, to=[asker, helper])
        notifications.record("request_completed", about=REQUEST, to=asker)
        assert invariants.broken() == {}

    def test_a_mail_that_lost_its_job_is_found(self, asker: Member) -> None:
        notifications.record("request_expiring", about=REQUEST, to=asker)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
        assert [name.partition(" ")[0] for name in invariants.broken()] == ["16"]
        Notice.objects.update(read_at="2026-01-01T00:00Z")
        assert invariants.broken() == {}

    def test_a_notice_that_is_gone_from_the_middle_is_found(self, asker: Member) -> None:
        for _ in range(3):
            notifications.record("request_expiring", about=REQUEST, to=asker)
        Notice.objects.filter(number=2).delete()
        assert "notices are counted without a gap" in invariants.broken()

    def test_the_command_ends_with_1_and_names_rows(self, asker: Member, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("check_invariants")
        assert capsys.readouterr().out == "Every invariant holds.\n"
        notifications.record("request_expiring", about=REQUEST, to=asker)
        NoticeCounter.objects.update(last=7)
        with pytest.raises(SystemExit) as ending:
            call_command("check_invariants")
        assert ending.value.code == 1
        assert str(asker.pk) in capsys.readouterr().err

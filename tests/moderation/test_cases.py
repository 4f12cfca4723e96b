"""Cases: what is reported about one thing is one of them, and one moderator at a time has it."""

from datetime import time, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now
from django.utils.timezone import now

from audit.models import AuditEntry
from carecollective.errors import CaseAlreadyDecided, NotFound, NotPermitted, NotValid
from carecollective.ports import reportable
from members import roles
from members.models import Member
from messaging.services import changing
from messaging.services.planning import Wish, make_plan
from moderation.models import Case, CaseState, Find, Kind, Reason, Report
from moderation.services import cases, reading, reporting
from moderation.services.reporting import Complaint
from tests.factories.members import MemberFactory
from tests.factories.messaging import accepted
from tests.factories.moderation import MONEY, another_moderator, decide, reported_message, reported_thread

pytestmark = pytest.mark.django_db


def test_reports_on_one_thing_are_one_case(asker: Member, helper: Member, outsider: Member) -> None:
    first = reporting.report(asker, Kind.MEMBER, helper.pk, Complaint(Reason.SPAM))
    second = reporting.report(outsider, Kind.MEMBER, helper.pk, Complaint(Reason.UNSAFE_VISIT))
    assert first.case_id == second.case_id
    case = Case.objects.get()
    assert case.is_safety, "one of them says somebody may be hurt"
    assert case.version == 2
    assert case.author == helper


def test_a_report_after_the_decision_opens_a_new_case(
    asker: Member, helper: Member, outsider: Member, moderator: Member
) -> None:
    first = reporting.report(asker, Kind.MEMBER, helper.pk, Complaint(Reason.SPAM))
    decide(moderator, first.case)
    second = reporting.report(outsider, Kind.MEMBER, helper.pk, Complaint(Reason.SPAM))
    assert second.case_id != first.case_id
    assert Case.objects.get(pk=second.case_id).state == CaseState.OPEN


def test_one_moderator_at_a_time_has_a_case(asker: Member, helper: Member, moderator: Member) -> None:
    case = reported_message(asker, helper).case
    cases.claim(moderator, case.pk)
    mia = another_moderator()
    with pytest.raises(NotPermitted, match=f"{moderator.called} has this case open now"):
        cases.claim(mia, case.pk)
    Case.objects.filter(pk=case.pk).update(claimed_until=Now() - timedelta(seconds=1))
    assert cases.claim(mia, case.pk).is_with(mia), "after fifteen idle minutes it is free"
    with pytest.raises(NotFound):
        reading.read(moderator, case.pk)


def test_whoever_let_it_go_leaves_it_to_others(asker: Member, helper: Member, moderator: Member) -> None:
    case = reported_message(asker, helper).case
    cases.claim(moderator, case.pk)
    assert cases.let_go(moderator, case.pk).held_by is None
    assert cases.claim(another_moderator(), case.pk).held_by


def test_who_asked_another_moderator_does_not_get_it_back(asker: Member, helper: Member, moderator: Member) -> None:
    case = reported_message(asker, helper).case
    cases.claim(moderator, case.pk)
    with pytest.raises(NotValid):
        cases.hand_on(moderator, case.pk, "  ")
    other = another_moderator()
    cases.hand_on(moderator, case.pk, "I know both of them.")
    with pytest.raises(NotPermitted, match="You asked another moderator"):
        cases.claim(moderator, case.pk)
    assert cases.claim(other, case.pk).held_by


def test_nobody_takes_a_case_they_are_part_of(asker: Member, helper: Member) -> None:
    report, thread = reported_thread(asker, MemberFactory(called="Mo", role=roles.MODERATOR))
    with pytest.raises(NotPermitted, match="part of this case"):
        cases.claim(Member.objects.get(pk=thread.helper_id), report.case_id)
    reporter = another_moderator("Rita")
    made = reporting.report(reporter, Kind.MEMBER, helper.pk, Complaint(Reason.SPAM))
    with pytest.raises(NotPermitted, match="part of this case"):
        cases.claim(reporter, made.case_id)


@pytest.mark.parametrize("role", [roles.TRIAGE, roles.VERIFIER, roles.AUDITOR, ""])
def test_only_moderators_take_cases(asker: Member, helper: Member, moderator: Member, role: str) -> None:
    case = reported_message(asker, helper).case
    somebody = MemberFactory(role=role) if role else MemberFactory()
    with pytest.raises(NotPermitted):
        cases.claim(somebody, case.pk)


def test_where_no_moderator_can_the_operator_does(asker: Member, operator: Member, moderator: Member) -> None:
    other = MemberFactory(called="Nora")
    made = reporting.report(other, Kind.MEMBER, moderator.pk, Complaint(Reason.SPAM))
    assert cases.claim(operator, made.case_id).is_with(operator), "the only moderator is part of it"
    free = reporting.report(other, Kind.MEMBER, asker.pk, Complaint(Reason.SPAM))
    with pytest.raises(NotPermitted):
        cases.claim(operator, free.case_id)


def test_triage_says_what_cannot_wait(asker: Member, helper: Member) -> None:
    case = reported_message(asker, helper).case
    triage = MemberFactory(role=roles.TRIAGE)
    assert cases.mark_safety(triage, case.pk, True).is_safety
    assert AuditEntry.objects.filter(action="case_marked", actor=triage.pk).count() == 1
    with pytest.raises(NotPermitted):
        cases.mark_safety(helper, case.pk, False)


def test_words_are_read_only_with_the_case_open_and_each_reading_is_on_record(
    asker: Member, helper: Member, moderator: Member
) -> None:
    case = reported_message(asker, helper).case
    with pytest.raises(NotFound):
        reading.read(moderator, case.pk)
    boss = MemberFactory(role=roles.MODERATOR, is_superuser=True)
    with pytest.raises(NotFound):
        reading.read(boss, case.pk)
    cases.claim(moderator, case.pk)
    before = AuditEntry.objects.filter(action="case_read").count()
    found = reading.read(moderator, case.pk)
    assert AuditEntry.objects.filter(action="case_read", case_id=case.pk).count() == before + 1
    assert [line.text for line in found.exhibits[0].lines if line.is_about] == [MONEY]
    assert found.is_intact


def test_a_decided_case_is_read_again_only_for_a_reason(asker: Member, helper: Member, moderator: Member) -> None:
    case = reported_message(asker, helper).case
    decide(moderator, case)
    with pytest.raises(NotFound):
        reading.read(moderator, case.pk)
    with pytest.raises(NotValid):
        reading.read_decided(moderator, case.pk, " ")
    reading.read_decided(moderator, case.pk, "The member called us.")
    assert AuditEntry.objects.filter(action="case_read", reason="The member called us.").exists()
    with pytest.raises(NotFound):
        reading.read_decided(helper, case.pk, "I am curious.")


def test_the_words_stay_readable_after_their_writer_changed_and_deleted_them(
    asker: Member, helper: Member, moderator: Member
) -> None:
    report = reported_message(asker, helper)
    changing.edit_message(helper, report.target_id, "Nothing to see here.")
    changing.delete_message(helper, report.target_id)
    cases.claim(moderator, report.case_id)
    found = reading.read(moderator, report.case_id)
    assert [line.text for line in found.exhibits[0].lines if line.is_about] == [MONEY]
    assert found.is_intact


def test_a_byte_that_was_changed_is_found_out(asker: Member, helper: Member, moderator: Member) -> None:
    report = reported_message(asker, helper)
    row = Report.objects.get(pk=report.pk)
    flipped = ("A" if row.evidence[40] != "A" else "B").join([row.evidence[:40], row.evidence[41:]])
    with pytest.raises(DatabaseError, match="Sealed words"), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(evidence=flipped)
    # Whoever gets around the guard as well is found out by the seal.
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    Report.objects.filter(pk=report.pk).update(evidence=flipped, evidence_key_id=row.evidence_key_id + "x")
    cases.claim(moderator, report.case_id)
    found = reading.read(moderator, report.case_id)
    assert not found.is_intact
    assert found.exhibits[0].lines == ()


def test_a_decided_case_says_who_was_faster(asker: Member, helper: Member, moderator: Member) -> None:
    case = reported_message(asker, helper).case
    decide(moderator, case)
    with pytest.raises(CaseAlreadyDecided, match=f"{moderator.called} closed this just now"):
        cases.claim(another_moderator(), case.pk)


def test_the_place_of_a_plan_is_sealed_with_its_chat_under_whoever_made_it(
    asker: Member, helper: Member, moderator: Member
) -> None:
    """Places stand in no message; the other one's plan is about the other one."""
    thread = accepted(asker, helper)
    day = now().date() + timedelta(days=3)
    places = {asker: "Bring $200 in gift cards to the porch", helper: "Send me $300 by Zelle first"}
    for person, place in places.items():
        make_plan(person, thread.asked_for.pk, Wish(day, time(17), place, "America/Chicago"))
        found = Find.objects.select_related("case__author").latest("created_at")
        about = found.case
        assert (about.target_kind, about.target_id) == ("conversation", thread.pk)
        assert reportable()["plan"].find(None, thread.plans.get().pk).author_id == person.pk
        assert found.opened_evidence["plan"]["made_by_id"] == str(person.pk)
        cases.claim(moderator, about.pk)
        exhibits = reading.read(moderator, about.pk).exhibits
        assert exhibits[-1].facts == (("plan made by", person.called), ("where to meet", place))
        assert all(exhibit.is_intact for exhibit in exhibits)
    with pytest.raises(NotFound):
        reportable()["plan"].find(asker, thread.plans.get().pk)

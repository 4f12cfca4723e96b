"""Two sides, two cases; what comes in while a case is decided; and a house in which nobody else is there to decide."""

from datetime import timedelta
from functools import partial

import pytest
from django.db.models import F

from audit.models import AuditEntry
from carecollective.errors import CaseAlreadyDecided, NotPermitted
from carecollective.invariants import broken
from members import roles
from members.models import Member
from members.services import restrictions
from moderation import reads
from moderation.models import Action, Case, CaseState, Decision, Kind, Report, Standing
from moderation.services import appealing, cases, deciding, reporting, telling, undoing
from moderation.services.reporting import Complaint
from moderation.statements import ANEW
from notifications.models import Notice
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to
from tests.factories.moderation import another_moderator, decide, reported_message, ruling, ten_minutes_pass
from tests.help_requests.test_races import at_once
from tests.members.pages.sent import said

rolled_back = pytest.mark.django_db
RUDE, SCAM = Complaint("harassment"), Complaint("scam")
SORRY = "We took it back. We are sorry."


@pytest.fixture
def operator() -> Member:
    return MemberFactory(role=roles.OPERATOR)


@pytest.fixture
def case(asker: Member, helper: Member) -> Case:
    return reporting.report(asker, Kind.MEMBER, helper.pk, SCAM).case


def reported_again(helper: Member) -> Report:
    return reporting.report(MemberFactory(), Kind.MEMBER, helper.pk, RUDE)


def told(member: Member) -> list[str]:
    kinds = ("decision_made", "report_answered", "outcome_changed", "decision_reversed", "appeal_answered")
    found = Notice.objects.filter(member=member, event__kind__in=kinds).order_by("number")
    return list(found.values_list("event__kind", flat=True))


def lease_ends(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(claimed_until=F("claimed_until") - timedelta(minutes=20))


@rolled_back
class TestBothSidesOfAChat:
    def test_each_report_is_a_case_about_the_other_one(self, asker: Member, helper: Member, moderator: Member) -> None:
        thread = offer_to(asker, helper)
        of_helper = reporting.report(asker, Kind.CONVERSATION, thread.pk, SCAM)
        of_asker = reporting.report(helper, Kind.CONVERSATION, thread.pk, RUDE)
        assert (of_helper.case.author, of_asker.case.author) == (helper, asker)
        ten_minutes_pass(decide(moderator, of_helper.case, Action.SUSPEND, days=7))
        assert told(asker) == ["report_answered"]
        assert told(helper) == ["decision_made"]
        assert not reads.report_told(helper, of_asker.pk).is_decided
        ten_minutes_pass(decide(moderator, of_asker.case, Action.WARN))
        assert told(helper) == ["decision_made", "report_answered"]
        assert broken() == {}


@rolled_back
class TestWhatComesInMeanwhile:
    def test_undone_it_is_one_case_with_what_came_in(self, case: Case, helper: Member, moderator: Member) -> None:
        made = decide(moderator, case)
        later = reported_again(helper)
        assert later.case != case
        undoing.undo(moderator, made.pk)
        again, merged = Case.objects.get(pk=case.pk), Case.objects.get(pk=later.case_id)
        assert again.is_open
        assert again.is_safety, "what came in was about safety"
        assert (merged.state, merged.merged_into) == (CaseState.MERGED, again)
        assert Report.objects.filter(case=again, status="pending").count() == 2
        another = another_moderator()
        with pytest.raises(CaseAlreadyDecided, match=f"put together with case {again.number}"):
            cases.claim(another, merged.pk)
        page = browser_of(another).get(f"/admin/moderation/case/{merged.pk}/")
        assert page["Location"] == f"/admin/moderation/case/{again.pk}/"
        ten_minutes_pass(decide(moderator, again))
        assert told(later.reporter) == ["report_answered"]
        assert broken() == {}

    def test_decided_anew_for_a_reporter_it_is_one_case(
        self, case: Case, asker: Member, helper: Member, moderator: Member
    ) -> None:
        ten_minutes_pass(decide(moderator, case, Action.NOTHING, rule=None, facts="", words=""))
        appeal = appealing.appeal_report(asker, case.reports.get().pk, "Please read it again.")
        later = reported_again(helper)
        decide(another_moderator(), appeal.case, Action.OVERTURN, rule=None)
        assert Case.objects.open().get() == case
        assert Report.objects.get(pk=later.pk).case == case
        assert told(asker) == ["report_answered", "appeal_answered"]
        assert told(later.reporter) == [], "they have heard of no decision yet"
        assert broken() == {}

    def test_not_while_a_ban_is_proposed_there(self, case: Case, helper: Member, moderator: Member) -> None:
        made = decide(moderator, case)
        later = reported_again(helper)
        decide(another_moderator(), later.case, Action.BAN)
        with pytest.raises(NotPermitted, match=f"A ban is proposed in case {later.case.number}"):
            undoing.undo(moderator, made.pk)
        assert Decision.objects.get(pk=made.pk).is_in_force

    def test_undone_the_promise_stays(self, case: Case, moderator: Member) -> None:
        made = decide(moderator, case)
        undoing.undo(moderator, made.pk)
        assert Case.objects.get().due_at == case.due_at

    def test_a_ban_is_confirmed_on_what_was_read(self, case: Case, helper: Member, moderator: Member) -> None:
        proposed, second = decide(moderator, case, Action.BAN), another_moderator()
        version = cases.claim(second, case.pk).version
        reported_again(helper)
        with pytest.raises(CaseAlreadyDecided, match="Something new came in"):
            deciding.confirm(second, proposed.pk, version)
        page = browser_of(second).post(f"/admin/moderation/decision/{proposed.pk}/confirm/", {"version": version})
        assert "Something new came in" in said(page)
        deciding.confirm(second, proposed.pk, version + 1)


@rolled_back
class TestAHouseWithOneModerator:
    def test_nobody_is_asked_who_is_not_there(self, case: Case, moderator: Member) -> None:
        cases.claim(moderator, case.pk)
        with pytest.raises(NotPermitted, match="There is no other moderator now"):
            cases.hand_on(moderator, case.pk, "I am not sure.")
        second = another_moderator()
        cases.hand_on(moderator, case.pk, "I am not sure.")
        with pytest.raises(NotPermitted, match="You asked another moderator"):
            cases.claim(moderator, case.pk)
        # The other one leaves the team: somebody must be able to go on.
        second.groups.clear()
        assert cases.claim(moderator, case.pk).is_with(moderator)

    def test_an_operator_is_the_second_of_a_ban(
        self, case: Case, helper: Member, moderator: Member, operator: Member
    ) -> None:
        proposed = decide(moderator, case, Action.BAN)
        with pytest.raises(NotPermitted, match="You proposed this ban"):
            cases.claim(moderator, case.pk)
        version = cases.claim(operator, case.pk).version
        assert deciding.confirm(operator, proposed.pk, version).seconded_by == operator
        assert restrictions.in_force(helper).level == "banned"
        assert broken() == {}

    def test_with_a_second_moderator_an_operator_is_not_needed(
        self, case: Case, moderator: Member, operator: Member
    ) -> None:
        decide(moderator, case, Action.BAN)
        another_moderator()
        with pytest.raises(NotPermitted, match="Only moderators"):
            cases.claim(operator, case.pk)

    def test_a_proposal_is_called_off_at_the_desk_and_decided_otherwise(self, case: Case, moderator: Member) -> None:
        proposed, desk = decide(moderator, case, Action.BAN), browser_of(moderator)
        page = said(desk.get(f"/admin/moderation/case/{case.pk}/"))
        assert "You proposed this ban, so another moderator confirms it." in page
        assert "Call it off" in page
        desk.post(f"/admin/moderation/decision/{proposed.pk}/undo/")
        assert Decision.objects.get().standing == Standing.UNDONE
        lease_ends(case)
        decide(moderator, case, Action.WARN)

    def test_an_operator_who_had_to_decide_can_undo_it(
        self, asker: Member, moderator: Member, operator: Member
    ) -> None:
        case = reporting.report(asker, Kind.MEMBER, moderator.pk, RUDE).case
        made = decide(operator, case, alone_because="Nobody else is there.")
        with pytest.raises(NotPermitted, match="You are part of this case"):
            undoing.undo(moderator, made.pk)
        desk = browser_of(operator)
        assert "Undo (" in said(desk.get(f"/admin/moderation/case/{case.pk}/")).replace("<span>", "")
        desk.post(f"/admin/moderation/decision/{made.pk}/undo/")
        assert Case.objects.get().is_with(operator)


@rolled_back
class TestAnotherLook:
    def test_it_is_answered_when_everybody_has_heard(
        self, case: Case, asker: Member, helper: Member, moderator: Member
    ) -> None:
        made = decide(moderator, case, Action.SUSPEND, days=7)
        appeal, other = appealing.appeal_decision(helper, made.pk, "It was a joke."), another_moderator()
        with pytest.raises(NotPermitted, match="ten minutes after it was made"):
            decide(other, appeal.case, Action.OVERTURN, rule=None)
        ten_minutes_pass(made)
        decide(other, appeal.case, Action.OVERTURN, rule=None)
        assert told(asker) == ["report_answered", "outcome_changed"]

    def test_while_it_is_asked_for_nobody_takes_the_decision_back_otherwise(
        self, case: Case, helper: Member, moderator: Member
    ) -> None:
        made = decide(moderator, case, Action.SUSPEND, days=7)
        ten_minutes_pass(made)
        appeal = appealing.appeal_decision(helper, made.pk, "It was a joke.")
        with pytest.raises(NotPermitted, match="asked for another look"):
            undoing.reverse(moderator, made.pk, "Too much.", SORRY)
        decide(another_moderator(), appeal.case, Action.KEEP, rule=None)
        undoing.reverse(moderator, made.pk, "Too much.", SORRY)
        assert restrictions.in_force(helper).level == "none"

    def test_where_both_sides_ask_both_read_that_it_is_decided_anew(
        self, case: Case, asker: Member, helper: Member, moderator: Member
    ) -> None:
        made = decide(moderator, case, Action.WARN)
        ten_minutes_pass(made)
        appeal = appealing.appeal_decision(helper, made.pk, "I meant somebody else.")
        report = case.reports.get()
        appealing.appeal_report(asker, report.pk, "A warning is not enough.")
        decide(another_moderator(), appeal.case, Action.OVERTURN, rule=None)
        assert Case.objects.get(pk=case.pk).is_open
        for asked in (reads.decision_told(helper, made.pk).asked, reads.report_told(asker, report.pk).asked):
            assert [each.message for each in asked] == [ANEW]
        assert reads.decision_told(helper, made.pk).message.endswith("write to you when that is decided.")
        decide(another_moderator("Max"), case, Action.NOTHING, rule=None, facts="", words="")
        assert reads.decision_told(helper, made.pk).message.endswith("what it stopped works again.")


@rolled_back
def test_a_membership_taken_back_twice_is_told_twice_and_given_back_once(
    asker: Member, helper: Member, moderator: Member
) -> None:
    about_person = reporting.report(asker, Kind.MEMBER, helper.pk, SCAM).case
    made = [decide(moderator, case, Action.REJECT) for case in (about_person, reported_message(asker, helper).case)]
    for each in made:
        ten_minutes_pass(each)
    assert told(helper) == ["decision_made"] * 2
    undoing.reverse(moderator, made[0].pk, "The wrong person.", SORRY)
    assert Member.objects.get(pk=helper.pk).is_rejected
    undoing.reverse(moderator, made[1].pk, "The wrong person.", SORRY)
    assert Member.objects.get(pk=helper.pk).is_approved
    assert broken() == {}


@rolled_back
def test_letting_go_says_who_has_it_and_is_on_record(case: Case, moderator: Member) -> None:
    other = another_moderator()
    cases.claim(moderator, case.pk)
    with pytest.raises(NotPermitted, match=f"{moderator.called} has this case open now"):
        cases.let_go(other, case.pk)
    for _ in range(2):
        cases.let_go(moderator, case.pk)
    assert AuditEntry.objects.filter(action="case_let_go").count() == 1


@pytest.mark.committed
class TestAtOnce:
    def test_an_undo_and_a_new_report_are_one_case(self, asker: Member, helper: Member, moderator: Member) -> None:
        for who in [asker, *MemberFactory.create_batch(4)]:
            case = reporting.report(who, Kind.MEMBER, helper.pk, SCAM).case
            made, late = decide(moderator, case), MemberFactory()
            undo = partial(undoing.undo, moderator, made.pk)
            assert at_once(undo, partial(reporting.report, late, Kind.MEMBER, helper.pk, RUDE)) == ["done"] * 2
            assert Case.objects.open().count() == 1
            decide(moderator, Case.objects.open().get())
        assert broken() == {}

    def test_taken_back_twice_it_is_told_once(self, asker: Member, helper: Member, moderator: Member) -> None:
        other = another_moderator()
        for _ in range(4):
            case = reported_message(asker, helper).case
            made = decide(moderator, case, Action.WARN)
            ten_minutes_pass(made)
            acts = [partial(undoing.reverse, who, made.pk, "Wrong.", SORRY) for who in (moderator, other)]
            assert sorted(at_once(*acts)) == ["case_already_decided", "done"]
        assert told(asker).count("outcome_changed") == 4

    def test_an_answer_and_the_clock_agree(self, asker: Member, helper: Member, moderator: Member) -> None:
        other = another_moderator()
        for _ in range(4):
            made = decide(moderator, reported_message(asker, helper).case, Action.REJECT)
            appeal = appealing.appeal_decision(helper, made.pk, "It was my son.")
            version = cases.claim(other, appeal.case_id).version
            Decision.objects.filter(pk=made.pk).update(counts_from=F("counts_from") - timedelta(minutes=11))
            overturn = ruling(Action.OVERTURN, rule=None)
            at_once(
                partial(telling.tell_of, made.pk), partial(deciding.decide, other, appeal.case_id, version, overturn)
            )
            made.refresh_from_db()
            assert made.told_at
            assert Member.objects.get(pk=helper.pk).is_rejected == made.is_in_force
            if made.is_in_force:
                decide(other, appeal.case, Action.OVERTURN, rule=None)
        assert broken() == {}

    def test_two_decisions_about_one_person_are_both_counted(
        self, asker: Member, helper: Member, moderator: Member
    ) -> None:
        other = another_moderator()
        for score in (45, 15):
            found = [reported_message(asker, helper).case for _ in range(2)]
            pairs = zip((moderator, other), found, strict=True)
            at_once(*(partial(decide, who, case, Action.WARN) for who, case in pairs))
            assert Member.objects.get(pk=helper.pk).trust == score

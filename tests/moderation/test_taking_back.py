"""Undoing within ten minutes, reversing later, and asking for another look: everything as it was, everybody told."""

import pytest

from carecollective.errors import AlreadyReported, CaseAlreadyDecided, NotFound, NotPermitted, NotValid
from carecollective.invariants import broken
from help_requests.models import Status as RequestStatus
from members.models import Member
from members.services import restrictions
from messaging.models import Conversation, Status
from moderation.models import Action, Appeal, Case, Decision, Kind, Reason, Source, Standing
from moderation.reads_desk import Filters, queue
from moderation.services import appealing, cases, reporting, undoing
from moderation.services.reporting import Complaint
from notifications.models import Notice
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.moderation import (
    a_day_passes,
    another_moderator,
    decide,
    reported_message,
    reported_thread,
    ten_minutes_pass,
)

pytestmark = pytest.mark.django_db
SORRY = "We took it back. We are sorry."


def told(member: Member, kind: str) -> int:
    return Notice.objects.filter(member=member, event__kind=kind).count()


def level_of(member: Member) -> str:
    return str(restrictions.in_force(member).level)


def answer(moderator: Member, appeal: Appeal, action: Action) -> Decision:
    return decide(moderator, appeal.case, action, rule=None)


def answer_with(moderator: Member, appeal: Appeal, **words: str) -> Decision:
    return decide(moderator, appeal.case, Action.KEEP, rule=None, **words)


@pytest.mark.parametrize("action", [Action.HIDE, Action.LIMIT, Action.SUSPEND, Action.BAN, Action.CLOSE, Action.REJECT])
def test_within_ten_minutes_it_is_as_if_it_had_never_been(
    asker: Member, helper: Member, moderator: Member, action: Action
) -> None:
    own = HelpRequestFactory(requester=helper)
    report = reported_message(asker, helper)
    made = decide(moderator, report.case, action, hides=True, alone_because="It could not wait.")
    undoing.undo(moderator, made.pk)
    thread = Conversation.objects.get()
    own.refresh_from_db()
    assert thread.status == Status.ACTIVE
    assert thread.messages.get(pk=report.target_id).moderation == ""
    assert level_of(helper) == "none"
    assert own.status == RequestStatus.OPEN
    found = Member.objects.get(pk=helper.pk)
    assert found.is_approved
    assert found.trust == 75
    case = Case.objects.get()
    assert case.is_open
    assert case.is_with(moderator)
    ten_minutes_pass(made)
    assert told(helper, "decision_made") == told(asker, "report_answered") == 0
    assert broken() == {}


def test_after_ten_minutes_it_is_reversed_with_a_reason(asker: Member, helper: Member, moderator: Member) -> None:
    report = reported_message(asker, helper)
    made = decide(moderator, report.case, Action.SUSPEND, days=30)
    with pytest.raises(NotPermitted, match="You can still undo it"):
        undoing.reverse(moderator, made.pk, "Too much.", SORRY)
    ten_minutes_pass(made)
    with pytest.raises(NotPermitted, match="ten minutes are over") as refused:
        undoing.undo(moderator, made.pk)
    assert refused
    with pytest.raises(NotValid):
        undoing.reverse(moderator, made.pk, "", SORRY)
    undoing.reverse(moderator, made.pk, "It was a joke between friends.", SORRY)
    assert level_of(helper) == "none"
    assert told(helper, "decision_reversed") == told(asker, "outcome_changed") == 1
    assert Decision.objects.get(pk=made.pk).standing == Standing.OVERTURNED
    assert Member.objects.get(pk=helper.pk).trust == 75
    with pytest.raises(CaseAlreadyDecided):
        undoing.reverse(moderator, made.pk, "Again.", SORRY)
    assert broken() == {}


def test_a_ban_ends_what_was_open_when_it_is_certain(asker: Member, helper: Member, moderator: Member) -> None:
    own = HelpRequestFactory(requester=helper)
    report, thread = reported_thread(asker, helper)
    made = decide(moderator, report.case, Action.BAN, alone_because="It could not wait.")
    own.refresh_from_db()
    assert own.status == RequestStatus.OPEN
    ten_minutes_pass(made)
    own.refresh_from_db()
    thread.refresh_from_db()
    assert own.status == RequestStatus.CLOSED
    assert thread.offer_state == "withdrawn"
    assert broken() == {}


def test_membership_is_taken_back_and_given_back(asker: Member, helper: Member, moderator: Member) -> None:
    made = decide(moderator, reported_message(asker, helper).case, Action.REJECT)
    ten_minutes_pass(made)
    assert Member.objects.get(pk=helper.pk).is_rejected
    undoing.reverse(moderator, made.pk, "It was somebody else with the same name.", SORRY)
    assert Member.objects.get(pk=helper.pk).is_approved
    assert broken() == {}


def test_somebody_else_answers_an_appeal(asker: Member, helper: Member, moderator: Member) -> None:
    made = decide(moderator, reported_message(asker, helper).case, Action.SUSPEND, days=30)
    appeal = appealing.appeal_decision(helper, made.pk, "It was a joke.")
    assert appeal.case.source == Source.APPEAL
    with pytest.raises(AlreadyReported):
        appealing.appeal_decision(helper, made.pk, "Really.")
    with pytest.raises(NotPermitted, match="asked for another look"):
        undoing.undo(moderator, made.pk)
    other = another_moderator()
    with pytest.raises(NotPermitted, match="You made this decision"):
        cases.claim(moderator, appeal.case_id)
    ten_minutes_pass(made)
    answer(other, appeal, Action.OVERTURN)
    assert level_of(helper) == "none"
    assert told(helper, "appeal_answered") == told(asker, "outcome_changed") == 1
    assert told(helper, "decision_reversed") == 0, "once is enough"
    assert broken() == {}


def test_a_decision_that_is_kept_stays(asker: Member, helper: Member, moderator: Member) -> None:
    made = decide(moderator, reported_message(asker, helper).case, Action.SUSPEND, days=30)
    ten_minutes_pass(made)
    answer(another_moderator(), appealing.appeal_decision(helper, made.pk, "It was a joke."), Action.KEEP)
    assert level_of(helper) == "suspended"
    assert told(helper, "appeal_answered") == 1
    assert told(asker, "outcome_changed") == 0
    assert broken() == {}


def test_a_reporter_who_was_right_to_ask_gets_a_new_decision(asker: Member, helper: Member, moderator: Member) -> None:
    report = reported_message(asker, helper)
    made = decide(moderator, report.case, Action.NOTHING, rule=None, facts="", words="")
    with pytest.raises(NotPermitted):
        appealing.appeal_report(asker, report.pk, "Please read it again.")
    ten_minutes_pass(made)
    appeal = appealing.appeal_report(asker, report.pk, "Please read it again.")
    other = another_moderator()
    answer(other, appeal, Action.OVERTURN)
    again = Case.objects.get(pk=report.case_id)
    assert again.is_open
    decide(other, again, Action.WARN)
    assert broken() == {}


def test_nobody_appeals_for_others(asker: Member, helper: Member, outsider: Member, moderator: Member) -> None:
    report = reported_message(asker, helper)
    made = decide(moderator, report.case, Action.WARN)
    for somebody in (asker, outsider):
        with pytest.raises(NotFound):
            appealing.appeal_decision(somebody, made.pk, "Hm.")
    with pytest.raises(NotFound):
        appealing.appeal_report(helper, report.pk, "Hm.")


def test_one_moderator_alone_looks_again_after_a_day_with_a_reason(
    asker: Member, helper: Member, moderator: Member
) -> None:
    made = decide(moderator, reported_message(asker, helper).case, Action.SUSPEND, days=30)
    appeal = appealing.appeal_decision(helper, made.pk, "It was a joke.")
    with pytest.raises(NotPermitted, match="As there is none"):
        cases.claim(moderator, appeal.case_id)
    a_day_passes(appeal.case)
    ten_minutes_pass(made)
    with pytest.raises(NotValid) as refused:
        answer(moderator, appeal, Action.KEEP)
    assert "alone_because" in refused.value.extras["fields"]
    decide(moderator, appeal.case, Action.KEEP, rule=None, alone_because="I am the only moderator.")
    assert told(helper, "appeal_answered") == 1


def test_both_ask_and_one_answer_tells_both(asker: Member, helper: Member, moderator: Member) -> None:
    report = reported_message(asker, helper)
    made = decide(moderator, report.case, Action.WARN)
    ten_minutes_pass(made)
    one = appealing.appeal_decision(helper, made.pk, "Too much.")
    two = appealing.appeal_report(asker, report.pk, "Too little.")
    assert one.case_id == two.case_id
    with pytest.raises(NotValid) as refused:
        answer_with(another_moderator("Max"), one, reporter_words="")
    assert set(refused.value.extras["fields"]) == {"reporter_words"}
    cases.let_go(Member.objects.get(called="Max"), one.case_id)
    answer(another_moderator(), one, Action.KEEP)
    assert told(helper, "appeal_answered") == told(asker, "appeal_answered") == 1


def test_whoever_reported_a_person_takes_no_second_look_at_them(helper: Member, moderator: Member) -> None:
    reporter = another_moderator("Rita")
    made = decide(moderator, reporting.report(reporter, Kind.MEMBER, helper.pk, Complaint(Reason.SPAM)).case)
    appeal = appealing.appeal_decision(helper, made.pk, "It was a joke.")
    with pytest.raises(NotPermitted, match="part of this case"):
        cases.claim(reporter, appeal.case_id)
    assert appeal.case.number not in [row.number for row in queue(reporter, Filters()).rows]

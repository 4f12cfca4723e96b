"""Many at once: one report, exact counts, and evidence that is either before or after what happens meanwhile."""

from datetime import timedelta
from functools import partial

import pytest
from django.db.models import F
from django.test import Client

from audit.models import AuditEntry
from carecollective.encryption import fingerprint
from carecollective.invariants import broken
from members import limits
from members.models import Block, LimitHits, Member
from messaging.models import Deed, MessageRecord
from messaging.services import changing
from moderation.models import Appeal, Case, Decision, Kind, Report
from moderation.services import appealing, reporting, telling, undoing
from moderation.services.reporting import Complaint
from notifications.models import Notice
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, offer_to, say
from tests.factories.moderation import another_moderator, decide, reported_message
from tests.help_requests.test_races import at_once

pytestmark = [pytest.mark.committed, pytest.mark.both_ways]
RUDE = Complaint("harassment")


@pytest.mark.parametrize("kind", [Kind.MESSAGE, Kind.MEMBER])
def test_pressed_twenty_times_it_is_one_report(kind: Kind, asker: Member, helper: Member) -> None:
    target_id = offer_to(asker, helper).pk if kind == Kind.MESSAGE else helper.pk
    outcome = at_once(*[lambda: reporting.report(asker, kind, target_id, RUDE)] * 20)
    assert sorted(outcome) == ["already_reported"] * 19 + ["done"]
    assert Report.objects.count() == 1
    assert len(LimitHits.objects.get(name="reports").moments) == 1
    assert MessageRecord.objects.filter(deed=Deed.REPORTED).count() == (kind == Kind.MESSAGE)


@pytest.mark.parametrize("also_block", [True, False])
def test_a_form_pressed_many_times_at_once_is_thanked_each_time(also_block: bool, helper: Member) -> None:
    """A block of the one hides from the others what they are about."""
    for _ in range(3):
        reporter, request = MemberFactory(), HelpRequestFactory(requester=helper)
        words = {"reason": "scam", "description": "A lamp."} | ({"also_block": "on"} if also_block else {})
        browsers, places = [browser_of(reporter) for _ in range(4)], []

        def press(browser: Client) -> None:
            places.append(browser.post(f"/requests/{request.pk}/report/", words)["Location"])  # noqa: B023

        at_once(*(partial(press, browser) for browser in browsers))
        assert places == [f"/reports/{Report.objects.get(reporter=reporter).pk}/"] * 4


def test_the_hourly_limit_is_exact_under_a_burst(asker: Member) -> None:
    people = MemberFactory.create_batch(10)
    outcome = at_once(*(lambda other=other: reporting.report(asker, Kind.MEMBER, other.pk, RUDE) for other in people))
    assert outcome.count("done") == limits.REPORTS.most == Report.objects.count()
    assert outcome.count("rate_limited") == 5


def test_two_people_report_and_block_each_other_and_neither_waits_for_ever() -> None:
    both = Complaint("harassment", also_block=True)
    for _ in range(5):
        ana, ben = MemberFactory(), MemberFactory()
        thread = offer_to(ana, ben)
        acts = [
            lambda: reporting.report(ana, Kind.CONVERSATION, thread.pk, both),  # noqa: B023
            lambda: reporting.report(ben, Kind.CONVERSATION, thread.pk, both),  # noqa: B023
            lambda: reporting.report(ana, Kind.MEMBER, ben.pk, both),  # noqa: B023
            lambda: reporting.report(ben, Kind.MEMBER, ana.pk, both),  # noqa: B023
        ]
        assert at_once(*acts) == ["done"] * 4
        assert Block.objects.between(ana.pk, ben.pk).count() == 2


@pytest.mark.parametrize("flee", ["edit", "delete"])
def test_an_edit_or_a_deletion_comes_before_what_is_sealed_or_after_it(flee: str) -> None:
    for _ in range(5):
        ana, ben = MemberFactory(), MemberFactory()
        thread = offer_to(ana, ben)
        message = say(ben, thread, WORDS)

        def run_away() -> object:
            if flee == "edit":
                return changing.edit_message(ben, message, "I never said that.")  # noqa: B023
            return changing.delete_message(ben, message)  # noqa: B023

        assert at_once(lambda: reporting.report(ana, Kind.MESSAGE, message, RUDE), run_away) == ["done"] * 2  # noqa: B023
        line = Report.objects.get(reporter=ana).opened_evidence["messages"][-1]
        whole = (line["text"], line["edited_at"], line["deleted_at"]) == (WORDS, None, None)
        edited = bool(line["first"] == WORDS and line["text"] == "I never said that." and line["edited_at"])
        deleted = bool(line["text"] == "" and line["deleted_at"])
        assert [whole, edited, deleted].count(True) == 1
        assert line["digest"] == fingerprint(WORDS)
    assert not broken()


def test_words_that_arrive_meanwhile_do_not_stop_a_report() -> None:
    ana, ben = MemberFactory(), MemberFactory()
    thread = offer_to(ana, ben)
    outcome = at_once(
        lambda: reporting.report(ana, Kind.CONVERSATION, thread.pk, RUDE),
        *[lambda: say(ben, thread, "And another thing.")] * 5,
    )
    assert outcome == ["done"] * 6
    assert not broken()


def test_eight_people_report_one_person_at_once_and_it_is_one_case(helper: Member) -> None:
    crowd = MemberFactory.create_batch(8)
    outcome = at_once(*(lambda who=who: reporting.report(who, Kind.MEMBER, helper.pk, RUDE) for who in crowd))
    assert outcome == ["done"] * 8
    assert Case.objects.get().version == 8
    assert Report.objects.filter(case=Case.objects.get()).count() == 8


def test_four_moderators_one_case(asker: Member, helper: Member) -> None:
    case = reported_message(asker, helper).case
    four = [another_moderator(name) for name in ("Mia", "Max", "Mei", "Moe")]
    outcome = at_once(*(lambda who=who: decide(who, case) for who in four))
    assert outcome.count("done") == 1
    assert set(outcome) <= {"done", "permission_denied", "case_already_decided"}
    assert Decision.objects.count() == AuditEntry.objects.filter(action="case_decided").count() == 1
    assert broken() == {}


def test_a_decision_and_a_new_report_at_once_lose_nothing(asker: Member, helper: Member, moderator: Member) -> None:
    case = reporting.report(asker, Kind.MEMBER, helper.pk, RUDE).case
    late = MemberFactory()
    outcome = at_once(lambda: decide(moderator, case), lambda: reporting.report(late, Kind.MEMBER, helper.pk, RUDE))
    assert outcome[1] == "done"
    open_case = Case.objects.get(reports__reporter=late)
    assert open_case.is_open or outcome[0] == "done"
    assert broken() == {}


def test_two_workers_tell_the_same_people_and_never_wait_crosswise(moderator: Member) -> None:
    crowd = MemberFactory.create_batch(8)
    made = []
    for reporters in (crowd, crowd[::-1]):
        about = MemberFactory()
        reports = [reporting.report(who, Kind.MEMBER, about.pk, RUDE) for who in reporters]
        made.append(decide(moderator, reports[0].case))
    Decision.objects.update(counts_from=F("counts_from") - timedelta(minutes=11))
    assert at_once(*(lambda one=one: telling.tell_of(one.pk) for one in made)) == ["done"] * 2
    assert Notice.objects.filter(event__kind="report_answered").count() == 16


def test_an_undo_and_an_appeal_at_once_agree(asker: Member, helper: Member, moderator: Member) -> None:
    made = decide(moderator, reported_message(asker, helper).case)
    outcome = at_once(
        lambda: undoing.undo(moderator, made.pk), lambda: appealing.appeal_decision(helper, made.pk, "Really?")
    )
    assert outcome.count("done") == 1
    assert Appeal.objects.exists() == (outcome[1] == "done")


def test_pressed_twenty_times_it_is_one_appeal_and_counts_once(
    asker: Member, helper: Member, moderator: Member
) -> None:
    made = decide(moderator, reported_message(asker, helper).case)
    outcome = at_once(*[lambda: appealing.appeal_decision(helper, made.pk, "It was a joke.")] * 20)
    assert sorted(outcome) == ["already_reported"] * 19 + ["done"]
    assert Appeal.objects.count() == 1
    assert Case.objects.filter(source="appeal").count() == 1
    assert len(LimitHits.objects.get(name="appeals").moments) == 1
    assert broken() == {}

"""Deciding: what fits, what it does at once, what each person reads, and that nobody decides twice."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils.timezone import now

from audit.models import AuditEntry
from carecollective.errors import CaseAlreadyDecided, MemberRestricted, NotPermitted, NotValid
from carecollective.invariants import broken
from carecollective.ports import DecisionLink, decisions_about
from members.models import Member, Restriction
from members.services import restrictions
from messaging.models import Conversation, Status
from messaging.services import talking
from moderation.models import Action, Case, Decision, Kind, Phrase, Reason, Report, Standing
from moderation.models import Status as ReportStatus
from moderation.models.phrase import NOTE_TO_ONESELF
from moderation.reads_desk import needs
from moderation.services import cases, deciding, effects, phrasing, reporting, undoing
from moderation.services.preview import preview
from moderation.services.reporting import Complaint
from moderation.statements import outcome, statement
from notifications.models import Notice
from screening.models import Example
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.factories.moderation import (
    FACTS,
    MONEY,
    WORDS,
    another_moderator,
    decide,
    reported_message,
    reported_thread,
    ruling,
    ten_minutes_pass,
)
from tests.factories.restrictions import restrict

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]


@pytest.fixture
def case(asker: Member, helper: Member) -> Case:
    return reported_message(asker, helper).case


def level_of(member: Member) -> str:
    return str(restrictions.in_force(member).level)


def told(member: Member) -> list[str]:
    return list(Notice.objects.filter(member=member).order_by("number").values_list("event__kind", flat=True))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"action": "shout"}, "action"),
        ({"action": Action.KEEP}, "action"),
        ({"rule": None}, "rule"),
        ({"rule": 7}, "rule"),
        ({"action": Action.LIMIT, "days": 2}, "days"),
        ({"action": Action.SUSPEND, "days": -1}, "days"),
        ({"facts": " "}, "facts"),
        ({"words": ""}, "words"),
        ({"reporter_words": ""}, "reporter_words"),
        ({"words": "You wrote {{ quote }}."}, "words"),
        ({"words": f"{NOTE_TO_ONESELF} say it kindly"}, "words"),
        ({"facts": "x" * 1001}, "facts"),
        ({"look_again_on": (now() - timedelta(days=1)).date()}, "look_again_on"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    case: Case, moderator: Member, more: dict[str, Any], field: str
) -> None:
    claimed = cases.claim(moderator, case.pk)
    more = {"action": Action.WARN} | more
    with pytest.raises(NotValid) as refused:
        deciding.decide(moderator, case.pk, claimed.version, ruling(**more))
    assert field in refused.value.extras["fields"]
    assert not Decision.objects.exists()
    assert Case.objects.get(pk=case.pk).is_open


def test_without_the_case_open_nobody_decides(case: Case, moderator: Member) -> None:
    with pytest.raises(NotPermitted, match="Open this case first"):
        deciding.decide(moderator, case.pk, case.version, ruling())


def test_what_came_in_meanwhile_is_read_first(case: Case, moderator: Member, asker: Member, helper: Member) -> None:
    made = reporting.report(asker, Kind.MEMBER, helper.pk, Complaint(Reason.SPAM))
    version = cases.claim(moderator, made.case_id).version
    reporting.report(MemberFactory(), Kind.MEMBER, helper.pk, Complaint(Reason.SPAM))
    with pytest.raises(CaseAlreadyDecided, match="Something new came in"):
        deciding.decide(moderator, made.case_id, version, ruling())


def test_no_rule_broken_tells_only_who_reported(case: Case, moderator: Member, asker: Member, helper: Member) -> None:
    made = decide(moderator, case, Action.NOTHING, rule=None, facts="", words="")
    assert level_of(helper) == "none"
    ten_minutes_pass(made)
    assert "report_answered" in told(asker)
    assert "decision_made" not in told(helper)
    assert Report.objects.get().status == ReportStatus.DECIDED


def test_a_limit_holds_at_once_and_the_mail_waits_ten_minutes(
    case: Case, moderator: Member, asker: Member, helper: Member
) -> None:
    made = decide(moderator, case, Action.LIMIT, days=7)
    standing = restrictions.in_force(helper)
    assert (standing.level, standing.message_limit_per_day) == ("limited", 10)
    assert made.until
    assert abs(made.until - now() - timedelta(days=7)) < timedelta(minutes=1)
    assert "decision_made" not in told(helper)
    ten_minutes_pass(made)
    ten_minutes_pass(made)
    assert told(helper).count("decision_made") == 1
    assert told(asker).count("report_answered") == 1


def test_a_pause_refuses_the_next_message_with_the_rule_and_the_way_to_appeal(
    asker: Member, helper: Member, moderator: Member
) -> None:
    report, thread = reported_thread(asker, helper)
    made = decide(moderator, report.case, Action.SUSPEND, days=7)
    with pytest.raises(MemberRestricted, match="rule 5") as refused:
        talking.send_message(helper, thread.pk, "Can we still meet?")
    assert refused.value.extras["appeal_url"] == f"/decisions/{made.pk}/"


def test_hiding_and_closing(asker: Member, helper: Member, moderator: Member) -> None:
    report = reported_message(asker, helper)
    with pytest.raises(NotValid):
        decide(moderator, reporting.report(asker, Kind.MEMBER, helper.pk, Complaint(Reason.SPAM)).case, Action.HIDE)
    decide(moderator, report.case, Action.CLOSE, hides=True)
    thread = Conversation.objects.get()
    assert thread.status == Status.CLOSED
    assert thread.messages.get(pk=report.target_id).moderation == "hidden"


def test_a_ban_waits_for_a_second_moderator_and_protects_meanwhile(
    case: Case, moderator: Member, helper: Member
) -> None:
    made = decide(moderator, case, Action.BAN)
    assert made.standing == Standing.WAITING
    assert level_of(helper) == "suspended"
    assert Case.objects.get(pk=case.pk).is_open
    with pytest.raises(NotPermitted):
        deciding.confirm(moderator, made.pk, 2)
    second = another_moderator()
    cases.claim(second, case.pk)
    with pytest.raises(CaseAlreadyDecided, match="A ban is proposed"):
        deciding.decide(second, case.pk, Case.objects.get(pk=case.pk).version, ruling())
    made = deciding.confirm(second, made.pk, Case.objects.get(pk=case.pk).version)
    assert level_of(helper) == "banned"
    assert made.seconded_by == second
    assert not Case.objects.get(pk=case.pk).is_open
    assert broken() == {}


def test_the_second_moderator_may_say_no(case: Case, moderator: Member, helper: Member) -> None:
    made = decide(moderator, case, Action.BAN)
    second = another_moderator()
    cases.claim(second, case.pk)
    deciding.refuse(second, made.pk)
    assert level_of(helper) == "none"
    decide(second, Case.objects.get(pk=case.pk), Action.WARN)
    assert Decision.objects.count() == 2


def test_alone_a_ban_needs_a_reason_which_the_statement_tells(case: Case, moderator: Member, helper: Member) -> None:
    made = decide(moderator, case, Action.BAN, alone_because="There is no other moderator this week.")
    assert made.is_in_force
    assert level_of(helper) == "banned"
    assert AuditEntry.objects.get(action="case_decided").reason == "There is no other moderator this week."


def test_no_second_person_no_reason_no_ban_whatever_code_says(case: Case, moderator: Member) -> None:
    made = decide(moderator, case, Action.BAN)
    with pytest.raises(IntegrityError, match="ban_has_two_people_or_a_reason"), transaction.atomic():
        Decision.objects.filter(pk=made.pk).update(standing=Standing.IN_FORCE)


def test_a_restriction_without_a_decision_cannot_be_stored(helper: Member, moderator: Member) -> None:
    measure = restrictions.Measure(uuid4(), "limited", 1, "Rude words.", "What was said.")

    @transaction.atomic
    def unfounded() -> None:
        restrictions.restrict(moderator, helper.pk, measure)
        connection.check_constraints()

    with pytest.raises(IntegrityError, match="have_their_decision"):
        unfounded()


def test_what_was_decided_stays(case: Case, moderator: Member) -> None:
    made = decide(moderator, case)
    for change in ({"action": Action.BAN}, {"rule": 1}, {"words": "Other words"}, {"alone_because": "x"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Decision.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        made.delete()


def test_the_preview_is_what_people_read(case: Case, moderator: Member, asker: Member, helper: Member) -> None:
    wanted = ruling(Action.LIMIT, days=7, hides=True)
    claimed = cases.claim(moderator, case.pk)
    shown = preview(moderator, claimed, wanted)
    assert [(each.called, each.role) for each in shown] == [
        ("Ben", "Whom it is about"),
        ("Ana", "Who reported it"),
    ]
    made = deciding.decide(moderator, case.pk, claimed.version, wanted)
    stored = Decision.objects.get(pk=made.pk)
    assert shown[0].page == tuple(statement(stored).paragraphs)
    assert shown[1].page == (outcome(stored),)
    text = " ".join(shown[0].page)
    for part in ("We hid one message you sent.", "10 messages a day", FACTS, WORDS, "Rule 5", "A member reported it"):
        assert part in text
    assert "Ana" not in text, "nobody learns who reported"


def test_ready_words_are_filled_and_never_sent_half_filled(case: Case, moderator: Member) -> None:
    phrase = Phrase.objects.newest().get(name="spam")
    words, to_reporter = phrasing.fill(phrase, case, ruling(), quote="buy two, get one")
    assert "Ben, words like “buy two, get one”" in words
    assert to_reporter == "Thank you. We looked and took action."
    words, _ = phrasing.fill(phrase, case, ruling())
    with pytest.raises(NotValid):
        decide(moderator, case, words=words)


def test_new_words_are_a_new_version(moderator: Member, helper: Member) -> None:
    phrase = Phrase.objects.newest().get(name="spam")
    fresh = phrasing.rewrite(moderator, phrase.pk, "{{ called }}, no selling, please.", "Thank you.")
    assert fresh.version == 2
    assert Phrase.objects.newest().get(pk=fresh.pk)
    with pytest.raises(NotValid, match="There is no"):
        phrasing.rewrite(moderator, phrase.pk, "{{ surname }}", "Thank you.")
    with pytest.raises(NotPermitted):
        phrasing.rewrite(helper, phrase.pk, "Mine", "Mine")


def test_trust_falls_with_upheld_reports_and_suggests_more(asker: Member, helper: Member, moderator: Member) -> None:
    assert Member.objects.get(pk=helper.pk).trust == 75
    assert effects.suggestion(helper) is None
    decide(moderator, reported_message(asker, helper).case)
    assert Member.objects.get(pk=helper.pk).trust == 60
    assert effects.suggestion(helper) == Action.LIMIT
    decide(moderator, reported_message(asker, helper).case)
    assert effects.suggestion(helper) == Action.SUSPEND
    decide(moderator, reported_message(asker, helper).case, Action.NOTHING, rule=None)
    assert Member.objects.get(pk=helper.pk).trust == 45


def test_whoever_wrote_what_was_hidden_finds_out_why(asker: Member, helper: Member, moderator: Member) -> None:
    report = reported_message(asker, helper)
    made = decide(moderator, report.case, Action.HIDE)
    found = decisions_about("message", [report.target_id])
    assert found == {report.target_id: DecisionLink(f"/decisions/{made.pk}/", 5)}
    assert browser_of(helper).get(f"/messages/{report.conversation_id}/").content.decode().count(str(made.pk)) >= 1
    assert str(made.pk) not in browser_of(asker).get(f"/messages/{report.conversation_id}/").content.decode()


def test_what_was_decided_teaches_the_rules_when_it_is_certain(
    asker: Member, helper: Member, moderator: Member
) -> None:
    made = decide(moderator, reported_message(asker, helper).case)
    assert not Example.objects.exists()
    ten_minutes_pass(made)
    example = Example.objects.get()
    assert (example.category, example.is_breach, example.clear_text) == ("potential_scam", True, MONEY)
    undoing.reverse(moderator, made.pk, "It was a joke.", "We took it back.")
    assert not Example.objects.exists()


def test_the_desk_reminds_of_a_pause_to_be_looked_at_again(case: Case, moderator: Member, helper: Member) -> None:
    day = now().date() + timedelta(days=30)
    decide(moderator, case, Action.SUSPEND, look_again_on=day)
    pause = Restriction.objects.get(member=helper)
    assert pause.look_again_on == day
    assert [need.count for need in needs(moderator) if "look at again" in need.words] == [0]
    restrict(helper, "suspended", look_again_on=now().date())
    assert [need.count for need in needs(moderator) if "look at again" in need.words] == [1]

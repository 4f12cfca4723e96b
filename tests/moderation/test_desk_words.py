"""What the desk quotes, asks for and shows: the words that broke the rule, and no letter to nobody."""

import re
from typing import Any

import pytest
from django.test import Client

from members.models import Member
from messaging.models import Conversation
from messaging.services import changing
from moderation import reads
from moderation.models import Action, Case, Decision, Kind, Reason
from moderation.services import cases, reporting
from moderation.services.reporting import Complaint
from tests.cast import browser_of
from tests.factories.messaging import offer_to, say
from tests.factories.moderation import FACTS, MONEY, WORDS, decide, reported_message
from tests.members.pages.sent import said

pytestmark = pytest.mark.django_db

HARMLESS, ABUSE = "See you on Tuesday at ten.", "You are a useless old cow."
THREAT = "I know where you live and I will kill you."


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", said(answer)))


@pytest.fixture
def desk(moderator: Member) -> Client:
    return browser_of(moderator)


@pytest.fixture
def thread(asker: Member, helper: Member) -> Conversation:
    return offer_to(asker, helper)


def begun(moderator: Member, desk: Client, case: Case) -> str:
    """The facts as the form brings them."""
    cases.claim(moderator, case.pk)
    page = desk.get(f"/admin/moderation/case/{case.pk}/")
    return str(page.context["form"]["facts"].value())


def test_what_was_reported_is_quoted_and_not_what_it_was_before(
    asker: Member, helper: Member, moderator: Member, desk: Client, thread: Conversation
) -> None:
    message = say(helper, thread, HARMLESS)
    changing.edit_message(helper, message, ABUSE)
    report = reporting.report(asker, Kind.MESSAGE, message, Complaint(Reason.HARASSMENT))
    facts = begun(moderator, desk, report.case)
    assert ABUSE in facts
    assert HARMLESS not in facts


def test_what_a_rule_found_is_quoted_and_not_what_was_written_over_it(
    asker: Member, helper: Member, moderator: Member, desk: Client, thread: Conversation
) -> None:
    message = say(helper, thread, MONEY)
    changing.edit_message(helper, message, HARMLESS)
    report = reporting.report(asker, Kind.MESSAGE, message, Complaint(Reason.SCAM))
    facts = begun(moderator, desk, report.case)
    assert MONEY in facts
    assert HARMLESS not in facts


def told(helper: Member, made: Decision) -> str:
    statement = reads.decision_told(helper, made.pk).statement
    assert statement
    return statement.found


def test_the_statement_tells_whether_software_had_a_part(
    asker: Member, helper: Member, moderator: Member, thread: Conversation
) -> None:
    by_member = decide(moderator, reported_message(asker, helper, HARMLESS).case)
    assert told(helper, by_member).startswith("A member reported it. A moderator read it")
    say(helper, thread, MONEY)
    by_rule = decide(moderator, Case.objects.open().get())
    assert told(helper, by_rule).startswith("A rule of our software found it. No software decides here")
    both = say(helper, thread, MONEY)
    report = reporting.report(asker, Kind.MESSAGE, both, Complaint(Reason.SCAM))
    by_both = decide(moderator, report.case)
    assert told(helper, by_both).startswith("A member reported it, and a rule of our software had marked it, too.")
    assert "a moderator read it and decided this on" in told(helper, by_both)
    assert [made.found_by_rule for made in (by_member, by_rule, by_both)] == [False, True, True]


def sent(case: Case, act: str, **more: str) -> dict[str, str]:
    known = {"version": str(case.version), "rule": "5", "action": "warn", "facts": FACTS, "words": WORDS, "act": act}
    return known | more


def test_what_only_a_rule_found_asks_for_no_words_to_a_reporter(
    helper: Member, moderator: Member, desk: Client, thread: Conversation
) -> None:
    say(helper, thread, MONEY)
    case = cases.claim(moderator, Case.objects.get().pk)
    page = desk.get(f"/admin/moderation/case/{case.pk}/")
    assert "reporter_words" not in page.context["form"].fields
    assert "Your words to whoever reported it" not in text(page)
    assert "Nobody hears of it." in text(page)
    shown = desk.post(f"/admin/moderation/case/{case.pk}/decide/", sent(case, "see"))
    assert shown.status_code == 200
    assert [each.called for each in shown.context["previews"]] == ["Ben"]
    assert desk.post(f"/admin/moderation/case/{case.pk}/decide/", sent(case, "decide")).status_code == 302
    assert Decision.objects.get().clear_reporter_words == ""


def test_held_words_are_let_go_without_words_to_anybody(
    helper: Member, moderator: Member, desk: Client, thread: Conversation
) -> None:
    say(helper, thread, THREAT)
    case = cases.claim(moderator, Case.objects.get().pk)
    assert case.is_held
    assert "The words that wait are sent now." in text(desk.get(f"/admin/moderation/case/{case.pk}/"))
    empty = sent(case, "see", action="nothing", rule="", facts="", words="")
    shown = desk.post(f"/admin/moderation/case/{case.pk}/decide/", empty)
    assert "Nobody is told" in text(shown)
    assert desk.post(f"/admin/moderation/case/{case.pk}/decide/", empty | {"act": "decide"}).status_code == 302
    assert Decision.objects.get().action == Action.NOTHING


def test_once_somebody_reports_it_they_are_answered(
    asker: Member, helper: Member, moderator: Member, desk: Client, thread: Conversation
) -> None:
    message = say(helper, thread, MONEY)
    old = cases.claim(moderator, Case.objects.get().pk)
    reporting.report(asker, Kind.MESSAGE, message, Complaint(Reason.SCAM))
    refused = desk.post(f"/admin/moderation/case/{old.pk}/decide/", sent(old, "decide"))
    assert refused.status_code == 409
    assert "Your words to whoever reported it" in text(refused)
    new = Case.objects.get()
    refused = desk.post(f"/admin/moderation/case/{old.pk}/decide/", sent(new, "decide"))
    assert refused.status_code == 400
    assert "Please write what the reporter reads." in text(refused)

"""Decisions about oneself: the statement of reasons, how it stands, and asking for another look."""

import time
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now, override

from members import limits
from members.models import Member
from members.services import restrictions
from moderation.models import Action, Appeal, Case, Decision, Find
from moderation.services import appealing, cases, deciding, undoing
from moderation.statements import day, statement
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.moderation import (
    FACTS,
    WORDS,
    an_open_case,
    another_moderator,
    decide,
    reported_message,
    ten_minutes_pass,
)
from tests.factories.restrictions import decision as a_decision
from tests.factories.restrictions import restrict
from tests.members.pages.sent import said

pytestmark = pytest.mark.django_db
JOKE = "It was a joke.\nWe know each other."


def day_there(moment: datetime) -> str:
    """Where the members are it is another day at times."""
    with override(settings.DEFAULT_TIME_ZONE):
        return day(moment)


def page_of(made: Decision) -> str:
    return f"/decisions/{made.pk}/"


@pytest.fixture
def pause(asker: Member, helper: Member, moderator: Member) -> Decision:
    return decide(moderator, reported_message(asker, helper).case, Action.SUSPEND, days=7)


def test_the_statement_says_all_of_it_and_not_who(pause: Decision, helper: Member) -> None:
    page = said(browser_of(helper).get(page_of(pause)))
    assert pause.until
    for part in (
        f"We paused writing and posting for you until {day_there(pause.until)}.",
        FACTS,
        WORDS,
        "Rule 5 says: Never ask for money or gifts.",
        'href="/rules/#rule-5"',
        # The words ask for money, which our own rule found as well.
        "A member reported it, and a rule of our software had marked it, too.",
        f"a moderator read it and decided this on {day_there(pause.decided_at)}.",
        f"until {day_there(pause.appeal_until)}. Another moderator looks at it again, within 3 working days.",
        "In force",
    ):
        assert part in page
    assert "Ana" not in page, "nobody learns who reported"
    assert "Mo " not in page, "nor who decided"
    assert 'id="rule-5"' in said(browser_of(helper).get("/rules/"))


def test_what_software_found_and_what_one_person_decided_is_said(helper: Member, moderator: Member) -> None:
    case = an_open_case(helper, source="rule")
    found = Find(case=case, categories=["money"])
    found.seal({})
    found.save(force_insert=True)
    made = decide(moderator, case, Action.BAN, alone_because="It could not wait.")
    text = " ".join(statement(made).paragraphs)
    assert "A rule of our software found it. No software decides here: a moderator read it" in text
    assert "This time one person decided alone, because: It could not wait." in text


def test_words_that_waited_and_broke_a_rule_were_not_sent(helper: Member, moderator: Member) -> None:
    held = an_open_case(helper, target_kind="message", target_id=uuid4(), is_held=True)
    made = Decision(case=held, affected=helper, action=Action.WARN, rule=1, decided_by=moderator, decided_at=now())
    made.clear_facts = made.clear_words = made.clear_reporter_words = "x"
    assert statement(made).did.startswith("We did not send one message of yours. We are writing to you")


def test_days_are_those_of_whoever_it_is_about(pause: Decision) -> None:
    late = pause.decided_at.replace(hour=3, minute=0)
    pause.until = late + timedelta(days=7)
    pause.affected.time_zone = "America/Chicago"
    assert day(pause.until - timedelta(days=1)) in statement(pause).did
    pause.affected.time_zone = "Pacific/Auckland"
    assert day(pause.until) in statement(pause).did


def test_others_and_undone_ones_are_as_absent(
    pause: Decision, helper: Member, asker: Member, moderator: Member
) -> None:
    for somebody in (asker, moderator, MemberFactory()):
        answer = browser_of(somebody).get(page_of(pause))
        assert answer.status_code == browser_of(somebody).get(f"/decisions/{uuid4()}/").status_code == 404
        assert FACTS not in said(answer)
        assert browser_of(somebody).post(page_of(pause), {"words": "Hm."}).status_code == 404
        assert "We paused" not in said(browser_of(somebody).get("/decisions/"))
    assert Client().get(page_of(pause))["Location"].startswith("/login/")
    undoing.undo(moderator, pause.pk)
    assert browser_of(helper).get(page_of(pause)).status_code == 404
    assert "There is no decision about you." in said(browser_of(helper).get("/decisions/"))


def test_a_ban_that_waits_says_so_and_takes_no_appeal_yet(asker: Member, helper: Member, moderator: Member) -> None:
    made = decide(moderator, reported_message(asker, helper).case, Action.BAN)
    browser = browser_of(helper)
    page = said(browser.get(page_of(made)))
    assert "We may have to close your account" in page
    assert "A second moderator looks at this first. Until then, you cannot write or post." in page
    assert "<textarea" not in page
    answer = browser.post(page_of(made), {"words": JOKE})
    assert answer.status_code == 403
    assert JOKE in said(answer)
    second = another_moderator()
    cases.claim(second, made.case_id)
    deciding.confirm(second, made.pk, Case.objects.get(pk=made.case_id).version)
    browser.force_login(Member.objects.get(pk=helper.pk))
    page = said(browser.get(page_of(made)))
    assert "A second moderator agreed." in page
    assert "<textarea" in page


def test_whom_we_banned_reads_and_appeals_in_the_small_room(asker: Member, helper: Member, moderator: Member) -> None:
    made = decide(moderator, reported_message(asker, helper).case, Action.BAN, alone_because="It could not wait.")
    browser = browser_of(helper)
    room = said(browser.get("/home/", follow=True))
    assert f'href="{page_of(made)}#again"' in room
    assert 'href="/decisions/"' in room
    assert "We closed your account" in said(browser.get("/decisions/"))
    assert 'href="/reports/"' not in said(browser.get("/decisions/"))
    answer = browser.post(page_of(made), {"words": JOKE})
    assert answer["Location"] == f"{page_of(made)}#again"
    assert "You asked us to look again" in said(browser.get(page_of(made)))
    assert browser.get("/reports/")["Location"] == "/waiting/"


@pytest.mark.parametrize(("action", "stays_ended"), [(Action.SUSPEND, False), (Action.BAN, True)])
def test_of_a_ban_taken_back_they_read_what_has_to_be_started_again(
    asker: Member, helper: Member, moderator: Member, action: Action, stays_ended: bool
) -> None:
    own = HelpRequestFactory(requester=helper)
    made = decide(moderator, reported_message(asker, helper).case, action, alone_because="It could not wait.")
    ten_minutes_pass(made)
    undoing.reverse(moderator, made.pk, "It was a joke.", "We are sorry.")
    own.refresh_from_db()
    assert (own.status == "closed") == stays_ended
    page = said(browser_of(Member.objects.get(pk=helper.pk)).get(page_of(made)))
    assert "what it stopped works again" in page
    assert ("Only requests and offers that it ended stay ended. You can start them again." in page) == stays_ended


def test_whose_membership_was_taken_back_finds_it(asker: Member, helper: Member, moderator: Member) -> None:
    made = decide(moderator, reported_message(asker, helper).case, Action.REJECT)
    ten_minutes_pass(made)
    browser = browser_of(Member.objects.get(pk=helper.pk))
    assert 'href="/decisions/"' in said(browser.get("/", follow=True))
    assert "We took back your membership" in said(browser.get(page_of(made)))
    assert browser.post(page_of(made), {"words": JOKE}).status_code == 302
    plain = browser_of(MemberFactory(declined=True))
    assert 'href="/decisions/"' not in said(plain.get("/", follow=True))


def test_asked_once_pressed_twice_and_answered(pause: Decision, helper: Member, moderator: Member) -> None:
    browser = browser_of(helper)
    for _ in range(2):
        assert browser.post(page_of(pause), {"words": f"  {JOKE}\u200b "})["Location"] == f"{page_of(pause)}#again"
    appeal = Appeal.objects.get()
    assert appeal.clear_words == JOKE
    page = said(browser.get(page_of(pause)))
    assert "You asked us to look again" in page
    assert "Somebody else reads all of it again by" in page
    assert "We look at it again" in page
    assert "<textarea" not in page
    other = browser.post(page_of(pause), {"words": "One more thing."})
    assert other.status_code == 409
    assert "You asked us to look at this again. A person will." in said(other)
    assert "One more thing." in said(other)
    ten_minutes_pass(pause)
    decide(another_moderator(), appeal.case, Action.KEEP, rule=None, words="It scared them.")
    page = said(browser.get(page_of(pause)))
    assert "We looked again, and our decision stays." in page
    assert "It scared them." in page
    assert "In force" in page


def test_a_late_answer_is_owned_up_to(pause: Decision, helper: Member) -> None:
    appeal = appealing.appeal_decision(helper, pause.pk, JOKE)
    Case.objects.filter(pk=appeal.case_id).update(due_at=now() - timedelta(hours=1))
    assert "We are late with our answer, and we are sorry." in said(browser_of(helper).get(page_of(pause)))


def test_one_moderator_alone_says_so_in_the_answer(pause: Decision, helper: Member, moderator: Member) -> None:
    appeal = appealing.appeal_decision(helper, pause.pk, JOKE)
    Case.objects.filter(pk=appeal.case_id).update(opened_at=now() - timedelta(hours=25))
    ten_minutes_pass(pause)
    decide(moderator, appeal.case, Action.KEEP, rule=None, alone_because="I am the only one.")
    assert "This time one person decided alone, because: I am the only one." in said(
        browser_of(helper).get(page_of(pause))
    )


def test_taken_back_on_appeal_and_by_ourselves(
    pause: Decision, asker: Member, helper: Member, moderator: Member
) -> None:
    appeal = appealing.appeal_decision(helper, pause.pk, JOKE)
    ten_minutes_pass(pause)
    decide(another_moderator(), appeal.case, Action.OVERTURN, rule=None, words="You were kind. We were not.")
    page = said(browser_of(helper).get(page_of(pause)))
    assert "Taken back" in page
    assert f"We took this back on {day_there(now())}." in page
    assert "You were kind. We were not." in page
    assert "<textarea" not in page
    warning = decide(moderator, reported_message(asker, helper).case)
    ten_minutes_pass(warning)
    undoing.reverse(moderator, warning.pk, "A joke.", "We are sorry, Ben.")
    assert "We are sorry, Ben." in said(browser_of(helper).get(page_of(warning)))
    assert browser_of(helper).post(page_of(warning), {"words": JOKE}).status_code == 409


def test_an_answer_to_the_reporter_is_not_shown_to_the_other(asker: Member, helper: Member, moderator: Member) -> None:
    report = reported_message(asker, helper)
    warning = decide(moderator, report.case)
    ten_minutes_pass(warning)
    appeal = appealing.appeal_report(asker, report.pk, "That is too little.")
    decide(another_moderator(), appeal.case, Action.OVERTURN, rule=None, words="You are right, Ana.")
    page = said(browser_of(helper).get(page_of(warning)))
    assert "Taken back" in page
    assert "Ana" not in page


@pytest.mark.parametrize("how", ["by itself", "lifted"])
def test_what_is_over_says_since_when(how: str, helper: Member, moderator: Member) -> None:
    made = a_decision(affected=helper)
    length = timedelta(days=7) if how == "lifted" else timedelta(milliseconds=150)
    held = restrict(helper, decision_id=made.pk, ends_at=now() + length)
    if how == "lifted":
        restrictions.lift(moderator, held.pk, "It was long enough.")
    else:
        time.sleep(0.2)
    page = said(browser_of(helper).get(page_of(made)))
    assert f"This has been over since {day_there(now())}." in page
    assert "<textarea" in page, "a wrong decision can be looked at afterwards, too"


def test_after_six_months_it_is_too_late(helper: Member) -> None:
    made = a_decision(affected=helper)
    old = Decision(case=an_open_case(helper, target_id=uuid4()), affected=helper, decided_by=made.decided_by)
    old.action, old.rule, old.standing, old.decided_at = Action.WARN, 1, "in_force", now() - timedelta(days=184)
    old.clear_facts, old.clear_words, old.clear_reporter_words = FACTS, WORDS, "Thank you."
    old.counts_from = old.told_at = old.decided_at
    old.save(force_insert=True)
    browser = browser_of(helper)
    assert "<textarea" not in said(browser.get(page_of(old)))
    answer = browser.post(page_of(old), {"words": JOKE})
    assert answer.status_code == 403
    assert "The time to ask for another look at this decision is over." in said(answer)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "Please write why we should look again."),
        ("\u200b \u2060", "Please write why we should look again."),
        ("x" * 1001, "Please use 1000 letters or fewer. You have 1001."),
    ],
)
def test_nothing_or_too_much_is_said_at_the_form(pause: Decision, helper: Member, typed: str, problem: str) -> None:
    answer = browser_of(helper).post(page_of(pause), {"words": typed})
    assert answer.status_code == 400
    assert problem in said(answer)
    assert not Appeal.objects.exists()


def test_the_sixth_in_an_hour_waits_with_its_words(pause: Decision, helper: Member) -> None:
    for _ in range(limits.APPEALS.most):
        limits.take(limits.APPEALS, helper.pk)
    answer = browser_of(helper).post(page_of(pause), {"words": JOKE})
    assert answer.status_code == 429
    assert "You have asked us 5 times this hour. You can send this one in" in said(answer)
    assert JOKE in said(answer)
    assert not Appeal.objects.exists()


def test_words_outlive_the_session(pause: Decision, helper: Member, client: Client) -> None:
    client.force_login(helper)
    client.get(page_of(pause))
    client.logout()
    assert "Your words are saved." in said(client.post(page_of(pause), {"words": JOKE}, follow=True))
    client.force_login(helper)
    assert JOKE in said(client.get(page_of(pause)))
    assert not Appeal.objects.exists()


def test_the_list_is_newest_first_goes_on_and_costs_the_same(helper: Member) -> None:
    browser, counts = browser_of(helper), []
    for _ in range(2):
        a_decision(affected=helper)
        with CaptureQueriesContext(connection) as statements:
            browser.get("/decisions/")
        counts.append(len(statements))
    assert counts[0] == counts[1]
    made = [a_decision(affected=helper).pk for _ in range(20)]
    page = browser.get("/decisions/")
    shown = [told.decision.pk for told in page.context["decisions"]]
    assert shown == made[::-1]
    older = browser.get("/decisions/", {"cursor": page.context["page"].next_cursor})
    assert len(older.context["decisions"]) == 2
    assert browser.get("/decisions/", {"cursor": "nonsense\x00"}).status_code == 200


def test_the_way_there_from_me_and_from_what_is_paused(pause: Decision, helper: Member) -> None:
    browser = browser_of(helper)
    assert 'href="/reports/"' in said(browser.get("/me/"))
    assert 'href="/decisions/"' in said(browser.get("/reports/"))
    assert f'href="{page_of(pause)}#again"' in said(browser.get("/home/"))
    assert 'id="again"' in said(browser.get(page_of(pause)))

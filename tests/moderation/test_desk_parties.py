"""Whoever is part of a case reads about it where everybody does, and nowhere at the desk."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from members import roles
from members.models import Member, Restriction
from moderation.models import Action, Case, Decision, Kind, Reason
from moderation.services import appealing, cases, reporting
from moderation.services.reporting import Complaint
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.factories.moderation import another_moderator, decide, ten_minutes_pass
from tests.factories.restrictions import decision, restrict
from tests.members.pages.sent import said

pytestmark = pytest.mark.django_db

DECISIONS, RESTRICTIONS = "/admin/moderation/decision/", "/admin/members/restriction/"


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", said(answer)))


def reported(reporter: Member, person: Member) -> Case:
    return reporting.report(reporter, Kind.MEMBER, person.pk, Complaint(Reason.SCAM)).case


def addresses(made: Decision) -> list[str]:
    row = Restriction.objects.get(decision_id=made.pk)
    one, other = f"{DECISIONS}{made.pk}/", f"{RESTRICTIONS}{row.pk}/"
    return [f"{one}change/", f"{one}history/", f"{other}change/", f"{other}history/"]


def finds_nothing(browser: Client, made: Decision) -> None:
    assert str(made.pk) not in said(browser.get(DECISIONS))
    assert str(Restriction.objects.get(decision_id=made.pk).pk) not in said(browser.get(RESTRICTIONS))
    row = Restriction.objects.get(decision_id=made.pk)
    for address in [*addresses(made), f"{RESTRICTIONS}{row.pk}/lift/"]:
        assert browser.get(address).status_code == 404, address
    assert browser.post(f"{RESTRICTIONS}{row.pk}/lift/", {"why": "I like him."}).status_code == 404


@pytest.mark.parametrize("action", [Action.LIMIT, Action.BAN])
def test_a_moderator_reads_nothing_of_what_is_decided_about_them(
    action: Action, asker: Member, moderator: Member
) -> None:
    mia = another_moderator()
    made = decide(mia, reported(asker, moderator), action)
    finds_nothing(browser_of(moderator), made)
    other = browser_of(another_moderator("Max"))
    assert str(made.pk) in said(other.get(DECISIONS))
    assert all(other.get(address).status_code == 200 for address in addresses(made))


def test_a_moderator_who_reported_something_reads_nothing_of_its_outcome(helper: Member, moderator: Member) -> None:
    made = decide(another_moderator(), reported(moderator, helper), Action.LIMIT)
    browser = browser_of(moderator)
    finds_nothing(browser, made)
    page = text(browser.get(f"/admin/members/member/{helper.pk}/change/"))
    assert f"Case {made.case.number}" not in page
    assert "Limited" not in page
    assert "Trust: Not shown" in page
    other = text(browser_of(another_moderator("Max")).get(f"/admin/members/member/{helper.pk}/change/"))
    assert f"Case {made.case.number}" in other
    assert "Trust: 60 of 100" in other


def test_another_case_about_the_same_person_tells_no_more(helper: Member, moderator: Member) -> None:
    made = decide(another_moderator(), reported(moderator, helper), Action.LIMIT)
    fresh = reported(MemberFactory(), helper)
    assert fresh.pk != made.case_id
    cases.claim(moderator, fresh.pk)
    page = text(browser_of(moderator).get(f"/admin/moderation/case/{fresh.pk}/"))
    assert "Cases about Ben" in page
    assert f"Case {made.case.number}" not in page
    assert "Limited from" not in page


def test_an_answer_to_an_appeal_is_hidden_from_all_it_concerns(asker: Member, helper: Member) -> None:
    """The reporter is part of the second look as of the first one."""
    made = decide(another_moderator(), reported(asker, helper), Action.LIMIT)
    ten_minutes_pass(made)
    appeal = appealing.appeal_decision(helper, made.pk, "It was a joke.")
    answer = decide(another_moderator("Max"), appeal.case, Action.KEEP, rule=None)
    for person in (asker, helper):
        person.groups.add(*MemberFactory(role=roles.AUDITOR).groups.all())
        person.is_staff = True
        person.save()
        browser = browser_of(Member.objects.get(pk=person.pk))
        page = said(browser.get(DECISIONS))
        assert str(made.pk) not in page
        assert str(answer.pk) not in page
        assert browser.get(f"{DECISIONS}{answer.pk}/change/").status_code == 404


def test_the_first_page_counts_what_its_list_shows(moderator: Member) -> None:
    restrict(moderator, "limited", decision_id=decision(affected=moderator).pk, look_again_on=now().date())
    for person, count in ((moderator, 0), (another_moderator("Max"), 1)):
        browser = browser_of(person)
        assert f"{count} restriction{'' if count == 1 else 's'} to look at again" in text(browser.get("/admin/"))
        rows = browser.get(f"{RESTRICTIONS}?now=again").context["cl"].result_count
        assert rows == count

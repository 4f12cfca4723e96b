"""A case that many people reported: everything about it costs the same, and nothing is said twice."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Member
from moderation.models import Case, Kind, Reason
from moderation.services import cases, reporting
from moderation.services.reporting import Complaint
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.members.pages.sent import said

pytestmark = pytest.mark.django_db


def reported_by(count: int, author: Member) -> Case:
    request = HelpRequestFactory(requester=author, description="Buy my used car.")
    for number in range(count):
        about = Complaint(Reason.SPAM, f"He sells cars {number}.")
        report = reporting.report(MemberFactory(called=f"P{number}"), Kind.HELP_REQUEST, request.pk, about)
    return report.case


def read(moderator: Member, case: Case) -> tuple[int, Any]:
    cases.claim(moderator, case.pk)
    browser = browser_of(moderator)
    with CaptureQueriesContext(connection) as statements:
        page = browser.get(f"/admin/moderation/case/{case.pk}/")
    assert page.status_code == 200
    return len(statements), page


def test_twenty_reports_cost_what_two_do_and_show_their_words_once(helper: Member, moderator: Member) -> None:
    few, _ = read(moderator, reported_by(2, helper))
    many, page = read(moderator, reported_by(20, helper))
    assert few == many
    words = said(page)
    assert words.count("Buy my used car.") == 1
    assert "And 10 more people" in words
    assert "And 10 more reports of the same" in words
    for number in range(20):
        assert f"P{number} reported: Spam" in words
        assert f"He sells cars {number}." in words
    # Before the folds stand the first ten, in the order they came.
    before = words[: words.index("And 10 more reports")]
    assert re.findall(r"P(\d+) reported", before) == [str(number) for number in range(10)]


def test_words_that_changed_between_two_reports_are_shown_as_they_were(helper: Member, moderator: Member) -> None:
    request = HelpRequestFactory(requester=helper, description="Buy my used car.")
    report = reporting.report(MemberFactory(), Kind.HELP_REQUEST, request.pk, Complaint(Reason.SPAM))
    type(request).objects.filter(pk=request.pk).update(description="Buy my old boat.")
    reporting.report(MemberFactory(), Kind.HELP_REQUEST, request.pk, Complaint(Reason.SPAM))
    _, page = read(moderator, report.case)
    assert "Buy my used car." in said(page)
    assert "Buy my old boat." in said(page)
    assert "more report" not in said(page)


def test_numbers_are_those_of_each_person(asker: Member, helper: Member, moderator: Member) -> None:
    HelpRequestFactory(requester=asker, helper=helper, completed=True)
    case = reporting.report(asker, Kind.MEMBER, helper.pk, Complaint(Reason.SPAM)).case
    _, page = read(moderator, case)
    ben, ana = page.context["people"]
    assert (ben.member, ben.requests, ben.helped, ben.reports, ben.is_author) == (helper, 0, 1, 0, True)
    assert (ana.member, ana.requests, ana.helped, ana.reports, ana.is_author) == (asker, 1, 0, 1, False)
    assert ben.trust

"""Lists of the desk: what cannot be typed breaks none of them, each leads on to the others, a row says what it is."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from carecollective.errors import NotPermitted, NotValid
from members import roles
from members.models import Member, Restriction
from moderation.models import Action, Case
from moderation.services import appealing, cases, deciding, lifting, undoing
from moderation.services.eligible import others
from screening.models import RuleVersion
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.factories.moderation import (
    another_moderator,
    decide,
    reported_message,
    reported_thread,
    ruling,
    ten_minutes_pass,
)
from tests.factories.restrictions import restrict
from tests.members.pages.sent import said

pytestmark = pytest.mark.django_db

LISTS = {
    "/admin/moderation/decision/": ("action", "standing", "q", "found_by_rule"),
    "/admin/members/restriction/": ("level", "now"),
    "/admin/moderation/phrase/": ("rule", "q"),
    "/admin/moderation/question/": ("answer",),
    "/admin/screening/ruleversion/": ("state", "rule__category"),
    "/admin/members/member/": ("verification_status", "waiting"),
}
# What is there and cannot be seen.
UNSEEN = "\u200b\u200b"


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", said(answer)))


@pytest.fixture
def desk(moderator: Member) -> Client:
    return browser_of(moderator)


def test_a_sign_no_text_has_breaks_no_list(desk: Client) -> None:
    desk.raise_request_exception = False
    for address, names in LISTS.items():
        for name in names:
            for value in ("\x00", "a\x00b"):
                # Sent on without what the list does not know, as with every such filter.
                assert desk.get(address, {name: value}, follow=True).status_code == 200, (address, name)


def test_rules_are_filtered_by_what_they_are_about(desk: Client) -> None:
    page = desk.get("/admin/screening/ruleversion/?rule__category__exact=spam")
    assert page.status_code == 200
    assert {version.rule.category for version in page.context["cl"].result_list} == {"spam"}


def test_every_list_leads_on_to_the_others(desk: Client) -> None:
    for address in LISTS:
        page = said(desk.get(address))
        assert '<nav class="desk-nav" aria-label="Desk">' in page, address
        assert 'href="/admin/moderation/case/"' in page, address
    decisions = said(desk.get("/admin/moderation/decision/"))
    assert '<a class="desk-nav__link" href="/admin/moderation/decision/" aria-current="page">' in decisions


def test_no_more_of_a_chat_is_offered_than_there_may_be(asker: Member, helper: Member, moderator: Member) -> None:
    report, _ = reported_thread(asker, helper)
    cases.claim(moderator, report.case_id)
    browser, more = browser_of(moderator), f"/admin/moderation/case/{report.case_id}/more/"
    page = text(browser.post(more, {"why": "What came before?", "more": "90"}))
    assert "Show 10 more" in page
    last = browser.post(more, {"why": "What came before?", "more": "100"})
    assert last.status_code == 200
    assert "Show 10 more" not in text(last)


def test_a_rule_takes_no_words_that_cannot_be_seen(desk: Client) -> None:
    version = RuleVersion.objects.get(rule__name="selling")
    back = f"/admin/screening/ruleversion/{version.pk}/back/shadow/"
    assert "Please answer “Why?”" in text(desk.post(back, {"why": UNSEEN}))
    assert RuleVersion.objects.get(pk=version.pk).state == version.state
    written = {
        "name": "selling again",
        "category": "spam",
        "purpose": "Finds it again.",
        "phrases": "zzz abc",
        "unless": "",
        "examples": "zzz abc",
        "counter_examples": "hello",
        "why": "We saw it.",
    }
    count = RuleVersion.objects.count()
    for name in ("name", "purpose", "phrases", "examples", "counter_examples", "why"):
        refused = desk.post("/admin/screening/ruleversion/new/", written | {name: UNSEEN})
        assert refused.context["form"].errors, name
    assert RuleVersion.objects.count() == count
    desk.post("/admin/screening/ruleversion/new/", written | {"examples": f"zzz abc\n{UNSEEN}\n"})
    assert RuleVersion.objects.get(rule__name="selling again").examples == ["zzz abc"]


def test_words_that_cannot_be_seen_are_no_words(asker: Member, helper: Member, moderator: Member) -> None:
    case = cases.claim(moderator, reported_message(asker, helper).case_id)
    unseen = dict.fromkeys(("facts", "words", "reporter_words", "alone_because"), UNSEEN)
    with pytest.raises(NotValid) as refused:
        deciding.decide(moderator, case.pk, case.version, ruling(Action.BAN, **unseen))
    assert set(refused.value.extras["fields"]) == set(unseen)


def test_a_paused_moderator_decides_nothing(asker: Member, helper: Member, moderator: Member) -> None:
    waiting, mine, done = (reported_message(asker, helper).case for _ in range(3))
    made = decide(moderator, done, Action.SUSPEND)
    held = cases.claim(moderator, mine.pk)
    pause = restrict(moderator, "suspended")
    row = Restriction.objects.get(decision_id=made.pk)
    for verb in (
        lambda: cases.claim(moderator, waiting.pk),
        lambda: deciding.decide(moderator, mine.pk, held.version, ruling()),
        lambda: undoing.undo(moderator, made.pk),
        lambda: lifting.lift(moderator, row.pk, "We talked."),
    ):
        with pytest.raises(NotPermitted, match="You are paused yourself"):
            verb()
    assert not others(waiting).filter(pk=moderator.pk).exists(), "nobody waits for them"
    lifting.lift(another_moderator(), pause.pk, "It was a mistake.")
    assert cases.claim(moderator, waiting.pk).is_with(moderator)
    assert others(waiting).filter(pk=moderator.pk).exists()


def test_a_limited_moderator_still_decides(asker: Member, helper: Member, moderator: Member) -> None:
    restrict(moderator, "limited")
    assert decide(moderator, reported_message(asker, helper).case).is_in_force


def test_an_operator_takes_over_where_the_only_moderator_is_paused(
    asker: Member, helper: Member, moderator: Member
) -> None:
    case = reported_message(asker, helper).case
    # Whoever paused them was a moderator then, and is none now.
    by = another_moderator()
    restrict(moderator, "suspended", decided_by=by)
    by.groups.clear()
    Member.objects.filter(groups__name=roles.MODERATOR).exclude(pk=moderator.pk).update(is_staff=False)
    operator = MemberFactory(role=roles.OPERATOR)
    assert cases.claim(operator, case.pk).is_with(operator)


def test_an_appeal_names_the_decision_it_is_about(
    asker: Member, helper: Member, moderator: Member, desk: Client
) -> None:
    counts = []
    for action, words in ((Action.WARN, "warned"), (Action.LIMIT, "limited for 7 days")):
        made = decide(moderator, reported_message(asker, helper).case, action)
        ten_minutes_pass(made)
        appeal = appealing.appeal_decision(helper, made.pk, "It was a joke.")
        with CaptureQueriesContext(connection) as statements:
            page = text(desk.get("/admin/moderation/case/"))
        counts.append(len(statements))
        assert f"Appeal about case {made.case.number}: {words}" in page
    assert counts[0] == counts[1]
    decide(another_moderator(), appeal.case, Action.KEEP, rule=None)
    assert Case.objects.get(pk=appeal.case_id).decision
    decided = text(desk.get("/admin/moderation/case/?state=decided&source=appeal"))
    assert f"Appeal about case {made.case.number}: limited for 7 days, of Ben" in decided

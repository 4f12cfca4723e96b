"""Rules on the staff's desk."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Member
from screening.models import Replay, RuleVersion
from screening.services.examining import examine, keep
from screening.services.learning import learn
from screening.words import State
from tests.cast import browser_of
from tests.screening.drafts import WHY, drafted

pytestmark = pytest.mark.django_db

LIST = "/admin/screening/ruleversion/"
THREAT = "I will kill you."


def page_of(version: RuleVersion, act: str = "change") -> str:
    return f"{LIST}{version.pk}/{act}/"


def test_moderators_operators_and_auditors_read_rules_and_nobody_else_does(
    moderator: Member, operator: Member, auditor: Member, verifier: Member, asker: Member
) -> None:
    version = RuleVersion.objects.get(rule__name="selling")
    for staff, status in ((moderator, 200), (operator, 200), (auditor, 200), (verifier, 403), (asker, 302)):
        for address in (LIST, f"{LIST}?state__exact=warn", f"{LIST}?q=sell", page_of(version)):
            assert browser_of(staff).get(address).status_code == status, (staff, address)


def test_the_list_says_what_each_rule_found_lately_and_what_became_of_it(moderator: Member) -> None:
    targets = [uuid4() for _ in range(3)]
    for target in targets:
        keep(examine(THREAT), "message", target, 1)
    keep(examine(THREAT), "message", targets[0], 2)
    learn(THREAT, "threat", True, uuid4(), targets[0])
    learn(THREAT, "threat", False, uuid4(), targets[1])
    page = browser_of(moderator).get(LIST).content.decode()
    assert "3 in hold" in page
    assert "broke a rule: 1, fine: 1" in page
    assert THREAT not in page
    assert THREAT not in browser_of(moderator).get(f"{LIST}?q=threat").content.decode()


def test_the_list_takes_as_many_statements_whatever_was_found(moderator: Member) -> None:
    browser = browser_of(moderator)
    browser.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get(LIST)
    for _ in range(20):
        keep(examine(THREAT), "message", uuid4(), 1)
    drafted(moderator)
    with CaptureQueriesContext(connection) as many:
        browser.get(LIST)
    assert len(many) == len(few)


def test_a_rule_is_drafted_tried_moved_on_moved_back_and_retired(moderator: Member) -> None:
    browser = browser_of(moderator)
    words = {
        "name": "ladders", "category": "spam", "purpose": "Ladders.", "phrases": "purple ladder", "unless": "",
        "examples": "a purple ladder\nPURPLE LADDER", "counter_examples": "a ladder", "why": WHY,
    }  # fmt: skip
    browser.post(f"{LIST}new/", words)
    version = RuleVersion.objects.get(rule__name="ladders")
    assert version.examples == ["a purple ladder", "PURPLE LADDER"]
    refused = browser.post(page_of(version, "promote/shadow"), {"why": WHY}).content.decode()
    assert "Please replay it over the decided texts first." in refused
    assert WHY in refused
    tried = browser.post(page_of(version, "replay"), follow=True).content.decode()
    assert "Tried: 0 right, 0 wrong and 0 missed of 0 decided texts; 0 of 500 harmless sentences." in tried
    for act, state in (("promote/shadow", State.SHADOW), ("promote/warn", State.WARN), ("back/draft", State.DRAFT)):
        assert browser.post(page_of(version, act), {"why": WHY}).status_code == 302
        version.refresh_from_db()
        assert version.state == state
    browser.post(page_of(version, "new-version"), words | {"phrases": "violet ladder", "examples": "violet ladder"})
    assert RuleVersion.objects.get(rule__name="ladders", number=2).phrases == "violet ladder"
    browser.post(page_of(version, "retire"), {"why": WHY})
    assert WHY in browser.get(page_of(version)).content.decode()
    version.refresh_from_db()
    assert version.state == State.RETIRED


def test_every_step_has_its_page_and_needs_a_reason(moderator: Member) -> None:
    browser, version = browser_of(moderator), RuleVersion.objects.get(rule__name="selling")
    for act in ("promote/hold", "retire", "back/shadow", "new-version"):
        assert browser.get(page_of(version, act)).status_code == 200
        assert browser.post(page_of(version, act), {"why": ""}).status_code == 200
    assert browser.get(f"{LIST}new/").status_code == 200
    assert browser.get(page_of(version, "back/block")).status_code == 404
    assert browser.get(f"{LIST}999999/promote/hold/").status_code == 404
    assert RuleVersion.objects.get(pk=version.pk).state == State.WARN


def test_pressing_twice_goes_one_step(moderator: Member) -> None:
    browser, version = browser_of(moderator), drafted(moderator)
    browser.post(page_of(version, "replay"))
    pressed = [browser.post(page_of(version, "promote/shadow"), {"why": WHY}, follow=True) for _ in range(2)]
    assert "stands at “Shadow: is only counted” already" in pressed[1].content.decode()
    assert RuleVersion.objects.get(pk=version.pk).state == State.SHADOW


def test_an_auditor_changes_nothing(auditor: Member) -> None:
    browser, version = browser_of(auditor), RuleVersion.objects.get(rule__name="selling")
    assert "Retire</a>" not in browser.get(page_of(version)).content.decode()
    for address in (
        f"{LIST}new/",
        *(page_of(version, act) for act in ("promote/hold", "retire", "replay", "back/shadow")),
    ):
        assert browser.post(address, {"why": WHY}).status_code == 403, address
    assert (RuleVersion.objects.get(pk=version.pk).state, Replay.objects.count()) == (State.WARN, 0)


def test_nothing_is_changed_through_the_ready_made_form(moderator: Member) -> None:
    version = RuleVersion.objects.get(rule__name="selling")
    assert browser_of(moderator).post(page_of(version), {"state": "block"}).status_code == 403
    assert browser_of(moderator).get(f"{LIST}add/").status_code == 403
    assert browser_of(moderator).get(page_of(version, "delete")).status_code == 403

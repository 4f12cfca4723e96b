"""Every address of the desk as every role: who may open it stands in one place, and no words without a record."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from audit.models import AuditEntry
from carecollective.desk import rights
from features.models import Attempt
from help_requests.models import HelpRequest
from members import roles
from members.models import Member, Restriction
from moderation.models import Action, Case, Decision, Kind, Phrase, Reason
from moderation.services import appealing, asking, cases, reporting
from moderation.services.reporting import Complaint
from screening.models import RuleVersion
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to, say
from tests.factories.moderation import decide, ten_minutes_pass

pytestmark = pytest.mark.django_db

CANARY = "CANARYSONG"
# Typed by anybody who wants to know more than they may; part of it, so that what is typed is not taken for found.
QUERIES = ("", "?q=CANARY", "?q=Ben", "?state=decided", "?source=appeal", "?safety=yes&mine=yes", "?o=1&e=1")


@dataclass
class Scene:
    """One of everything private, each with the word in it."""

    ids: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def scene(asker: Member, helper: Member) -> Scene:
    judge = MemberFactory(role=roles.MODERATOR, called="Judge")
    thread = offer_to(asker, helper, text=f"{CANARY} in the offer")
    reports = [
        reporting.report(asker, Kind.MESSAGE, say(helper, thread, f"{CANARY} {name}"), Complaint(reason, CANARY))
        for name, reason in (("open", Reason.SCAM), ("decided", Reason.HARASSMENT))
    ]
    made = decide(judge, reports[1].case, Action.LIMIT, facts=CANARY, words=CANARY, reporter_words=CANARY)
    ten_minutes_pass(made)
    appealing.appeal_decision(helper, made.pk, f"{CANARY} in the appeal")
    question = asking.ask(asker, f"{CANARY} in the question")
    return Scene(
        {
            "case": reports[0].case_id,
            "decided": reports[1].case_id,
            "appeal": Case.objects.get(source="appeal").pk,
            "decision": made.pk,
            "question": question.pk,
            "member": helper.pk,
            "restriction": Restriction.objects.get().pk,
            "phrase": Phrase.objects.all()[0].pk,
            "helprequest": HelpRequest.objects.all()[0].pk,
            "auditentry": AuditEntry.objects.order_by("sequence")[0].pk,
            "attempt": Attempt.objects.create(kind="send_message", code="success").pk,
            "ruleversion": RuleVersion.objects.all()[0].pk,
        }
    )


def names() -> Iterator[tuple[str, str]]:
    """Every address of the desk: its name and its route."""
    (desk,) = [found for found in get_resolver().url_patterns if str(found.pattern) == "admin/"]
    yield from _names(desk, "/admin/")


def _names(resolver: Any, prefix: str) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _names(pattern, route)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name, route


NAMES = dict(names())
# The way out asks for nothing; the way in sends on; the others stand for no page of ours.
OPEN_DOORS = ("login", "logout", "view_on_site", "autocomplete", "jsi18n", "app_list")


def address(name: str, route: str, scene: Scene) -> str:
    model = next((kind for kind in scene.ids if f"_{kind}_" in name), "")
    route = route.replace("<int:version_id>", str(scene.ids["ruleversion"])).replace("<str:state>", "warn")
    for place in ("<path:object_id>", f"<uuid:{model}_id>", "<uuid:case_id>", "<uuid:member_id>"):
        route = route.replace(place, str(scene.ids.get(model, "")))
    return route


def test_the_table_and_the_addresses_are_the_same() -> None:
    shut = {name for name in NAMES if name.endswith(("_add", "_delete"))}
    assert set(rights()) <= set(NAMES), "a right to something that is not there"
    assert set(NAMES) - shut - set(rights()) <= {"login", "view_on_site", "autocomplete"}, "closed to everybody"
    assert not shut & set(rights())


@pytest.mark.parametrize("role", roles.ALL)
def test_a_role_opens_what_the_table_says_and_nothing_else(role: str, scene: Scene) -> None:
    browser = browser_of(MemberFactory(role=role))
    for name, route in NAMES.items():
        if name in OPEN_DOORS:
            continue
        where = address(name, route, scene)
        status = browser.get(where).status_code
        may = role in rights().get(name, ())
        # What a rule may become next depends on the rule.
        allowed = (200, 302, 405, 404) if name in ("screening_back", "screening_promote") else (200, 302, 405)
        assert status in (allowed if may else (403,)), f"{name} ({where}) as {role}: {status}"
        if not may:
            assert browser.post(where, {"why": "x", "act": "decide"}).status_code == 403, name
    assert Case.objects.filter(claimed_by__isnull=False).count() == 0


def test_members_and_strangers_are_sent_to_sign_in(scene: Scene, asker: Member) -> None:
    for browser in (Client(), browser_of(asker)):
        for name, route in NAMES.items():
            answer = browser.get(address(name, route, scene))
            assert answer.status_code in (302, 403), name
            assert CANARY.encode() not in answer.content


@pytest.mark.parametrize("role", [*roles.ALL, "superuser"])
def test_no_private_words_without_a_record(role: str, scene: Scene) -> None:
    person: Member = MemberFactory(role=None if role == "superuser" else role)
    if role == "superuser":
        person.is_superuser = person.is_staff = True
        person.save()
    browser = browser_of(person)
    seen = 0
    for name, route in NAMES.items():
        where = address(name, route, scene)
        queries = QUERIES if name.endswith("_changelist") else ("",)
        for query in queries:
            seen += read_on_record(browser, person, where + query, scene)
    # What moderators may read at once, with a record, is a question; nobody else reads anything.
    assert bool(seen) == (role == roles.MODERATOR)


def read_on_record(browser: Client, person: Member, where: str, scene: Scene) -> bool:
    mine = AuditEntry.objects.filter(actor=person.pk)
    before = mine.count()
    answer = browser.get(where, follow=True)
    if CANARY not in answer.content.decode():
        return False
    about = {str(scene.ids[name]) for name in ("case", "decided", "appeal", "question")}
    newest = mine.order_by("-sequence").first()
    assert mine.count() > before, f"{where} shows words and says nothing"
    assert newest
    assert newest.subject_id in about
    return True


def test_whoever_has_a_case_reads_that_one_and_each_reading_is_on_record(scene: Scene, moderator: Member) -> None:
    browser = browser_of(moderator)
    cases.claim(moderator, scene.ids["case"])
    assert read_on_record(browser, moderator, f"/admin/moderation/case/{scene.ids['case']}/", scene)
    assert not read_on_record(browser, moderator, f"/admin/moderation/case/{scene.ids['appeal']}/", scene)
    assert not read_on_record(browser, moderator, "/admin/moderation/case/", scene)
    other = MemberFactory(role=roles.MODERATOR)
    assert not read_on_record(browser_of(other), other, f"/admin/moderation/case/{scene.ids['case']}/", scene)


def test_join_answers_are_for_those_who_decide_about_them(waiting: Member) -> None:
    for role, reads in ((roles.VERIFIER, True), (roles.MODERATOR, True), (roles.TRIAGE, False), (roles.AUDITOR, False)):
        page = browser_of(MemberFactory(role=role)).get(f"/admin/members/member/{waiting.pk}/change/")
        assert (waiting.reason in page.content.decode()) == reads, role


def test_triage_marks_what_cannot_wait_and_does_no_more(scene: Scene) -> None:
    tess = MemberFactory(role=roles.TRIAGE)
    browser, case = browser_of(tess), f"/admin/moderation/case/{scene.ids['case']}/"
    assert "Mark as safety" in browser.get(case).content.decode()
    assert browser.post(f"{case}safety/", {"is_safety": "yes"}).status_code == 302
    assert Case.objects.get(pk=scene.ids["case"]).is_safety
    assert AuditEntry.objects.get(action="case_marked").actor == tess.pk
    assert browser.post(f"{case}open/").status_code == 403
    assert Decision.objects.count() == 1

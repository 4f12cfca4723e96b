"""The rollout page as operators meet it: what it says, and what each of its buttons does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape
from django.utils.timezone import now

from audit.models import AuditEntry
from features import flag
from features.environment import Environment
from features.models import Attempt, Flag, FlagChange, InternalMember
from features.services import guarding, rolling, switching
from features.services.switching import By
from members.models import Member
from tests.cast import browser_of
from tests.factories.members import MemberFactory

pytestmark = pytest.mark.django_db

PAGE = "/admin/features/flag/"
SWITCH = f"{PAGE}switch/"
OPAL = By("Opal at the command line")


@pytest.fixture
def browser(operator: Member) -> Client:
    return browser_of(operator)


@pytest.fixture
def with_variables(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def start(**raw: str) -> None:
        monkeypatch.setattr(apps.get_app_config("features"), "environment", Environment.read(raw))

    return start


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def read(browser: Client, address: str = PAGE) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer
    return text_of(answer)


def confirm(browser: Client, to: str, typed: str | None = None, **more: Any) -> Any:
    told = {
        "seen": rolling.fingerprint(flag.as_it_is()),
        "why": "four quiet days",
        "typed": to if typed is None else typed,
    }
    return browser.post(f"{SWITCH}?to={to}", told | more, follow=True)


def attempts(count: int, code: str = "replayed", version: int = 2) -> None:
    row = {"kind": "send_message", "version": version, "milliseconds": 40}
    Attempt.objects.bulk_create([Attempt(code=code, at=now(), request_id=f"id-{code}", **row) for _ in range(count)])


class TestReading:
    def test_operators_change_it_auditors_read_it_and_nobody_else_does(
        self, browser: Client, auditor: Member, moderator: Member, verifier: Member, asker: Member
    ) -> None:
        switching.switch("internal", why="the team first", by=OPAL)
        assert "Turn V2 off" in read(browser)
        page = read(browser_of(auditor))
        assert "the team first" in page
        assert "Turn V2 off" not in page
        assert "<form" not in page
        for member, status in ((moderator, 403), (verifier, 403), (asker, 302)):
            assert browser_of(member).get(PAGE).status_code == status
            assert browser_of(member).post(f"{SWITCH}?to=on", {}).status_code == status

    def test_a_new_site_reads_well(self, browser: Client) -> None:
        page = read(browser)
        for words in (
            "messaging_v2 is off: nobody has set anything yet.",
            "It is off. The first stage is “Internal”.",
            "V2 had no attempts in the last 30 days.",
            "No attempt has failed on our side.",
            "It was never changed.",
            "No alarm so far.",
            "Nobody is named.",
        ):
            assert words in page
        assert '<svg class="chart"' not in page
        assert "Turn V2 off" not in page
        assert "None" not in page

    def test_one_sentence_says_state_since_who_why_source_and_pin(self, browser: Client) -> None:
        switching.switch("percentage:2.5", why="a first few.", by=OPAL, pin=True)
        page = read(browser)
        assert "messaging_v2 is on for internal members and 2.5 % of all others since" in page
        assert "by Opal at the command line, because a first few. The switch says so. It is pinned" in page
        assert "10 % (now 2.5 %)" in page
        assert "We are here: day 1" in page

    def test_values_of_the_environment_stand_in_quotes_with_their_line_ends(
        self, browser: Client, with_variables: Callable[..., None]
    ) -> None:
        with_variables(MESSAGING_V2_ENABLED="true\n", NEXT_PUBLIC_MESSAGING_V2_ENABLED=" TRUE\u00a0")
        page = read(browser)
        assert escape('"true\\n"') in page
        assert escape('" TRUE\\u00a0"') in page
        assert "on for everybody: MESSAGING_V2_ENABLED says so." in page
        assert page.count("Decides") == 2
        switching.switch("internal", why="only the team", by=OPAL)
        assert read(browser).count("Decides") == 1

    def test_where_a_variable_vetoes_there_is_no_form(
        self, browser: Client, with_variables: Callable[..., None]
    ) -> None:
        switching.switch("on", why="all of them", by=OPAL)
        with_variables(MESSAGING_V2_ENABLED="False")
        page = read(browser)
        assert switching.VETOED in page
        assert "switch/?to=" not in page
        assert "Change it to something else" not in page
        answer = confirm(browser, "on")
        assert answer.redirect_chain == [(PAGE, 302)]
        assert FlagChange.objects.count() == 1

    @pytest.mark.parametrize(
        ("failed", "words"),
        [
            (1, "V2 worked in 99.5"),
            (3, "Success is below 99 %"),
            (40, "Success is below 85 %"),
        ],
    )
    def test_the_banner_says_how_well_it_is(self, browser: Client, failed: int, words: str) -> None:
        switching.switch("on", why="all of them", by=OPAL)
        Flag.objects.update(exposed_since=now() - timedelta(hours=1))
        attempts(199)
        attempts(failed, "server_error")
        attempts(500, "conversation_exists")
        page = read(browser)
        assert words in page
        assert ("All is well" in page) == (failed == 1)
        assert "Something is missing" not in page
        attempts(1, "success")
        assert "Something is missing that must not be" in read(browser)

    def test_the_banner_says_that_the_guard_may_not_act_and_that_it_did(self, browser: Client) -> None:
        switching.switch("on", why="all of them", by=OPAL, pin=True)
        Flag.objects.update(exposed_since=now() - timedelta(hours=1))
        attempts(20, "server_error")
        assert "V2 fails, and the guard may not act" in read(browser)
        Flag.objects.update(is_pinned=False)
        assert guarding.look_after()
        page = read(browser)
        assert "The guard turned messaging_v2 off" in page
        assert "20 of the last 20 offers and messages failed on our side" in page
        assert "id-server_error" in page

    def test_expected_codes_stand_apart_from_faults(self, browser: Client) -> None:
        switching.switch("on", why="all of them", by=OPAL)
        attempts(3)
        attempts(4, "conversation_exists")
        attempts(5, "service_unavailable")
        page = read(browser)
        right, faults = page.split("Refusals that are right")[1].split("Faults on our side")[:2]
        assert "conversation_exists" in right
        assert "service_unavailable" not in right
        assert "service_unavailable" in faults.split("Must be 0")[0]

    def test_changes_are_paged(self, browser: Client) -> None:
        for number in range(45):
            switching.switch(f"percentage:{number + 1}", why=f"step-{number}.", by=OPAL)
        first = browser.get(PAGE)
        steps = [f"step-{number}." for number in range(45)]

        def shown(answer: Any) -> list[str]:
            page = text_of(answer).split("Who changed what")[1].split("Alarms that operators")[0]
            return [step for step in steps if step in page]

        assert shown(first) == steps[25:]
        second = browser.get(f"{PAGE}?cursor={first.context['changes'].next_cursor}")
        assert shown(second) == steps[5:25]
        third = browser.get(f"{PAGE}?cursor={second.context['changes'].next_cursor}")
        assert shown(third) == steps[:5]
        assert third.context["changes"].next_cursor is None
        assert shown(browser.get(f"{PAGE}?cursor=nonsense")) == steps[25:]

    def test_it_takes_as_many_statements_whatever_there_is(self, browser: Client, helper: Member) -> None:
        switching.switch("percentage:10", why="a step", by=OPAL)
        attempts(30)
        read(browser)
        with CaptureQueriesContext(connection) as few:
            read(browser)
        for number in range(12):
            switching.include(MemberFactory(), why="one of us", by=OPAL)
            switching.switch(f"percentage:{number + 11}", why="a step", by=OPAL)
        for code in ("success", "server_error", "conversation_exists", "not_found"):
            attempts(20, code)
            attempts(20, code, version=1)
        with CaptureQueriesContext(connection) as many:
            read(browser)
        assert len(many) == len(few) <= 21


class TestSwitching:
    def test_off_is_one_page_with_a_reason_ready_and_one_word_to_type(self, browser: Client, operator: Member) -> None:
        switching.switch("on", why="all of them", by=OPAL)
        page = read(browser, f"{SWITCH}?to=off")
        assert "too much fails, and we look into it" in page
        assert "Type off to confirm" in page
        answer = confirm(browser, "off")
        assert "messaging_v2 is off. Chats that were started stay readable." in text_of(answer)
        change = FlagChange.objects.all()[0]
        assert (change.from_state, change.to_state, change.by, change.member) == ("on", "off", "Opal", operator)
        assert flag.answer().state.kind == "off"
        assert AuditEntry.objects.get(action="flag_switched", actor=operator.pk).details["to_state"] == "off"

    @pytest.mark.parametrize(
        ("told", "words"),
        [
            ({"typed": "offf"}, "Please type off. You typed offf."),
            ({"typed": ""}, "Please type off."),
            ({"why": " \u200b"}, "Please say why, in a few words."),
            ({"why": "w" * 301}, "Please use 300 letters or fewer. You have 301."),
        ],
    )
    def test_nothing_is_switched_by_a_slip(self, browser: Client, told: dict[str, str], words: str) -> None:
        switching.switch("on", why="all of them", by=OPAL)
        answer = confirm(browser, "off", **({"typed": "off", "why": "a fire in the kitchen"} | told))
        assert answer.status_code == 400
        assert words in text_of(answer)
        if "why" not in told:
            assert "a fire in the kitchen" in text_of(answer)
        assert FlagChange.objects.count() == 1

    def test_letters_of_either_case_and_blanks_around_confirm(self, browser: Client) -> None:
        confirm(browser, "internal", " Internal ")
        assert Flag.objects.get().state == "internal"

    def test_a_share_is_chosen_then_confirmed_with_its_pin(self, browser: Client) -> None:
        answer = browser.get(f"{PAGE}step/", {"kind": "percentage", "share": "12.50"})
        assert answer["Location"] == f"{SWITCH}?to=percentage:12.5"
        page = text_of(confirm(browser, "percentage:12.5", pin="on"))
        assert "messaging_v2 is on for internal members and 12.5 % of all others." in page
        assert (Flag.objects.get().state, Flag.objects.get().is_pinned) == ("percentage:12.5", True)
        assert "It is so already; nothing was changed." in text_of(confirm(browser, "percentage:12.5", pin="on"))
        assert "back to the environment" not in text_of(confirm(browser, "environment")).lower().split("who gets it")[0]
        assert Flag.objects.get().state == ""

    @pytest.mark.parametrize("share", ["100.01", "-1", "1.234", "ten", "", "NaN", "1e9"])
    def test_a_share_that_is_none_is_said_at_the_field_and_kept(self, browser: Client, share: str) -> None:
        answer = browser.get(f"{PAGE}step/", {"kind": "percentage", "share": share})
        assert answer.status_code == 400
        page = text_of(answer)
        assert 'class="field field--text field--error"' in page
        assert f'value="{share}"' in page or not share

    def test_no_address_means_another_state(self, browser: Client) -> None:
        for to in ("percentage:101", "sideways", "percentage:1.234", "true"):
            assert browser.get(SWITCH, {"to": to}).status_code == 404
            assert browser.post(f"{SWITCH}?to={to}", {"typed": to, "why": "x", "seen": ""}).status_code == 404

    def test_whoever_is_second_hears_who_did_what_and_changes_nothing(self, browser: Client) -> None:
        switching.switch("percentage:10", why="a first step", by=OPAL)
        seen = rolling.fingerprint(flag.as_it_is())
        switching.switch("off", why="too much fails", by=OPAL)
        answer = confirm(browser, "percentage:50", seen=seen)
        page = text_of(answer)
        assert answer.status_code == 400
        assert "While this page was open, Opal at the command line changed it at" in page
        assert "because too much fails. messaging_v2 is off (by the switch)." in page
        assert "four quiet days" in page
        assert Flag.objects.get().state == "off"
        assert answer.context["seen"] == rolling.fingerprint(flag.as_it_is())
        confirm(browser, "percentage:50")
        assert Flag.objects.get().state == "percentage:50"

    def test_a_form_without_what_it_was_drawn_with_changes_nothing(self, browser: Client) -> None:
        assert confirm(browser, "on", seen="").status_code == 400
        assert FlagChange.objects.count() == 0


class TestInternal:
    def test_a_member_is_added_by_address_and_removed_with_a_reason(self, browser: Client, helper: Member) -> None:
        told = {"email": "BEN@example.org ", "why": "tries it first"}
        assert "Ben is internal now." in text_of(browser.post(f"{PAGE}include/", told, follow=True))
        assert "Ben is internal already." in text_of(browser.post(f"{PAGE}include/", told, follow=True))
        address = f"{PAGE}leave-out/?member={helper.pk}"
        assert "Remove Ben from the internal members" in read(browser, address)
        assert browser.post(address, {"why": ""}).status_code == 400
        assert InternalMember.objects.count() == 1
        assert "Ben is not internal any more." in text_of(browser.post(address, {"why": "all done"}, follow=True))
        assert InternalMember.objects.count() == 0
        assert "not named as internal" in text_of(browser.post(address, {"why": "all done"}, follow=True))
        assert [change.why for change in FlagChange.objects.all()] == [
            "Ben is not internal any more: all done",
            "Ben is internal now: tries it first",
        ]

    def test_an_address_nobody_has_is_said_at_the_field_and_kept(self, browser: Client) -> None:
        answer = browser.post(f"{PAGE}include/", {"email": "who@example.org", "why": "tries it first"})
        assert answer.status_code == 400
        for words in ("Nobody has joined with this address.", 'value="who@example.org"', 'value="tries it first"'):
            assert words in text_of(answer)

    @pytest.mark.parametrize("member", ["", "nonsense", "019a0000-0000-7000-8000-000000000001"])
    def test_whoever_is_not_named_cannot_be_removed(self, browser: Client, member: str) -> None:
        assert "not named as internal" in text_of(browser.get(f"{PAGE}leave-out/?member={member}", follow=True))

    def test_a_group_is_chosen(self, browser: Client) -> None:
        page = browser.post(f"{PAGE}group/", {"group": "moderator", "why": "they look first"}, follow=True)
        assert "Besides the members named, every moderator is internal now." in text_of(page)
        assert Flag.objects.get().group == "moderator"
        for told in ({"group": "moderator"}, {"group": "everybody", "why": "why not"}):
            assert browser.post(f"{PAGE}group/", told).status_code == 400
        page = browser.post(f"{PAGE}group/", {"group": "", "why": "nobody else"}, follow=True)
        assert "Besides the members named, nobody is internal now." in text_of(page)
        assert Flag.objects.get().group == ""

    def test_an_auditor_changes_nothing(self, auditor: Member, helper: Member) -> None:
        visitor = browser_of(auditor)
        for act in ("include/", "group/", f"leave-out/?member={helper.pk}", "switch/?to=on", "step/?kind=on"):
            assert visitor.get(f"{PAGE}{act}").status_code == 403
            assert visitor.post(f"{PAGE}{act}", {"why": "x", "email": helper.email}).status_code == 403
        assert FlagChange.objects.count() == 0

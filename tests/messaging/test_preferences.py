"""My preferences over the API and on their page."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from members.models import Member
from messaging.services.preferences import change_preferences
from notifications import preferences
from notifications.models import Preferences
from tests.cast import browser_of, client_of
from tests.factories.members import MemberFactory
from tests.members.pages.sent import said

API, PAGE = "/api/messaging/preferences", "/me/alerts/"
DEFAULTS = {
    "can_receive_from": "help_connections",
    "email": "now",
    "quiet_hours_start": None,
    "quiet_hours_end": None,
    "time_zone": "",
    "read_receipts": True,
    "presence": True,
}
CHANGED = {
    "can_receive_from": "nobody",
    "email": "off",
    "quiet_hours_start": "21:30",
    "quiet_hours_end": "07:00",
    "time_zone": "America/Denver",
    "read_receipts": False,
    "presence": False,
}
FORM = {"can_receive_from": "anyone", "email": "off"}


def put(member: Member, body: Any) -> Any:
    return client_of(member).put(API, body, format="json")


@pytest.mark.django_db
class TestTheApi:
    def test_who_never_chose_has_the_defaults(self, asker: Member) -> None:
        answer = client_of(asker).get(API)
        assert answer.status_code == 200
        assert answer.json() == {"success": True, "preferences": DEFAULTS}
        assert not Preferences.objects.exists()

    def test_everything_changes_and_stays_changed(self, asker: Member, helper: Member) -> None:
        answer = put(asker, CHANGED)
        assert answer.status_code == 200
        asker.refresh_from_db()
        assert answer.json() == client_of(asker).get(API).json() == {"success": True, "preferences": CHANGED}
        assert client_of(helper).get(API).json()["preferences"] == DEFAULTS
        assert asker.time_zone == "America/Denver"

    @pytest.mark.parametrize("name", sorted(CHANGED.keys() - {"quiet_hours_start", "quiet_hours_end"}))
    def test_one_thing_changes_alone(self, asker: Member, name: str) -> None:
        assert put(asker, {name: CHANGED[name]}).json()["preferences"] == DEFAULTS | {name: CHANGED[name]}

    @pytest.mark.parametrize("chosen", [DEFAULTS, CHANGED])
    def test_what_was_answered_can_be_sent_back(self, asker: Member, chosen: dict[str, Any]) -> None:
        told = put(asker, chosen).json()["preferences"]
        assert put(asker, told).json()["preferences"] == told == chosen

    def test_quiet_hours_can_be_given_up(self, asker: Member) -> None:
        put(asker, CHANGED)
        asker.refresh_from_db()
        answer = put(asker, {"quiet_hours_start": None, "quiet_hours_end": None}).json()
        assert answer["preferences"] == CHANGED | {"quiet_hours_start": None, "quiet_hours_end": None}

    def test_a_waiting_person_chooses_too(self, waiting: Member) -> None:
        assert put(waiting, {"email": "daily"}).json()["preferences"] == DEFAULTS | {"email": "daily"}

    def test_a_declined_person_reads_but_changes_nothing(self, declined: Member) -> None:
        assert client_of(declined).get(API).status_code == 200
        for body in ({"email": "off"}, {"time_zone": "America/Denver"}):
            answer = put(declined, body)
            assert (answer.status_code, answer.json()["error"]) == (403, "permission_denied")
        assert not Preferences.objects.exists()

    def test_without_signing_in_there_is_nothing(self) -> None:
        for answer in (APIClient().get(API), APIClient().put(API, {"email": "off"}, format="json")):
            assert (answer.status_code, answer.json()["error"]) == (401, "not_authenticated")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("can_receive_from", "friends"), ("can_receive_from", None), ("email", "NOW"), ("email", ["now"]),
            ("read_receipts", "true"), ("read_receipts", 1), ("presence", None), ("time_zone", "Mars/Olympus"),
            ("time_zone", None), ("time_zone", "../../etc"), ("member", "x"), ("updated_at", "2026-01-01"),
            *(("quiet_hours_start", hour) for hour in (
                "24:00", "7:00", "07:60", "07:00:00", "07:00Z", " 07:00", "07:00\n", "٠٧:٠٠", "", 7, True, ["07:00"],
            )),
        ],
    )  # fmt: skip
    def test_anything_else_is_refused_and_nothing_is_kept(self, asker: Member, field: str, value: object) -> None:
        answer = put(asker, {"quiet_hours_start": "21:30", "quiet_hours_end": "08:00", "email": "off"} | {field: value})
        assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")
        assert list(answer.json()["fields"]) == [field]
        assert not Preferences.objects.exists()

    @pytest.mark.parametrize(
        "hours", [("21:30", None), (None, "07:00"), ("07:00", "07:00")], ids=["no end", "no start", "the same"]
    )
    def test_half_of_the_quiet_hours_is_refused_with_all_that_came_along(self, asker: Member, hours: Any) -> None:
        body = {"quiet_hours_start": hours[0], "quiet_hours_end": hours[1], "time_zone": "America/Denver"}
        answer = put(asker, body)
        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == ["quiet_hours_end"]
        asker.refresh_from_db()
        assert asker.time_zone == ""

    def test_who_is_declined_meanwhile_changes_neither_zone_nor_the_rest(self, asker: Member) -> None:
        Member.objects.filter(pk=asker.pk).update(verification_status="rejected")
        answer = put(asker, {"email": "off", "time_zone": "America/Denver"})
        assert answer.status_code == 403
        assert not Preferences.objects.exists()


@pytest.mark.django_db
class TestThePage:
    def test_it_says_in_words_what_holds_and_what_always_comes(self, asker: Member) -> None:
        page = said(browser_of(asker).get(PAGE))
        for words in (
            "Who may start a chat with you?", "As it happens", "Never",
            "Let others see when I have read their message", "You cannot turn these off.",
        ):  # fmt: skip
            assert words in page
        assert page.count("checked") == 3

    def test_what_has_no_effect_yet_is_not_offered_and_not_lost(self, asker: Member) -> None:
        change_preferences(
            asker, email="daily", presence=False, quiet_hours_start=time(21, 30), quiet_hours_end=time(7)
        )
        browser = browser_of(asker)
        page = said(browser.get(PAGE))
        for words in ("Once a day", "Quiet hours", "Show when I am here"):
            assert words not in page
        assert page.count("checked") == 3
        browser.post(PAGE, FORM | {"email": "now", "quiet_hours_start": "09:00"})
        chosen = preferences.of(asker)
        assert (chosen.can_receive_from, chosen.email, chosen.presence) == ("anyone", "daily", False)
        assert (chosen.quiet_hours_start, chosen.quiet_hours_end) == (time(21, 30), time(7, 0))

    def test_what_is_saved_is_said_and_kept(self, asker: Member) -> None:
        answer = browser_of(asker).post(PAGE, FORM, follow=True)
        assert answer.redirect_chain == [(PAGE, 302)]
        assert "Saved." in said(answer)
        assert said(answer).count("checked") == 2
        chosen = preferences.of(asker)
        assert (chosen.can_receive_from, chosen.email) == ("anyone", "off")
        assert (chosen.read_receipts, chosen.presence) == (False, True)

    def test_a_tick_is_kept(self, asker: Member) -> None:
        browser = browser_of(asker)
        browser.post(PAGE, FORM)
        browser.post(PAGE, FORM | {"read_receipts": "on"})
        assert preferences.of(asker).read_receipts

    @pytest.mark.parametrize(
        ("mistake", "sentence"),
        [
            ({"email": "hourly"}, "Please pick one from the list."),
            ({"email": "daily"}, "Please pick one from the list."),
            ({"can_receive_from": ""}, "Please choose an answer to “Who may start a chat with you?”."),
        ],
    )
    def test_a_mistake_is_said_at_the_form_and_nothing_is_kept(
        self, asker: Member, mistake: dict[str, str], sentence: str
    ) -> None:
        answer = browser_of(asker).post(PAGE, FORM | mistake)
        assert answer.status_code == 400
        assert "There is a problem" in said(answer)
        assert sentence in said(answer)
        assert not Preferences.objects.exists()

    def test_a_waiting_person_comes_in_and_a_stranger_signs_in_first(self, waiting: Member, client: Any) -> None:
        assert browser_of(waiting).post(PAGE, FORM).status_code == 302
        assert browser_of(waiting).get(PAGE).status_code == 200
        assert preferences.of(waiting).email == "off"
        assert client.get(PAGE)["Location"].startswith("/login/")

    def test_a_declined_person_is_told_why_it_cannot_be(self, declined: Member) -> None:
        answer = browser_of(declined).post(PAGE, FORM)
        assert answer.status_code == 403
        assert "Your account cannot do this now." in said(answer)
        assert not Preferences.objects.exists()


@pytest.mark.committed
def test_twenty_changes_with_and_without_a_zone_wait_for_nobody_for_ever() -> None:
    member = MemberFactory()
    ways: list[dict[str, Any]] = [
        {"time_zone": "America/Denver"}, {"presence": False}, {"email": "off", "time_zone": "America/Denver"},
        {"read_receipts": False, "time_zone": "America/Denver"}, {"can_receive_from": "anyone"},
    ]  # fmt: skip

    def change(number: int) -> None:
        try:
            change_preferences(member, **ways[number % len(ways)])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(change, range(20)))
    chosen = preferences.of(Member.objects.get(pk=member.pk))
    assert (chosen.email, chosen.can_receive_from) == ("off", "anyone")
    assert (chosen.read_receipts, chosen.presence) == (False, False)
    assert chosen.member.time_zone == "America/Denver"

"""Which features the caller has, and what health says of them."""

from typing import Any

import pytest
from django.test import Client

from features import flag
from features.models import InternalMember
from features.services import guarding, switching
from members.models import Member
from tests.cast import browser_of

pytestmark = pytest.mark.django_db
BY = switching.By("root at the command line")


def switch(to: str) -> None:
    switching.switch(to, why="We go on.", by=BY)
    flag.forget()


def of(browser: Client) -> Any:
    answer = browser.get("/api/features")
    assert answer.status_code == 200
    return answer.json()


def test_a_caller_has_what_they_are_in(asker: Member, helper: Member) -> None:
    InternalMember.objects.create(member=helper)
    stranger, ana, ben = Client(), browser_of(asker), browser_of(helper)
    assert [of(each) for each in (stranger, ana, ben)] == [{"messaging_v2": False}] * 3
    switch("internal")
    assert [of(each)["messaging_v2"] for each in (stranger, ana, ben)] == [False, False, True]
    switch("percentage:100")
    assert [of(each)["messaging_v2"] for each in (stranger, ana, ben)] == [False, True, True]
    switch("on")
    assert [of(each)["messaging_v2"] for each in (stranger, ana, ben)] == [True, True, True]


def test_it_costs_no_statement_of_its_own(asker: Member, django_assert_num_queries: Any) -> None:
    browser = browser_of(asker)
    of(browser)
    # The session, and whose it is.
    with django_assert_num_queries(2):
        of(browser)


def test_a_wrong_method_or_token_is_refused_as_everywhere() -> None:
    assert Client().post("/api/features").status_code == 405
    assert Client().get("/api/features", headers={"authorization": "Bearer nonsense"}).status_code == 401


def test_health_names_the_state_and_its_source() -> None:
    def told() -> Any:
        answer = Client().get("/api/health")
        assert answer.status_code == 200
        return answer.json()

    assert told()["messaging_v2"] == {"ok": True, "state": "off", "source": "default", "pinned": False}
    switching.switch("percentage:10", why="A tenth.", by=BY, pin=True)
    assert told()["messaging_v2"] == {"ok": True, "state": "percentage:10", "source": "switch", "pinned": True}
    switching.switch("off", why="6 of the last 20 attempts failed on our side", by=guarding.GUARD)
    found = told()
    assert found["messaging_v2"]["state"] == "off"
    assert "The guard turned messaging_v2 off: 6 of the last 20 attempts failed on our side." in found["warnings"]


def test_each_attempt_keeps_what_the_flag_was(asker: Member, helper: Member) -> None:
    from features.models import Attempt
    from tests.factories.help_requests import HelpRequestFactory

    switch("percentage:0.5")
    request = HelpRequestFactory(requester=asker)
    browser = browser_of(helper)
    form = {"initial_message": "I can come on Tuesday, if that helps you."}
    address = f"/api/messaging/help-requests/{request.pk}/start-conversation"
    for _ in range(2):
        browser.post(address, form, "application/json")
    assert set(Attempt.objects.values_list("code", "flag_state")) == {
        ("success", "percentage:0.5"), ("conversation_exists", "percentage:0.5")
    }  # fmt: skip

"""The town is shown to whom the asker chose, on every way there is to read it."""

import pytest

from help_requests import reads
from help_requests.models import HelpRequest, LocationPrivacy
from help_requests.reads import Filters
from members.models import Member
from tests.cast import browser_of, client_of
from tests.factories.help_requests import HelpRequestFactory, helped_by

pytestmark = pytest.mark.django_db

TOWN = "Halfway"
CLOSED_TO_OUTSIDERS = [LocationPrivacy.HELPERS_ONLY, LocationPrivacy.AFTER_MATCH]


@pytest.fixture(params=CLOSED_TO_OUTSIDERS)
def hidden(request: pytest.FixtureRequest, asker: Member, helper: Member) -> HelpRequest:
    return helped_by(helper, requester=asker, town=TOWN, location_privacy=request.param)


def towns_shown_to(member: Member, request: HelpRequest) -> list[str | None]:
    client = client_of(member)
    one = client.get(f"/api/help-requests/{request.pk}").json()["help_request"]
    listed = client.get("/api/help-requests").json()["help_requests"]
    return [one["town"], *(row["town"] for row in listed if row["id"] == str(request.pk))]


def test_everybody_sees_a_public_town(asker: Member, outsider: Member) -> None:
    request = HelpRequestFactory(requester=asker, town=TOWN)
    assert towns_shown_to(outsider, request) == [TOWN, TOWN]


def test_the_asker_and_the_accepted_helper_always_see_it(asker: Member, helper: Member, hidden: HelpRequest) -> None:
    assert towns_shown_to(asker, hidden) == [TOWN, TOWN]
    assert towns_shown_to(helper, hidden) == [TOWN, TOWN]


def test_an_outsider_reads_it_nowhere(outsider: Member, hidden: HelpRequest) -> None:
    assert towns_shown_to(outsider, hidden) == [None, None]
    browser = browser_of(outsider)
    for address in ("/requests/", f"/requests/{hidden.pk}/"):
        page = browser.get(address)
        assert hidden.title in page.content.decode()
        assert TOWN not in page.content.decode()


def test_a_filter_does_not_give_it_away(asker: Member, outsider: Member, hidden: HelpRequest) -> None:
    for name in (TOWN, TOWN.upper()):
        assert reads.browse(asker, Filters(town=name), 20).rows == [hidden]
        assert reads.browse(outsider, Filters(town=name), 20).rows == []


def test_searching_does_not_give_it_away(asker: Member, hidden: HelpRequest) -> None:
    assert reads.browse(asker, Filters(q="groceries"), 20).rows == [hidden]
    assert reads.browse(asker, Filters(q=TOWN), 20).rows == []


def test_the_cursor_and_the_answers_to_others_hold_nothing_of_it(outsider: Member, hidden: HelpRequest) -> None:
    HelpRequestFactory()
    for sort in reads.ORDERS:
        answer = client_of(outsider).get(f"/api/help-requests?limit=1&sort={sort}")
        assert TOWN.encode() not in answer.content


def test_a_waiting_member_sees_no_request_of_others(waiting: Member, hidden: HelpRequest) -> None:
    assert not HelpRequest.objects.visible_to(waiting).exists()
    assert not HelpRequest.objects.listed_for(waiting).exists()


@pytest.mark.parametrize("state", ["completed", "cancelled", "closed", "expired"])
def test_strangers_learn_of_an_ended_request_only_that_it_is_over(asker: Member, outsider: Member, state: str) -> None:
    request = HelpRequestFactory(requester=asker, town=TOWN, exchange_offer="Plum jam", **{state: True})

    told = client_of(outsider).get(f"/api/help-requests/{request.pk}").json()["help_request"]
    assert (told["description"], told["exchange_offer"], told["town"], told["ending"]) == ("", "", None, "")
    page = browser_of(outsider).get(f"/requests/{request.pk}/").content.decode()
    assert "This request is closed now." in page
    assert request.description not in page
    assert TOWN not in page
    assert client_of(asker).get(f"/api/help-requests/{request.pk}").json()["help_request"]["town"] == TOWN


def test_who_helps_is_between_the_two(asker: Member, helper: Member, outsider: Member) -> None:
    request = helped_by(helper, requester=asker)
    for member, shown in ((asker, "Ben"), (helper, "Ben"), (outsider, None)):
        told = client_of(member).get(f"/api/help-requests/{request.pk}").json()["help_request"]
        assert (told["helper"] or {}).get("called") == shown


def test_nobody_reads_addresses_or_full_names(asker: Member, outsider: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    answer = client_of(outsider).get(f"/api/help-requests/{request.pk}").content.decode()
    page = browser_of(outsider).get(f"/requests/{request.pk}/").content.decode()
    assert asker.called in answer
    assert asker.called in page
    for secret in (asker.email, asker.name):
        assert secret not in answer + page

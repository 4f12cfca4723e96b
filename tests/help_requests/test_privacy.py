"""The town is shown to whom the asker chose, a request to whom no block stands between, on every way to read it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from carecollective.errors import HelpRequestUnavailable
from help_requests import reads
from help_requests.models import Ending, HelpRequest, LocationPrivacy, Status
from help_requests.reads import Filters
from help_requests.services import moving
from members.models import Member
from members.services import blocks
from tests.cast import browser_of, client_of
from tests.factories.help_requests import HelpRequestFactory, as_seen_by, helped_by
from tests.factories.members import MemberFactory
from tests.members.pages.sent import without_tokens

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


def block_by(who: str, asker: Member, reader: Member) -> None:
    blocker, blocked = (asker, reader) if who == "asker" else (reader, asker)
    blocks.block(blocker, blocked.pk)


def read_as_json(member: Member, request: HelpRequest) -> dict[str, Any]:
    return dict(client_of(member).get(f"/api/help-requests/{request.pk}").json()["help_request"])


def read_as_page(member: Member, request: HelpRequest) -> str:
    """The page, without what differs from request to request."""
    page = without_tokens(browser_of(member).get(f"/requests/{request.pk}/"))
    return page.replace(str(request.pk), "").replace(str(request.requester.pk), "")


class TestABlock:
    @pytest.mark.parametrize("who", ["asker", "reader"])
    @pytest.mark.parametrize("state", ["open", "in_progress"])
    def test_reads_exactly_like_a_closed_request(self, asker: Member, outsider: Member, who: str, state: str) -> None:
        more = {"in_progress": True} if state == "in_progress" else {}
        request = HelpRequestFactory(requester=asker, town=TOWN, exchange_offer="Plum jam", **more)
        closed = HelpRequestFactory(requester=MemberFactory(called="Ana"), closed=True)
        assert read_as_json(outsider, request)["status"] == state
        block_by(who, asker, outsider)

        told, expected = read_as_json(outsider, request), read_as_json(outsider, closed)
        for own in ("id", "created_at", "requester"):
            del told[own], expected[own]
        assert told == expected
        assert (told["status"], told["description"], told["town"], told["closed_at"]) == ("closed", "", None, None)
        assert "This request is closed now." in read_as_page(outsider, request)
        assert read_as_page(outsider, request) == read_as_page(outsider, closed)

    @pytest.mark.parametrize("who", ["asker", "reader"])
    def test_takes_it_out_of_every_list(self, asker: Member, outsider: Member, who: str) -> None:
        HelpRequestFactory(requester=asker, town=TOWN)
        assert reads.browse(outsider, Filters(), 20).rows
        block_by(who, asker, outsider)
        for status in ("", *Status.values):
            for narrow in ({}, {"town": TOWN}, {"q": "groceries"}, {"sort": reads.MOST_URGENT}):
                assert reads.browse(outsider, Filters(status=status, **narrow), 20).rows == [], (status, narrow)

    def test_is_between_the_two_and_nobody_else(self, asker: Member, helper: Member, outsider: Member) -> None:
        asked, theirs = HelpRequestFactory(requester=asker), HelpRequestFactory(requester=outsider)
        blocks.block(asker, outsider.pk)
        assert set(reads.browse(helper, Filters(), 20).rows) == {asked, theirs}
        assert reads.browse(asker, Filters(), 20).rows == [asked]
        assert reads.browse(outsider, Filters(), 20).rows == [theirs]
        assert read_as_json(asker, asked)["status"] == read_as_json(helper, asked)["status"] == "open"

    def test_refuses_whatever_needs_a_current_request(self, asker: Member, outsider: Member) -> None:
        request = HelpRequestFactory(requester=asker, expires_at=now() + timedelta(days=2))
        blocks.block(asker, outsider.pk)
        seen = as_seen_by(outsider, request)
        assert not any((seen.is_current, seen.is_in_full, seen.is_near_its_end, seen.can_be_undone, seen.shown_town))
        with pytest.raises(HelpRequestUnavailable):
            seen.must_be_current()
        for act in ("complete", "cancel", "reopen"):
            address = f"/api/help-requests/{request.pk}/{act}"
            closed = f"/api/help-requests/{HelpRequestFactory(closed=True).pk}/{act}"
            here, there = client_of(outsider).post(address).json(), client_of(outsider).post(closed).json()
            assert here | {"request_id": ""} == there | {"request_id": ""}

    @pytest.mark.parametrize("state", ["completed", "cancelled", "closed", "expired"])
    def test_changes_nothing_about_what_is_over(self, asker: Member, outsider: Member, state: str) -> None:
        request = HelpRequestFactory(requester=asker, **{state: True})
        before = read_as_json(outsider, request)
        blocks.block(asker, outsider.pk)
        assert read_as_json(outsider, request) == before

    @pytest.mark.parametrize("who", ["asker", "reader"])
    def test_leaves_a_helper_what_they_helped_with(self, asker: Member, helper: Member, who: str) -> None:
        request = helped_by(helper, requester=asker, town=TOWN)
        block_by(who, asker, helper)
        told = read_as_json(helper, request)
        assert (told["status"], told["town"], told["helper"]["called"]) == ("in_progress", TOWN, "Ben")
        assert reads.browse(helper, Filters(), 20).rows == []
        assert reads.browse(helper, Filters(status="in_progress"), 20).rows == [request]
        assert moving.complete_request(helper, request.pk).status == Status.COMPLETED
        assert reads.browse(helper, Filters(status="completed"), 20).rows == [request]
        assert reads.browse(asker, Filters(status="completed"), 20).rows == [request]

    def test_taken_back_everything_is_as_before(self, asker: Member, outsider: Member) -> None:
        request = HelpRequestFactory(requester=asker)
        before = read_as_json(outsider, request)
        blocks.block(outsider, asker.pk)
        blocks.unblock(outsider, asker.pk)
        assert read_as_json(outsider, request) == before
        assert reads.browse(outsider, Filters(), 20).rows == [request]

    def test_puts_nobody_out_of_a_moderators_reach(self, asker: Member, moderator: Member) -> None:
        request = HelpRequestFactory(requester=asker)
        blocks.block(asker, moderator.pk)
        assert moving.close_request(moderator, request.pk).ending == Ending.BY_STAFF


@pytest.mark.parametrize("state", [{"is_active": False}, {"verification_status": "rejected"}])
def test_an_account_that_is_gone_takes_its_requests_along(
    asker: Member, helper: Member, outsider: Member, state: dict[str, Any]
) -> None:
    """Or a block, which does, could be told from it."""
    request, theirs = HelpRequestFactory(requester=asker), helped_by(helper, requester=asker)
    Member.objects.filter(pk=asker.pk).update(**state)
    for status in ("", Status.OPEN):
        assert reads.browse(outsider, Filters(status=status), 20).rows == []
        assert reads.count(outsider, Filters(status=status)) == 0
    told = read_as_json(outsider, request)
    assert (told["status"], told["description"], told["town"]) == ("closed", "", None)
    assert reads.browse(helper, Filters(status=Status.IN_PROGRESS), 20).rows == [theirs]
    assert as_seen_by(Member.objects.get(pk=asker.pk), request).is_current

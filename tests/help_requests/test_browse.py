"""Finding requests: what stands in the list, in which order, and page by page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from carecollective.errors import NotValid
from help_requests import reads
from help_requests.models import HelpRequest, Urgency
from help_requests.reads import Filters
from members.models import Member
from tests.cast import browser_of, client_of
from tests.factories.help_requests import HelpRequestFactory, helped_by

pytestmark = pytest.mark.django_db


def found(member: Member, limit: int = 50, **filters: str) -> list[HelpRequest]:
    return reads.browse(member, Filters(**filters), limit).rows


def every_page(member: Member, sort: str, limit: int) -> list[HelpRequest]:
    rows: list[HelpRequest] = []
    cursor: str | None = ""
    while cursor is not None:
        page = reads.browse(member, Filters(sort=sort), limit, cursor)
        rows, cursor = rows + page.rows, page.next_cursor
    return rows


def test_the_list_shows_what_can_still_be_helped_with(outsider: Member) -> None:
    open_one, going_on = HelpRequestFactory(), HelpRequestFactory(in_progress=True)
    for state in ("completed", "cancelled", "closed", "expired"):
        HelpRequestFactory(**{state: True})
    assert set(found(outsider)) == {open_one, going_on}
    assert found(outsider, status="open") == [open_one]
    assert found(outsider, status="in_progress") == [going_on]


@pytest.mark.parametrize("state", ["completed", "cancelled", "closed"])
def test_what_is_over_is_listed_for_the_people_it_was_about(asker: Member, outsider: Member, state: str) -> None:
    request = HelpRequestFactory(requester=asker, **{state: True})
    assert found(asker, status=state) == [request]
    assert found(outsider, status=state) == []


def test_a_helper_finds_what_they_helped_with(helper: Member) -> None:
    request = helped_by(helper)
    HelpRequest.objects.filter(pk=request.pk).update(status="completed", ending="helped_here", completed_at=now())
    assert found(helper, status="completed") == [request]


def test_an_expired_one_is_among_the_closed_ones_of_its_asker(asker: Member) -> None:
    request = HelpRequestFactory(requester=asker, expired=True)
    assert found(asker, status="closed") == [request]
    assert found(asker, status="open") == []


def test_filters_narrow_the_list(outsider: Member) -> None:
    dog = HelpRequestFactory(category="household-yard", urgency="urgent", town="Ava")
    HelpRequestFactory()
    assert found(outsider, category="household-yard") == [dog]
    assert found(outsider, urgency="urgent") == [dog]
    assert found(outsider, town="ava") == [dog]
    assert found(outsider, category="household-yard", town="Rolla") == []


def test_words_are_found_in_title_and_description_whatever_their_ending(outsider: Member) -> None:
    request = HelpRequestFactory(title="Need rides to the clinic", description="I have three appointments.")
    HelpRequestFactory(title="Mow the lawn", description="")
    for words in ("ride", "riding clinic", "appointment", '"to the clinic"', "ride -lawn"):
        assert found(outsider, q=words) == [request], words
    for words in ("lawn clinic", "the", "\"'&|!():*<->", "' OR 1=1 --", "\\"):
        assert request not in found(outsider, q=words), words


def test_most_urgent_first_goes_by_meaning_not_by_alphabet(outsider: Member) -> None:
    for urgency in (Urgency.NORMAL, Urgency.CRITICAL, Urgency.URGENT, Urgency.NORMAL, Urgency.CRITICAL):
        HelpRequestFactory(urgency=urgency)
    listed = found(outsider, sort="urgent")
    assert [row.urgency for row in listed] == ["critical", "critical", "urgent", "normal", "normal"]
    assert listed[0].created_at >= listed[1].created_at
    assert [row.created_at for row in found(outsider)] == sorted((row.created_at for row in listed), reverse=True)


@pytest.mark.parametrize("sort", list(reads.ORDERS))
def test_pages_show_every_request_once_even_of_the_same_moment(outsider: Member, sort: str) -> None:
    HelpRequestFactory.create_batch(7, created_at=now(), urgency="urgent")
    HelpRequestFactory.create_batch(3, urgency="critical")
    rows = every_page(outsider, sort, 3)
    assert len(rows) == len(set(rows)) == 10
    assert rows == found(outsider, sort=sort)


def test_rows_that_arrive_while_paging_neither_double_nor_hide_one(outsider: Member) -> None:
    before = HelpRequestFactory.create_batch(6)
    first = reads.browse(outsider, Filters(), 3)
    HelpRequestFactory.create_batch(5)
    second = reads.browse(outsider, Filters(), 3, first.next_cursor or "")
    assert {*first.rows, *second.rows} == set(before)
    assert second.next_cursor is None


def test_a_cursor_of_another_order_is_refused(outsider: Member) -> None:
    HelpRequestFactory.create_batch(2)
    cursor = reads.browse(outsider, Filters(), 1).next_cursor or ""
    with pytest.raises(NotValid):
        reads.browse(outsider, Filters(sort="urgent"), 1, cursor)


@pytest.mark.parametrize("count", [1, 20, 50])
def test_a_list_costs_the_same_number_of_statements_for_any_length(outsider: Member, count: int) -> None:
    for _ in range(count):
        HelpRequestFactory(in_progress=True)
    client, browser = client_of(outsider), browser_of(outsider)
    browser.get("/requests/")
    # A real caller's look-up brings it along.
    assert not outsider.is_banned

    with CaptureQueriesContext(connection) as api:
        answer = client.get("/api/help-requests?limit=50&sort=urgent&q=groceries")
    with CaptureQueriesContext(connection) as page:
        browser.get("/requests/")

    assert len(answer.json()["help_requests"]) == count
    assert len(api) == 1
    # Session and member, how many there are, the list with how many offered on each, and the numbers in the header.
    assert len(page) == 5


@pytest.mark.parametrize(
    "q", ["-" * 200, "- " * 100, "-" * 33 + "dog", '"' * 200, "or " * 66, "!&|:*()<->'\\", "a" * 200]
)
def test_no_search_words_are_too_much(asker: Member, q: str) -> None:
    assert client_of(asker).get("/api/help-requests", {"q": q}).status_code == 200

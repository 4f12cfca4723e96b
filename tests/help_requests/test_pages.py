"""The pages, as a browser without JavaScript meets them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate, now

from help_requests.models import Ending, HelpRequest, Status
from members.models import Member
from notifications.models import Notice
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory, helped_by
from tests.factories.messaging import offer
from tests.help_requests.walk import words_of

pytestmark = pytest.mark.django_db

NASTY = '<script>alert("x")</script> & <b>bold</b>'


def answers(**changes: Any) -> dict[str, Any]:
    """What the page that changes a request sends."""
    plain = {
        "category": "groceries-meals",
        "title": "Pick up groceries on Tuesday",
        "when": "any",
        "urgency": "normal",
        "town": "Springfield",
        "location_privacy": "public",
    }
    return plain | changes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"when": "by_date"}, "Please choose a day."),
        ({"when": "by_date", "needed_by": "2020-01-01"}, "This day is over."),
        ({"when": "by_date", "needed_by": "soon"}, "Please write the day like"),
        ({"title": "\u200b" * 9}, "Please say in one line what you need."),
        ({"title": "Hm"}, "5 letters or more"),
        ({"description": "x" * 1001}, "1000 letters or fewer"),
        ({"kind": "household-yard/pets"}, "This does not go with what you chose above."),
        ({"category": "money"}, "Please pick one from the list."),
    ],
)
def test_each_mistake_is_named_and_nothing_is_changed(asker: Member, changes: dict[str, str], words: str) -> None:
    request = HelpRequestFactory(requester=asker, title="As it was before")
    answer = browser_of(asker).post(f"/requests/{request.pk}/edit/", answers(**changes))
    assert answer.status_code == 400
    assert words in words_of(answer)
    request.refresh_from_db()
    assert request.title == "As it was before"


@pytest.mark.parametrize("when", ["any", "ongoing"])
def test_a_day_that_is_not_asked_for_any_more_is_no_answer(asker: Member, when: str) -> None:
    request = HelpRequestFactory(requester=asker, needed_by=localdate() + timedelta(days=3))
    for day in (request.needed_by.isoformat(), "no day at all"):
        browser_of(asker).post(f"/requests/{request.pk}/edit/", answers(when=when, needed_by=day))
        request.refresh_from_db()
        assert (request.needed_by, request.is_ongoing) == (None, when == "ongoing")


def test_what_members_write_is_shown_and_never_run(asker: Member, outsider: Member) -> None:
    request = HelpRequestFactory(requester=asker, title=NASTY, description=NASTY, exchange_offer=NASTY, town=NASTY)
    Member.objects.filter(pk=asker.pk).update(called=NASTY[:50])
    for member, pages in (
        (outsider, ["", f"{request.pk}/"]),
        (asker, ["", "mine/", *(f"{request.pk}/{page}" for page in ("", "edit/", "close/", "posted/"))]),
    ):
        for page in pages:
            shown = words_of(browser_of(member).get(f"/requests/{page}"))
            assert "&lt;script&gt;alert" in shown, page
            assert "<script>alert" not in shown
            assert "<b>bold" not in shown


def test_the_owner_can_change_and_close_and_others_cannot(asker: Member, outsider: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    own, other = (words_of(browser_of(member).get(f"/requests/{request.pk}/")) for member in (asker, outsider))
    for act in ("edit", "close"):
        assert f"/requests/{request.pk}/{act}/" in own
        assert f"/requests/{request.pk}/{act}/" not in other
        assert browser_of(outsider).get(f"/requests/{request.pk}/{act}/").status_code == 403
    assert request.description in other
    assert "Offer help" in other
    assert "Offer help" not in own


def test_changing_saves_what_was_filled_in(asker: Member) -> None:
    browser = browser_of(asker)
    day = localdate() + timedelta(days=2)
    request = HelpRequestFactory(requester=asker, needed_by=day, urgency="urgent")
    page = words_of(browser.get(f"/requests/{request.pk}/edit/"))
    assert request.description in page
    assert day.isoformat() in page

    told = answers(title="Pick up groceries on Friday", when="ongoing", urgency="urgent")
    answer = browser.post(f"/requests/{request.pk}/edit/", told, follow=True)

    assert "Saved." in words_of(answer)
    request.refresh_from_db()
    assert (request.title, request.is_ongoing, request.needed_by) == ("Pick up groceries on Friday", True, None)


def test_saving_says_whether_anybody_was_told(asker: Member, helper: Member) -> None:
    browser, request = browser_of(asker), HelpRequestFactory(requester=asker, title="Pick up groceries")
    address = f"/requests/{request.pk}/edit/"
    alone = words_of(browser.post(address, answers(title="Pick up milk"), follow=True))
    assert "Saved." in alone
    assert "People who offered" not in alone

    offer(helper, request)
    as_it_was = words_of(browser.post(address, answers(title="Pick up milk"), follow=True))
    assert "Saved." in as_it_was
    assert "People who offered" not in as_it_was
    assert not Notice.objects.filter(event__kind="request_changed")

    changed = words_of(browser.post(address, answers(title="Pick up bread"), follow=True))
    assert "Saved. People who offered were told." in changed
    assert Notice.objects.get(event__kind="request_changed").member == helper


def test_a_day_that_has_passed_meanwhile_does_not_stop_another_change(asker: Member) -> None:
    browser = browser_of(asker)
    day = localdate() - timedelta(days=2)
    request = HelpRequestFactory(requester=asker, needed_by=day)
    told = answers(title="Still need groceries", when="by_date", needed_by=day.isoformat())
    assert browser.post(f"/requests/{request.pk}/edit/", told).status_code == 302


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (Ending.HELPED_HERE, Status.COMPLETED),
        (Ending.HELPED_ELSEWHERE, Status.COMPLETED),
        (Ending.NOT_NEEDED, Status.CANCELLED),
    ],
)
def test_closing_says_why_and_can_be_undone(asker: Member, reason: Ending, status: Status) -> None:
    browser = browser_of(asker)
    request = HelpRequestFactory(requester=asker)
    closed = browser.post(f"/requests/{request.pk}/close/", {"reason": reason}, follow=True)
    request.refresh_from_db()
    assert (request.status, request.ending) == (status, reason)
    assert "Undo" in words_of(closed)
    assert browser.post(f"/requests/{request.pk}/close/", {"reason": reason}).status_code == 302

    undone = browser.post(f"/requests/{request.pk}/undo/", follow=True)
    assert "Your request is up again." in words_of(undone)
    request.refresh_from_db()
    assert request.status == Status.OPEN


def test_somebody_helped_whose_offer_was_never_accepted(asker: Member, helper: Member, outsider: Member) -> None:
    browser, request = browser_of(asker), HelpRequestFactory(requester=asker)
    address = f"/requests/{request.pk}/close/"
    assert "Who helped you?" not in words_of(browser.get(address))
    thread, other = offer(helper, request), offer(outsider, request)
    page = words_of(browser.get(address))
    assert "Who helped you?" in page
    assert helper.called in page

    unsaid = browser.post(address, {"reason": Ending.HELPED_HERE})
    assert unsaid.status_code == 400
    assert "Please choose who helped you." in words_of(unsaid)
    foreign = offer(helper, HelpRequestFactory(requester=asker))
    assert browser.post(address, {"reason": Ending.HELPED_HERE, "helped_by": foreign.pk}).status_code == 400

    done = browser.post(address, {"reason": Ending.HELPED_HERE, "helped_by": thread.pk})
    assert done["Location"] == f"/requests/{request.pk}/thanks/"
    request.refresh_from_db()
    assert (request.status, request.helper) == (Status.COMPLETED, helper)
    for conversation in (thread, other):
        conversation.refresh_from_db()
    assert (thread.offer_state, other.offer_state) == ("accepted", "offered")
    kinds = Notice.objects.filter(member=helper, event__about_id=str(request.pk)).values_list("event__kind", flat=True)
    assert list(kinds) == ["request_completed"]
    assert browser.get(address).status_code == 302


def test_who_helped_need_not_be_one_of_those_who_offered(asker: Member, helper: Member) -> None:
    browser, request = browser_of(asker), HelpRequestFactory(requester=asker)
    offer(helper, request)
    away = browser.post(f"/requests/{request.pk}/close/", {"reason": Ending.HELPED_HERE, "helped_by": "someone_else"})
    assert away["Location"] == f"/requests/{request.pk}/"
    request.refresh_from_db()
    assert (request.status, request.ending, request.helper) == (Status.COMPLETED, Ending.HELPED_HERE, None)


def test_closing_for_another_reason_does_not_ask_who_helped(asker: Member, helper: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    offer(helper, request)
    told = {"reason": Ending.NOT_NEEDED, "helped_by": "nonsense"}
    assert browser_of(asker).post(f"/requests/{request.pk}/close/", told).status_code == 302
    request.refresh_from_db()
    assert request.status == Status.CANCELLED


def test_later_the_owner_can_open_it_again(asker: Member) -> None:
    browser = browser_of(asker)
    request = HelpRequestFactory(requester=asker, completed=True, completed_at=now() - timedelta(hours=1))
    page = words_of(browser.get(f"/requests/{request.pk}/"))
    assert "Open it again" in page
    assert "Undo" not in page
    browser.post(f"/requests/{request.pk}/reopen/")
    request.refresh_from_db()
    assert request.status == Status.OPEN


def test_a_request_near_its_end_can_be_kept_up(asker: Member, outsider: Member) -> None:
    request = HelpRequestFactory(requester=asker, expires_at=now() + timedelta(days=2))
    assert "Keep it up for 30 more days" in words_of(browser_of(asker).get(f"/requests/{request.pk}/"))
    assert "Keep it up" not in words_of(browser_of(outsider).get(f"/requests/{request.pk}/"))


def test_a_request_a_moderator_closed_says_so_and_offers_no_way_back(asker: Member) -> None:
    request = HelpRequestFactory(requester=asker, closed=True)
    page = words_of(browser_of(asker).get(f"/requests/{request.pk}/"))
    assert "A moderator closed this request." in page
    assert "Open it again" not in page


def test_a_helper_is_thanked_on_the_page_of_what_they_did(asker: Member, helper: Member) -> None:
    request = helped_by(helper, requester=asker)
    HelpRequest.objects.filter(pk=request.pk).update(status="completed", ending="helped_here", completed_at=now())
    assert "Thank you for helping Ana." in words_of(browser_of(helper).get(f"/requests/{request.pk}/"))


def test_an_urgent_request_says_whom_to_call(outsider: Member) -> None:
    request = HelpRequestFactory(urgency="critical")
    assert "call <a" in words_of(browser_of(outsider).get(f"/requests/{request.pk}/"))


def test_an_empty_list_leads_on(asker: Member) -> None:
    browser = browser_of(asker)
    assert "No requests yet. Be the first to ask." in words_of(browser.get("/requests/"))
    assert "No one needs this right now. Try all topics." in words_of(browser.get("/requests/?category=other"))
    assert "You have not asked for anything yet." in words_of(browser.get("/requests/mine/"))


def test_a_bad_filter_or_cursor_is_left_out_with_a_note(asker: Member) -> None:
    request = HelpRequestFactory()
    browser = browser_of(asker)
    for query in ("category=money", "sort=x", "town=Nowhere", "cursor=abc", "q=%00"):
        answer = browser.get(f"/requests/?{query}")
        assert answer.status_code == 200, query
        assert "so we left it out" in words_of(answer), query
        assert request.title in words_of(answer), query
    assert "so we left it out" not in words_of(browser.get("/requests/?utm=1"))
    assert browser.get("/requests/mine/?cursor=abc").status_code == 200


def test_filters_and_show_more_are_plain_links(asker: Member) -> None:
    for number in range(22):
        HelpRequestFactory(title=f"Groceries {number:02}")
    HelpRequestFactory(title="Mow the lawn", category="household-yard")
    browser = browser_of(asker)
    page = words_of(browser.get("/requests/?category=groceries-meals&sort=newest"))
    more = re.search(r'href="(\?[^"]*cursor=[^"]+)"', page)
    assert more
    assert "category=groceries-meals" in more[1]
    rest = words_of(browser.get("/requests/" + more[1].replace("&amp;", "&")))
    assert "Groceries 01" in rest
    assert "Groceries 21" not in rest
    assert "lawn" not in page + rest


def test_mine_shows_my_requests_in_every_state(asker: Member) -> None:
    for state in ("completed", "cancelled", "closed", "expired"):
        HelpRequestFactory(requester=asker, title=f"Mine {state}", **{state: True})
    HelpRequestFactory(title="Not mine")
    page = words_of(browser_of(asker).get("/requests/mine/"))
    assert page.count("Mine ") >= 4
    assert "Not mine" not in page


@pytest.mark.parametrize("page", ["", "new/", "mine/"])
def test_each_door_sends_people_where_they_belong(waiting: Member, page: str) -> None:
    assert browser_of(waiting).get(f"/requests/{page}")["Location"] == "/waiting/"
    assert Client().get(f"/requests/{page}")["Location"].startswith("/login/?next=")


def test_undo_and_reopen_take_no_visits(asker: Member) -> None:
    request = HelpRequestFactory(requester=asker, completed=True)
    for act in ("undo", "reopen"):
        assert browser_of(asker).get(f"/requests/{request.pk}/{act}/").status_code == 405
    request.refresh_from_db()
    assert request.status == Status.COMPLETED

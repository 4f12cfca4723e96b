"""The pages of reporting: the form, what it refuses with every word kept, and the thanks."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Block, Member
from messaging.models import Conversation
from messaging.services import changing
from moderation.models import Action, Kind, Reason, Report
from moderation.services import reporting
from moderation.services.reporting import Complaint
from tests.cast import browser_of, client_of
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, offer_to, say
from tests.factories.moderation import decide, ten_minutes_pass
from tests.members.pages.sent import said

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread(asker: Member, helper: Member) -> Conversation:
    return offer_to(asker, helper)


def test_the_addresses_have_their_names(thread: Conversation) -> None:
    assert reverse("moderation:report_conversation", args=[thread.pk]) == f"/messages/{thread.pk}/report/"
    assert reverse("moderation:report_request", args=[thread.pk]) == f"/requests/{thread.pk}/report/"
    assert reverse("moderation:report_member", args=[thread.pk]) == f"/people/{thread.pk}/report/"


def test_each_page_says_what_it_is_about(asker: Member, outsider: Member, thread: Conversation) -> None:
    pages = [
        (asker, f"/messages/{thread.pk}/report/", "Report this chat", "Ben"),
        (asker, f"/messages/{thread.pk}/report/?m={thread.pk}", "Report this message", "Ben"),
        (outsider, f"/requests/{thread.help_request_id}/report/", "Report this request", "Ana"),
        (outsider, f"/people/{asker.pk}/report/", "Report Ana", "Ana"),
    ]
    for member, address, heading, called in pages:
        page = said(browser_of(member).get(address))
        assert f'<h1 class="breaks">{heading}</h1>' in page
        assert f"A person reads this within 24 hours. {called} is not told who reported." in page
        assert f"Also block {called}" in page
        for label in Reason.labels:
            assert label in page
        assert " checked" not in page


def test_a_message_is_quoted_and_a_deleted_one_is_not(asker: Member, helper: Member, thread: Conversation) -> None:
    address = f"/messages/{thread.pk}/report/?m={say(helper, thread, 'One <b>line</b>')}"
    assert "One &lt;b&gt;line&lt;/b&gt;" in browser_of(asker).get(address).content.decode()
    assert WORDS in said(browser_of(asker).get(f"/messages/{thread.pk}/report/?m={thread.pk}"))
    changing.delete_message(helper, thread.pk)
    page = said(browser_of(asker).get(f"/messages/{thread.pk}/report/?m={thread.pk}"))
    assert "This message was deleted. You can still report it." in page


def test_sent_thanked_and_led_on(asker: Member, helper: Member, thread: Conversation) -> None:
    message = say(helper, thread)
    answer = browser_of(asker).post(
        f"/messages/{thread.pk}/report/?m={message}",
        {"reason": "harassment", "description": "It made me cry."},
        follow=True,
    )
    made = Report.objects.get()
    assert answer.redirect_chain == [(f"/reports/{made.pk}/", 302)]
    page = said(answer)
    assert f"Thank you. Case {made.case.number}." in page
    assert "Ben is not told who reported." in page
    assert f'href="/messages/{thread.pk}/"' in page
    assert f'href="/people/{helper.pk}/block/"' in page
    assert (made.target_kind, made.target_id, made.clear_description) == ("message", message, "It made me cry.")
    assert not Block.objects.exists()


def test_also_blocked_where_it_was_ticked(outsider: Member, asker: Member, thread: Conversation) -> None:
    answer = browser_of(outsider).post(
        f"/requests/{thread.help_request_id}/report/", {"reason": "scam", "also_block": "on"}, follow=True
    )
    assert "You blocked Ana." in said(answer)
    assert f'href="/requests/{thread.help_request_id}/"' in said(answer)
    assert Block.objects.get().blocked == asker


def test_without_a_reason_it_comes_back_with_the_words(asker: Member, helper: Member) -> None:
    answer = browser_of(asker).post(f"/people/{helper.pk}/report/", {"description": "He sold me a lamp."})
    page = said(answer)
    assert answer.status_code == 400
    assert "There is a problem" in page
    assert "Please choose an answer to “What is wrong?”." in page
    assert "He sold me a lamp." in page
    assert not Report.objects.exists()


def test_too_many_letters_are_counted(asker: Member, helper: Member) -> None:
    answer = browser_of(asker).post(f"/people/{helper.pk}/report/", {"reason": "spam", "description": "x" * 501})
    assert "Please use 500 letters or fewer. You have 501." in said(answer)


@pytest.mark.parametrize(("how_often", "status", "words"), [
    (1, 409, "You have already reported this. A person will read it."),
    (5, 429, "60 minutes"),
])  # fmt: skip
def test_what_the_verb_refuses_is_said_at_the_form(
    asker: Member, helper: Member, how_often: int, status: int, words: str
) -> None:
    if how_often == 1:
        reporting.report(asker, Kind.MEMBER, helper.pk, Complaint("spam"))
    else:
        for other in MemberFactory.create_batch(how_often):
            reporting.report(asker, Kind.MEMBER, other.pk, Complaint("spam"))
    answer = browser_of(asker).post(
        f"/people/{helper.pk}/report/", {"reason": "scam", "description": "He sold me a lamp.", "also_block": "on"}
    )
    assert answer.status_code == status
    assert answer.has_header("Retry-After") == (status == 429)
    page = said(answer)
    assert words in page
    assert "He sold me a lamp." in page
    assert page.count(" checked") == 2


def test_said_again_after_our_answer_it_leads_there(asker: Member, helper: Member, moderator: Member) -> None:
    """Nobody reads it once more, so nobody is told so; before the answer is certain, somebody does."""
    made = reporting.report(asker, Kind.MEMBER, helper.pk, Complaint("spam"))
    decision = decide(moderator, made.case, Action.WARN)
    browser, address = browser_of(asker), f"/people/{helper.pk}/report/"
    for words in ("You have already reported this. A person will read it.", reporting.ANSWERED):
        answer = browser.post(address, {"reason": "scam", "description": "He sold me a lamp."})
        assert answer.status_code == 409
        assert f'<a href="/reports/{made.pk}/">{words}</a>' in answer.content.decode()
        ten_minutes_pass(decision)
    refused = client_of(asker).post(f"/api/members/{helper.pk}/report", {"reason": "spam"}, format="json")
    assert (refused.status_code, refused.json()["error"]) == (409, "already_reported")
    assert refused.json()["message"] == reporting.ANSWERED


@pytest.mark.parametrize("also_block", [True, False])
def test_pressed_twice_is_thanked_twice(also_block: bool, outsider: Member, thread: Conversation) -> None:
    """Also where the block of the first press has hidden the request from whoever reports it."""
    browser, address = browser_of(outsider), f"/requests/{thread.help_request_id}/report/"
    words = {"reason": "scam", "description": "A lamp,\nfor 20 dollars."} | ({"also_block": "on"} if also_block else {})
    answers = [browser.post(address, words) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [f"/reports/{Report.objects.get().pk}/"] * 2
    assert Block.objects.count() == also_block


def test_said_again_in_other_words_it_is_not_thanked(asker: Member, helper: Member) -> None:
    browser, address = browser_of(asker), f"/people/{helper.pk}/report/"
    browser.post(address, {"reason": "scam", "description": "A lamp."})
    for other in ({"reason": "spam", "description": "A lamp."}, {"reason": "scam", "description": "Two lamps."}):
        answer = browser.post(address, other)
        assert (answer.status_code, Report.objects.count()) == (409, 1)
    # Who now wants to keep away from them, too, is not told that this has been done.
    again = browser.post(address, {"reason": "scam", "description": "A lamp.", "also_block": "on"})
    assert again.status_code == 409
    assert not Block.objects.exists()


@pytest.mark.parametrize("also_block", [True, False])
def test_the_way_back_from_a_report_of_a_person(also_block: bool, asker: Member, helper: Member) -> None:
    browser, page = browser_of(asker), f"/people/{helper.pk}/"
    assert f'class="back" href="{page}"' in browser.get(f"{page}report/").content.decode()
    sent = browser.post(
        f"{page}report/", {"reason": "spam"} | ({"also_block": "on"} if also_block else {}), follow=True
    )
    back = "/home/" if also_block else page
    assert f'<a class="button" href="{back}">' in sent.content.decode()
    assert browser.get(back).status_code == 200


def test_what_is_not_theirs_is_not_found(asker: Member, helper: Member, outsider: Member, thread: Conversation) -> None:
    elsewhere = offer_to(asker, outsider)
    for member, address in [
        (outsider, f"/messages/{thread.pk}/report/"),
        (outsider, f"/messages/{thread.pk}/report/?m={thread.pk}"),
        (asker, f"/messages/{thread.pk}/report/?m={elsewhere.pk}"),
        (asker, f"/messages/{thread.pk}/report/?m={uuid4()}"),
        (asker, f"/messages/{thread.pk}/report/?m=%00"),
        (asker, f"/messages/{uuid4()}/report/"),
        (asker, f"/requests/{uuid4()}/report/"),
        (asker, f"/people/{uuid4()}/report/"),
    ]:
        for method in (browser_of(member).get, browser_of(member).post):
            assert method(address).status_code == 404, address


def test_ones_own_is_refused_on_a_page_of_ours(helper: Member, thread: Conversation) -> None:
    answer = browser_of(helper).get(f"/messages/{thread.pk}/report/?m={thread.pk}")
    assert answer.status_code == 400
    assert "You cannot report your own message." in said(answer)


def test_the_thanks_are_only_for_the_reporter(asker: Member, helper: Member, thread: Conversation) -> None:
    made = reporting.report(asker, Kind.CONVERSATION, thread.pk, Complaint("spam"))
    assert browser_of(asker).get(f"/reports/{made.pk}/").status_code == 200
    assert browser_of(helper).get(f"/reports/{made.pk}/").status_code == 404


def test_members_only(waiting: Member, declined: Member, helper: Member) -> None:
    address = f"/people/{helper.pk}/report/"
    assert Client().get(address)["Location"].startswith("/login/")
    for nobody in (waiting, declined):
        assert browser_of(nobody).post(address, {"reason": "spam"})["Location"] == "/waiting/"
    assert not Report.objects.exists()


def test_a_page_costs_the_same_for_any_length_of_chat(
    asker: Member, helper: Member, thread: Conversation, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        say(helper, thread, f"Message {number}")
    browser = browser_of(asker)
    with django_assert_max_num_queries(6):
        browser.get(f"/messages/{thread.pk}/report/")

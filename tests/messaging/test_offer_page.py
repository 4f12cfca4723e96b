"""Offering help on its page and in the dialog: every refusal in our words, and no note ever lost."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from carecollective import errors
from features.models import Attempt
from help_requests.models import HelpRequest
from members.models import Member
from messaging.models import Conversation
from messaging.services import closing, deciding, offering, requests
from notifications import preferences
from notifications.models import Emails
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, offer
from tests.messaging.test_pages import statements

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]

PART = {"HX-Request": "true"}
NOTE = "I can also bring the <heavy> bottles."
KEPT = "I can also bring the &lt;heavy&gt; bottles."


@pytest.fixture
def asked(asker: Member) -> HelpRequest:
    return HelpRequestFactory(requester=asker)


@pytest.fixture
def ben(helper: Member) -> Client:
    return browser_of(helper)


def words_of(answer: Any) -> str:
    return str(answer.content.decode())


def plain(answer: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", words_of(answer))))


def url_of(request: HelpRequest) -> str:
    return f"/requests/{request.pk}/offer/"


def test_the_box_is_empty_and_the_example_stands_below_it(ben: Client, asked: HelpRequest) -> None:
    page = words_of(ben.get(url_of(asked)))
    box = re.search(r"<textarea([^>]*)>([^<]*)</textarea>", page)
    assert box
    assert box[2].strip() == ""
    assert "placeholder" not in box[1]
    assert 'aria-describedby="id_note_helptext id_note_count"' in box[1]
    assert page.index("Example: Hi Ana. I shop at the market on Tuesdays after 5 PM.") > page.index("</textarea>")
    assert "What Ana will see: your first name, town, and this note." in plain(ben.get(url_of(asked)))
    assert asked.title in page


def test_page_and_dialog_are_the_same_form(ben: Client, asked: HelpRequest) -> None:
    page, part = words_of(ben.get(url_of(asked))), words_of(ben.get(url_of(asked), headers=PART))
    assert "<h1" in page
    assert "<html" not in part + page.partition("data-offer")[2].partition("</main>")[0]
    for words in (
        'name="note"',
        'name="client_id"',
        "csrfmiddlewaretoken",
        "Send my offer",
        f'action="{url_of(asked)}"',
    ):
        assert words in page
        assert words in part
    assert "Leave without sending?" in part
    assert "Leave without sending?" not in page


@pytest.mark.parametrize("headers", [{}, PART], ids=["page", "dialog"])
@pytest.mark.parametrize(
    ("refusal", "status", "words"),
    [
        (errors.ContentBlocked(), 400, "This text breaks one of our rules, so it was not sent."),
        (
            errors.RateLimited("You can send again in {wait}.", retry_after=40),
            429,
            "You can send again in 40 seconds .",
        ),
        (errors.ServiceUnavailable(), 503, "try again in a few seconds. Your words are safe."),
        (OperationalError("away"), 500, "It is our fault, not yours. Your words are safe."),
        (RuntimeError("a fault of ours"), 500, "It is our fault, not yours. Your words are safe."),
        (errors.NotPermitted(), 403, "You may not do this."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_is_refused_is_said_at_the_form_and_the_note_stays(
    ben: Client, asked: HelpRequest, monkeypatch, headers: dict[str, str], refusal: Exception, status: int, words: str
) -> None:
    monkeypatch.setattr(offering, "offer_help", _raises(refusal))
    answer = ben.post(url_of(asked), {"note": NOTE}, headers=headers)
    assert answer.status_code == status
    assert words in plain(answer)
    assert "There is a problem" in words_of(answer)
    assert f">\n{KEPT}</textarea>" in words_of(answer)
    assert answer.headers.get("Retry-After") == {429: "40", 503: "5"}.get(status)
    code = getattr(refusal, "code", "server_error")
    assert Attempt.objects.get().code == code


@pytest.mark.parametrize("headers", [{}, PART], ids=["page", "dialog"])
def test_whom_a_moderator_paused_reads_so_and_can_copy_the_note(
    ben: Client, asked: HelpRequest, monkeypatch, headers: dict[str, str]
) -> None:
    paused = errors.MemberRestricted("You cannot send messages until Dec 3. A moderator paused this because of rule 2.")
    monkeypatch.setattr(offering, "offer_help", _raises(paused))
    answer = ben.post(url_of(asked), {"note": NOTE}, headers=headers)
    assert answer.status_code == 403
    assert "You cannot send messages until Dec 3." in plain(answer)
    assert KEPT in words_of(answer)
    assert "<textarea" not in words_of(answer)


@pytest.mark.parametrize("headers", [{}, PART], ids=["page", "dialog"])
def test_a_request_that_closed_meanwhile_says_so_and_gives_the_note_back(
    ben: Client, asker: Member, asked: HelpRequest, headers: dict[str, str]
) -> None:
    requests.cancel_request(asker, asked.pk)
    answer = ben.post(url_of(asked), {"note": NOTE}, headers=headers)
    assert answer.status_code == 400
    assert "This request is closed now." in plain(answer)
    assert "Ana may have found help. Your note is saved below if you want to copy it." in plain(answer)
    assert KEPT in words_of(answer)
    assert "See other requests" in words_of(answer)
    assert "<textarea" not in words_of(answer)


def test_the_offer_page_of_a_closed_request_leads_to_the_closed_words_without_a_form(
    ben: Client, asker: Member, asked: HelpRequest
) -> None:
    requests.cancel_request(asker, asked.pk)
    answer = ben.get(url_of(asked), follow=True)
    assert "This request is closed now." in words_of(answer)
    assert "See other requests" in words_of(answer)
    assert "<textarea" not in words_of(answer)
    assert "Offer help" not in words_of(answer)
    assert ben.get(url_of(asked), headers=PART)["HX-Redirect"] == f"/requests/{asked.pk}/"


def test_a_second_offer_from_the_dialog_leads_to_the_chat_with_the_note_in_the_box(
    ben: Client, helper: Member, asked: HelpRequest
) -> None:
    standing = offer(helper, asked)
    answer = ben.post(url_of(asked), {"note": NOTE}, headers=PART)
    assert (answer.status_code, answer["HX-Redirect"]) == (200, f"/messages/{standing.pk}/#composer")
    page = words_of(ben.get(f"/messages/{standing.pk}/"))
    assert "Your new note is in the box below; press Send if you want to add it." in page
    assert f">\n{KEPT}</textarea>" in page


def _decline(offered: Conversation) -> None:
    deciding.decline_offer(offered.requester, offered.pk)


def _withdraw(offered: Conversation) -> None:
    deciding.withdraw_offer(offered.helper, offered.pk)


def _end(offered: Conversation) -> None:
    closing.close_conversation(offered.requester, offered.pk)


@pytest.mark.parametrize("end", [_decline, _withdraw, _end])
def test_where_nothing_can_be_written_any_more_the_note_is_shown_to_be_copied(
    ben: Client, helper: Member, asked: HelpRequest, end: Callable[[Conversation], None]
) -> None:
    standing = offer(helper, asked)
    end(standing)
    answer = ben.post(url_of(asked), {"note": NOTE}, follow=True)
    assert answer.redirect_chain == [(f"/messages/{standing.pk}/#composer", 302)]
    assert "You cannot write in it now, so your new note was not sent." in words_of(answer)
    assert "These words were not sent" in words_of(answer)
    assert KEPT in words_of(answer)
    assert "in the box below" not in words_of(answer)
    assert 'name="content"' not in words_of(answer)


@pytest.mark.parametrize("chosen", list(Emails))
def test_the_banner_promises_an_email_only_to_those_who_take_them(
    ben: Client, helper: Member, asked: HelpRequest, chosen: Emails
) -> None:
    preferences.change(helper, email=chosen)
    page = plain(ben.post(url_of(asked), {"note": NOTE}, follow=True))
    assert "Your offer is sent. We are telling Ana. You can add to it here." in page
    assert ("We will email you when Ana answers." in page) == (chosen != Emails.OFF)
    assert ("You will see the answer under Messages." in page) == (chosen == Emails.OFF)


def test_the_request_page_tells_the_owner_of_each_offer_and_leads_to_it(asker: Member, asked: HelpRequest) -> None:
    browser = browser_of(asker)
    assert "No offers yet. We will email you when someone offers." in plain(browser.get(f"/requests/{asked.pk}/"))
    made = offer(MemberFactory(called="Ben"), asked)
    page = plain(browser.get(f"/requests/{asked.pk}/"))
    for words in ("Offers", "Ben", "Today", WORDS[:60], "1 New", "Offered", "Read the offer of Ben"):
        assert words in page, words
    assert f'href="/messages/{made.pk}/"' in words_of(browser.get(f"/requests/{asked.pk}/"))


@pytest.mark.parametrize(
    ("then", "words"),
    [
        (None, "Waiting for an answer"),
        (_decline, "Not this time"),
        (_withdraw, "Taken back"),
        (_end, "Ended"),
    ],
)
def test_whoever_offered_reads_where_the_offer_stands(
    ben: Client, helper: Member, asked: HelpRequest, then: Callable[[Conversation], None] | None, words: str
) -> None:
    made = offer(helper, asked)
    if then:
        then(made)
    page = ben.get(f"/requests/{asked.pk}/")
    assert "Your offer" in plain(page)
    assert words in plain(page)
    assert ("You can offer again in your chat." in plain(page)) == (then is _withdraw)
    assert f"/messages/{made.pk}/#composer" in words_of(page)
    assert "Open your chat" in words_of(page)
    assert "Offer help" not in words_of(page)


def test_strangers_read_nothing_of_the_offers_but_their_number(outsider: Member, asked: HelpRequest) -> None:
    made = offer(MemberFactory(called="Benedikt"), asked)
    page = words_of(browser_of(outsider).get(f"/requests/{asked.pk}/"))
    assert "1 person offered" in page
    assert not [secret for secret in (str(made.pk), "Benedikt", WORDS[:30]) if secret in page]


@pytest.mark.parametrize("count", [1, 20])
def test_the_request_page_costs_the_same_for_any_number_of_offers(
    asker: Member, outsider: Member, asked: HelpRequest, count: int
) -> None:
    for _ in range(count):
        offer(MemberFactory(), asked)
    url = f"/requests/{asked.pk}/"
    own, other = browser_of(asker), browser_of(outsider)
    # Session, member, request, numbers in the header; then the offers and what was chosen about mail, or one's own.
    assert (statements(own, url), statements(other, url)) == (6, 5)
    assert statements(other, url_of(asked)) == 5


def _raises(problem: Exception) -> Callable[..., None]:
    def verb(*args: object, **kwargs: object) -> None:
        raise problem

    return verb

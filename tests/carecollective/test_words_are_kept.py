"""Whatever stands in the way of a form, the words typed into it are there afterwards."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from carecollective import errors, kept
from carecollective.kept import HERE_THEY_ARE, SIGN_IN_AGAIN
from help_requests.models import HelpRequest
from members.models import Member, MemberSession
from messaging.models import Conversation
from messaging.services import offering
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import PASSWORD

pytestmark = pytest.mark.django_db
NOTE = "Hi Ana. I shop on Tuesdays & can carry <all> the bags."
SHOWN = "Hi Ana. I shop on Tuesdays &amp; can carry &lt;all&gt; the bags."
Broken = Callable[[BaseException], None]


@pytest.fixture
def asked(asker: Member) -> HelpRequest:
    return HelpRequestFactory(requester=asker)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Broken:
    def break_it(problem: BaseException) -> None:
        def fail(*args: Any, **kwargs: Any) -> None:
            raise problem

        monkeypatch.setattr(offering, "offer_help", fail)

    return break_it


def offer_page(asked: HelpRequest) -> str:
    return f"/requests/{asked.pk}/offer/"


def form(key: str = "") -> dict[str, str]:
    return {"note": NOTE, "client_id": key or str(uuid4())}


@pytest.mark.parametrize(("problem", "status", "words"), [
    (ZeroDivisionError(), 500, "It is our fault, not yours. Your words are safe."),
    (OperationalError("gone"), 500, "It is our fault, not yours. Your words are safe."),
    (errors.ServiceUnavailable(), 503, "Please try again in a few seconds. Your words are safe."),
    (errors.RateLimited("You are sending very fast. You can send again in {wait}.", retry_after=40), 429,
     '<span aria-live="off" data-countdown="40">40 seconds</span>'),
    (errors.ContentBlocked(), 400, "This text breaks one of our rules, so it was not sent."),
])  # fmt: skip
def test_what_fails_in_the_verb_is_said_at_the_form(
    asked: HelpRequest, helper: Member, broken: Broken, problem: BaseException, status: int, words: str
) -> None:
    broken(problem)
    key = str(uuid4())
    answer = browser_of(helper).post(offer_page(asked), form(key))
    page = answer.content.decode()
    assert answer.status_code == status
    assert words in page
    assert SHOWN in page
    assert key in page
    assert "<title>Error: " in page
    assert answer.headers.get("Retry-After") == {503: "5", 429: "40"}.get(status)


def test_the_second_time_it_fails_there_is_a_code_to_tell_us(
    asked: HelpRequest, helper: Member, broken: Broken
) -> None:
    broken(ZeroDivisionError())
    browser = browser_of(helper)
    first, second = (browser.post(offer_page(asked), form()) for _ in range(2))
    assert "tell us this code" not in first.content.decode()
    assert f"Error {second['X-Request-ID'][-4:].upper()}." in second.content.decode()


def test_a_page_that_cannot_be_made_keeps_the_words_and_sends_them_again_under_the_same_key(
    asked: HelpRequest, helper: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, key = Client(enforce_csrf_checks=True), str(uuid4())
    browser.force_login(helper)
    browser.get(offer_page(asked))
    data = form(key) | {"csrfmiddlewaretoken": browser.cookies[settings.CSRF_COOKIE_NAME].value}
    with monkeypatch.context() as patch:
        patch.setattr(HelpRequest.objects, "one_for", _raise_operational_error)
        answer = browser.post(offer_page(asked), data)
    page = answer.content.decode()
    assert answer.status_code == 500
    assert f'<blockquote class="breaks keep-lines">{SHOWN}</blockquote>' in page
    assert f'<input type="hidden" name="client_id" value="{key}">' in page
    again = dict(_hidden(page))
    assert again["note"] == NOTE
    assert browser.post(offer_page(asked), again).status_code == 302
    assert Conversation.objects.get().initial_message == NOTE


def test_a_session_that_ended_asks_to_sign_in_and_comes_back_with_the_words(asked: HelpRequest, helper: Member) -> None:
    browser = browser_of(helper)
    MemberSession.objects.all().delete()
    key = str(uuid4())
    answer = browser.post(offer_page(asked), form(key))
    assert answer["Location"] == f"/login/?next=%2Frequests%2F{asked.pk}%2Foffer%2F"
    assert "taken" not in answer.cookies
    assert NOTE not in str([row.get_decoded() for row in MemberSession.objects.all()])
    assert SIGN_IN_AGAIN in browser.get(answer["Location"]).content.decode()
    signed_in = browser.post(answer["Location"], {"email": helper.email, "password": PASSWORD})
    assert signed_in["Location"] == offer_page(asked)
    for is_first in (True, False):
        page = browser.get(offer_page(asked)).content.decode()
        assert (HERE_THEY_ARE in page) == is_first
        assert SHOWN in page
        assert key in page
        assert "There is a problem" not in page
    assert browser.post(offer_page(asked), form(key)).status_code == 302
    assert NOTE not in str([row.get_decoded() for row in MemberSession.objects.all()])
    assert Conversation.objects.get().initial_message == NOTE


@pytest.mark.parametrize("words", ["Thanks!", "Yes", "спасибо"])
def test_a_single_word_is_kept_too(asked: HelpRequest, asker: Member, helper: Member, words: str) -> None:
    thread = f"/messages/{offering.offer_help(helper, asked.pk, NOTE, str(uuid4())).id}/"
    browser = browser_of(asker)
    MemberSession.objects.all().delete()
    away = browser.post(thread, {"content": words, "client_id": str(uuid4())})
    browser.post(away["Location"], {"email": asker.email, "password": PASSWORD})
    assert f">\n{words}</textarea>" in browser.get(thread).content.decode()


def test_who_signs_in_next_on_a_shared_phone_reads_none_of_it(
    asked: HelpRequest, helper: Member, outsider: Member
) -> None:
    phone = Client()
    phone.post("/login/", {"email": helper.email, "password": PASSWORD})
    MemberSession.objects.all().delete()
    away = phone.post(offer_page(asked), form())
    phone.post(away["Location"], {"email": outsider.email, "password": PASSWORD})
    assert SHOWN not in phone.get(offer_page(asked)).content.decode()


def test_signing_out_takes_the_mark_of_the_person_away(helper: Member) -> None:
    phone = Client()
    phone.post("/login/", {"email": helper.email, "password": PASSWORD})
    assert str(helper.pk) not in phone.cookies[kept.WHO].value
    assert phone.post("/logout/").cookies[kept.WHO].value == ""


def test_nothing_is_kept_where_nothing_was_written(asked: HelpRequest, helper: Member) -> None:
    browser = browser_of(helper)
    MemberSession.objects.all().delete()
    answer = browser.post(
        f"/requests/{asked.pk}/undo/", {}, headers={"Referer": f"http://testserver/requests/{asked.pk}/"}
    )
    assert answer["Location"] == f"/login/?next=%2Frequests%2F{asked.pk}%2F"
    assert SIGN_IN_AGAIN not in browser.get(answer["Location"]).content.decode()


def test_a_form_that_lay_open_too_long_is_sent_once_more_with_one_press(asked: HelpRequest, helper: Member) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(helper)
    answer = browser.post(offer_page(asked), form(), headers={"Origin": "http://testserver"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Please send it once more" in page
    assert SHOWN in page
    assert browser.post(offer_page(asked), dict(_hidden(page))).status_code == 302
    assert Conversation.objects.get().initial_message == NOTE


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_a_form_from_another_site_is_neither_shown_nor_offered_again(
    asked: HelpRequest, helper: Member, origin: str | None
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(helper)
    answer = browser.post(offer_page(asked), form(), headers={"Origin": origin} if origin else {})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert SHOWN not in page
    assert "<form" not in page


def test_a_password_is_never_shown_again(helper: Member) -> None:
    browser = Client(enforce_csrf_checks=True)
    data = {"email": helper.email, "password": "a secret with blanks"}
    answer = browser.post("/login/", data, headers={"Origin": "http://testserver"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "a secret with blanks" not in page
    assert "<form" not in page
    assert 'href="/login/"' in page


def test_words_for_a_page_one_may_not_use_can_be_copied(helper: Member) -> None:
    answer = browser_of(helper).post(f"/messages/{uuid4()}/", {"content": NOTE, "client_id": str(uuid4())})
    page = answer.content.decode()
    assert answer.status_code == 404
    assert SHOWN in page
    assert "<form" not in page


def test_the_device_is_told_which_form_was_taken(asked: HelpRequest, helper: Member, broken: Broken) -> None:
    browser = browser_of(helper)
    assert browser.post(offer_page(asked), {"note": "short"}).cookies.get("taken") is None
    taken = browser.post(offer_page(asked), form()).cookies["taken"]
    assert taken.value == f"%2Frequests%2F{asked.pk}%2Foffer%2F"


def _raise_operational_error(*args: Any) -> None:
    raise OperationalError("the server closed the connection unexpectedly")


def _hidden(page: str) -> list[tuple[str, str]]:

    return [(name, unescape(value)) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)]

"""What stands on the pages after an offer: while one waits, when a step fails, when nobody can write any more."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils.timezone import now

from carecollective.encryption import seal
from carecollective.errors import RateLimited, ServiceUnavailable
from features.models import Attempt
from help_requests.models import HelpRequest
from members import limits
from members.models import Member
from members.services import blocks
from messaging import steps
from messaging.models import Conversation, Message, OfferState, Plan, Thanks
from messaging.models.sealing import message_place
from messaging.models.words import EDIT_WINDOW
from messaging.services import changing, closing, deciding, offering, planning, requests, talking, thanking
from notifications import preferences
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.messaging import WORDS, accepted, offer, offer_to, say
from tests.members.pages.sent import said
from tests.messaging.test_plans import wish

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]

FAULTS = [(RuntimeError("broken"), 500, "That did not work. It is our fault, not yours."),
          (ServiceUnavailable(), 503, "We cannot do this right now."),
          (OperationalError(), 500, "That did not work.")]  # fmt: skip


def url_of(conversation: Conversation) -> str:
    return f"/messages/{conversation.pk}/"


class TestWaiting:
    def test_the_helper_reads_when_it_went_and_what_comes_next(self, asker: Member, helper: Member) -> None:
        offered = offer_to(asker, helper)
        page = said(browser_of(helper).get(url_of(offered)))
        for words in ("Waiting for Ana.", "Offer sent today", "one reminder after a day",
                      "after 14 days your offer rests", "Take back my offer", WORDS, 'name="content"'):  # fmt: skip
            assert words in page
        for words in ("pending", "No messages yet"):
            assert words.lower() not in page.lower()

    def test_no_chat_ever_says_pending_or_that_nothing_is_there(self, asker: Member, helper: Member) -> None:
        offered = offer_to(asker, helper)
        for act in (lambda: None, lambda: deciding.accept_offer(asker, offered.pk),
                    lambda: deciding.withdraw_offer(helper, offered.pk)):  # fmt: skip
            act()
            for member in (asker, helper):
                page = said(browser_of(member).get(url_of(offered))).lower()
                assert "pending" not in page
                assert "no messages yet" not in page
                assert "we will email" not in page

    def test_the_question_comes_first_as_a_plain_link(self, asker: Member, helper: Member) -> None:
        page = browser_of(asker).get(url_of(offer_to(asker, helper))).content.decode()
        assert re.search(r'<a [^>]*href="#composer">Ask a question first</a>', page)
        assert 'id="composer"' in page
        assert "You can talk before you decide. Ben cannot see your phone or address." in page


class TestStepsThatFail:
    @pytest.mark.parametrize(("problem", "status", "words"), FAULTS)
    @pytest.mark.parametrize(("act", "verb"), [("accept", "ACCEPT"), ("decline", "DECLINE")])
    def test_both_buttons_stay_and_nothing_has_changed(
        self, asker: Member, helper: Member, monkeypatch, act, verb, problem, status, words
    ) -> None:
        offered = offer_to(asker, helper)
        step = getattr(steps, verb)
        with monkeypatch.context() as patch:
            patch.setattr("messaging.steps." + verb, replace(step, verb=_raising(problem)))
            answer = browser_of(asker).post(f"{url_of(offered)}{act}/", {"own": "My own words."})
        assert answer.status_code == status
        page = said(answer)
        assert "There is a problem" in page
        assert words in page
        assert f">{step.button}</button>" in page
        assert f'href="{url_of(offered)}">Not now</a>' in page
        assert ("My own words." in page) == (act == "decline")
        assert "<title>Error: " in page
        thread = said(browser_of(asker).get(url_of(offered)))
        for link in ("accept/", "decline/"):
            assert f'href="{url_of(offered)}{link}"' in thread
        offered.refresh_from_db()
        assert offered.offer_state == OfferState.OFFERED
        browser_of(asker).post(f"{url_of(offered)}{act}/", {"own": "My own words."})
        offered.refresh_from_db()
        assert offered.offer_state == {"accept": OfferState.ACCEPTED, "decline": OfferState.DECLINED}[act]

    def test_a_code_can_be_read_to_whoever_helps(self, asker: Member, helper: Member, monkeypatch) -> None:
        offered = offer_to(asker, helper)
        monkeypatch.setattr("messaging.steps.ACCEPT", replace(steps.ACCEPT, verb=_raising(RuntimeError("x"))))
        browser = browser_of(asker)
        browser.post(f"{url_of(offered)}accept/")
        again = browser.post(f"{url_of(offered)}accept/")
        assert f"Error {again['X-Request-Id'][-4:].upper()}." in said(again)

    @pytest.mark.parametrize(("problem", "status", "words"), FAULTS)
    def test_a_message_that_failed_keeps_its_words_and_its_key(
        self, asker: Member, helper: Member, monkeypatch, problem, status, words
    ) -> None:
        offered, browser = offer_to(asker, helper), browser_of(asker)
        key = "01a1fd59-3bee-7539-b0b9-2437376a77ba"
        with monkeypatch.context() as patch:
            patch.setattr(talking, "send_message", _raising(problem))
            answer = browser.post(url_of(offered), {"content": "Six is fine.", "client_id": key})
        assert answer.status_code == status
        assert words in said(answer)
        assert ">\nSix is fine.</textarea>" in said(answer)
        assert f'value="{key}"' in said(answer)
        code = Attempt.objects.order_by("-id").values_list("code", flat=True)[0]
        assert code == ("service_unavailable" if status == 503 else "server_error")
        for _ in range(2):
            assert browser.post(url_of(offered), {"content": "Six is fine.", "client_id": key}).status_code == 302
        assert Message.objects.filter(content="Six is fine.").count() == 1

    @pytest.mark.parametrize(
        ("module", "verb", "page", "told"),
        [
            (planning, "make_plan", "plan/", {"date": "2099-01-01", "time": "5 pm", "place": "My words stay."}),
            (planning, "agree_to_plan", "plan/", {"act": "agree", "version": "1"}),
            (planning, "answer_plan", "done/", {"answer": "yes"}),
            (thanking, "thank", "thanks/", {"content": "My words stay."}),
        ],
    )
    def test_what_comes_after_an_offer_keeps_its_form(
        self, asker: Member, helper: Member, monkeypatch, module, verb, page, told
    ) -> None:
        chat = accepted(asker, helper)
        planning.make_plan(helper, chat.asked_for.pk, wish())
        if verb == "thank":
            requests.complete_request(asker, chat.asked_for.pk)
        monkeypatch.setattr(module, verb, _raising(RuntimeError("broken")))
        answer = browser_of(asker).post(f"/requests/{chat.asked_for.pk}/{page}", told)
        assert answer.status_code == 500
        assert "That did not work. It is our fault, not yours." in said(answer)
        assert "<form" in said(answer).partition("<main")[2]
        assert ("My words stay." in said(answer)) == ("place" in told or "content" in told)

    def test_too_fast_says_when_it_goes_again(self, asker: Member, helper: Member, monkeypatch) -> None:
        offered = offer_to(asker, helper)
        monkeypatch.setattr(
            talking, "send_message", _raising(RateLimited("You can send again in {wait}.", retry_after=40))
        )
        answer = browser_of(asker).post(url_of(offered), {"content": "Six is fine."})
        assert (answer.status_code, answer["Retry-After"]) == (429, "40")
        assert 'data-countdown="40">40 seconds<' in said(answer)


def _raising(problem: Exception) -> Callable[..., Any]:
    def verb(*_: Any, **__: Any) -> None:
        raise problem

    return verb


def test_a_link_to_an_edit_that_is_too_late_leads_back_to_the_words(asker: Member, helper: Member) -> None:
    offered = offer_to(asker, helper)
    message = say(asker, offered)
    Message.objects.filter(pk=message).update(created_at=now() - 2 * EDIT_WINDOW)
    answer = browser_of(asker).get(f"{url_of(offered)}m/{message}/edit/", follow=True)
    assert answer.redirect_chain == [(f"{url_of(offered)}#m-{message}", 302)]
    assert changing.TOO_LATE in said(answer)


class TestWhereNobodyWrites:
    ENDS: list[tuple[str, Callable[[Conversation], Any]]] = [
        ("closed", lambda chat: closing.close_conversation(chat.helper, chat.pk)),
        ("blocked", lambda chat: blocks.block(chat.requester, chat.helper_id)),
        ("blocks", lambda chat: blocks.block(chat.helper, chat.requester_id)),
        ("gone", lambda chat: Member.objects.filter(pk=chat.helper_id).update(is_active=False)),
    ]

    @pytest.mark.parametrize("end", [end for _, end in ENDS], ids=[name for name, _ in ENDS])
    def test_no_plan_is_asked_for_but_one_can_be_taken_back(self, asker, helper, end) -> None:
        chat = accepted(asker, helper)
        page = f"/requests/{chat.asked_for.pk}/plan/"
        planning.make_plan(helper, chat.asked_for.pk, wish())
        end(chat)
        shown = said(browser_of(asker).get(page))
        assert "You cannot send messages in this chat now" in shown
        for words in ("That works", 'name="place"', "Change the plan"):
            assert words not in shown
        assert "The plan was taken back." in said(browser_of(asker).post(page, {"act": "take_back"}, follow=True))
        again = said(browser_of(asker).get(page))
        assert 'name="place"' not in again
        assert url_of(chat) in again

    @pytest.mark.parametrize("end", [end for _, end in ENDS], ids=[name for name, _ in ENDS])
    def test_no_thank_you_is_asked_for_and_what_was_typed_stays(self, asker, helper, end) -> None:
        chat = accepted(asker, helper)
        requests.complete_request(asker, chat.asked_for.pk)
        page = f"/requests/{chat.asked_for.pk}/thanks/"
        assert "<textarea" in said(browser_of(asker).get(page))
        end(chat)
        shown = said(browser_of(asker).get(page))
        assert "a thank-you would not arrive" in shown
        assert "<textarea" not in shown
        assert url_of(chat) in shown
        refused = browser_of(asker).post(page, {"content": "You made my week."})
        assert refused.status_code == 403
        assert "These words were not sent" in said(refused)
        assert "You made my week." in said(refused)


class TestThePlan:
    @pytest.mark.parametrize("written", ["5:30 pm", "17:30", "530PM"])
    def test_a_time_is_taken_as_it_is_written_and_shown_as_it_is_said(self, asker, helper, written) -> None:
        chat = accepted(asker, helper)
        page, browser = f"/requests/{chat.asked_for.pk}/plan/", browser_of(asker)
        told = {"date": wish().day.strftime("%m/%d/%Y"), "time": written, "place": "the porch",
                "time_zone": "America/Phoenix"}  # fmt: skip
        shown = said(browser.post(page, told, follow=True))
        assert "5:30 PM, Arizona time" in shown
        assert 'name="time" value="5:30 PM"' in shown
        assert Plan.objects.get().starts_at.isoformat().endswith("T00:30:00+00:00")

    def test_a_time_that_could_be_both_is_asked_and_stays_in_the_box(self, asker, helper) -> None:
        chat = accepted(asker, helper)
        told = {"date": wish().day.isoformat(), "time": "5:30", "place": "the porch"}
        answer = browser_of(asker).post(f"/requests/{chat.asked_for.pk}/plan/", told)
        assert answer.status_code == 400
        assert "Please add AM or PM, like 5:30 PM." in said(answer)
        assert 'name="time" value="5:30"' in said(answer)


class TestThanks:
    @pytest.fixture
    def chat(self, asker: Member, helper: Member) -> Conversation:
        made = accepted(asker, helper)
        requests.complete_request(asker, made.asked_for.pk)
        return made

    def test_a_beginning_goes_into_the_box_and_sends_nothing(self, asker, chat) -> None:
        browser, page = browser_of(asker), f"/requests/{chat.asked_for.pk}/thanks/"
        start = "You made my week."
        told = {"content": "Dear Ben.  ", "may_be_shown": "on", "starter": start}
        shown = said(browser.post(page, told))
        assert f">\nDear Ben. {start}</textarea>" in shown
        assert re.search(r'name="may_be_shown"[^>]* checked', shown)
        assert "There is a problem" not in shown
        again = said(browser.post(page, told | {"content": f"Dear Ben. {start}"}))
        assert f">\nDear Ben. {start}</textarea>" in again, "pressed twice it stands there once"
        strange = said(browser.post(page, {"content": "", "starter": "Something of theirs"}))
        assert "Something of theirs" not in strange
        assert not Thanks.objects.exists()

    def test_pressed_twice_and_in_two_tabs_it_stands_there_once(self, asker, helper, chat) -> None:
        browser, page = browser_of(asker), f"/requests/{chat.asked_for.pk}/thanks/"
        keys = [said(browser.get(page)).partition('name="client_id" value="')[2][:36] for _ in range(2)]
        for key, status in ((keys[0], 302), (keys[0], 302), (keys[1], 400)):
            assert browser.post(page, {"content": "You made my week.", "client_id": key}).status_code == status
        assert said(browser_of(helper).get(url_of(chat))).count("bubble--thanks") == 1

    def test_its_reader_reads_how_often_they_helped(self, asker, helper, outsider, chat) -> None:
        thanking.thank(asker, chat.asked_for.pk, "You made my week.")
        assert "You have helped once." in said(browser_of(helper).get(url_of(chat)))
        for who in (outsider, asker):
            requests.complete_request(who, accepted(who, helper).asked_for.pk) if who == outsider else None
        assert "You have helped 2 times." in said(browser_of(helper).get(url_of(chat)))
        assert "You have helped" not in said(browser_of(asker).get(url_of(chat)))

    def test_sealed_words_are_shown_open_and_deleted_ones_are_said_to_be(self, asker, chat) -> None:
        made = thanking.thank(asker, chat.asked_for.pk, "You made my week.").thanks.message
        sealed = seal("Sealed thanks.", message_place(chat.pk, made.pk))
        Message.objects.filter(pk=made.pk).update(content=sealed.text, key_id=sealed.key_id)
        page = f"/requests/{chat.asked_for.pk}/thanks/"
        shown = said(browser_of(asker).get(page))
        assert "Sealed thanks." in shown
        assert sealed.text not in shown
        changing.delete_message(asker, made.pk)
        assert "You deleted the words." in said(browser_of(asker).get(page))

    def test_after_a_new_beginning_with_another_helper_it_says_why_there_is_no_second_one(
        self, asker, helper, outsider, chat
    ) -> None:
        asked = chat.asked_for.pk
        thanking.thank(asker, asked, "You made my week.")
        requests.reopen_request(asker, asked)
        second = offer(outsider, HelpRequest.objects.get(pk=asked))
        deciding.accept_offer(asker, second.pk)
        requests.complete_request(asker, asked)
        shown = said(browser_of(asker).get(f"/requests/{asked}/thanks/"))
        for words in ("You thanked Ben on", "One thank-you can go with each request.", "Write to Olga",
                      f'href="{url_of(second)}"', f'href="{url_of(chat)}"'):  # fmt: skip
            assert words in shown
        assert "<textarea" not in shown


def test_people_read_chat_where_programs_read_conversation(asker: Member, helper: Member, monkeypatch) -> None:
    ended = offer_to(asker, helper)
    closing.close_conversation(helper, ended.pk)
    answer = browser_of(asker).post(f"{url_of(ended)}accept/", follow=True)
    assert "This chat has ended." in said(answer)
    preferences.change(asker, can_receive_from="anyone")
    direct = offering.start_direct(helper, asker.pk, "Hello, how are you today?")
    shown = said(browser_of(asker).get(f"/messages/{direct.id}/accept/"))
    assert "There is no offer in this chat." in shown
    monkeypatch.setattr(limits, "CONVERSATIONS", replace(limits.CONVERSATIONS, most=0))
    asked = HelpRequestFactory(requester=asker)
    many = said(browser_of(helper).post(f"/requests/{asked.pk}/offer/", {"note": WORDS}))
    assert "You have started 10 chats this hour." in many
    for page in (said(answer), shown, many):
        assert "conversation" not in re.sub(r"<[^>]+>", "", page).lower()


@pytest.mark.parametrize("template", sorted(Path("templates/notifications").glob("*.txt")), ids=lambda path: path.stem)
def test_no_mail_speaks_of_conversations(template: Path) -> None:
    assert "conversation" not in re.sub(r"{[{%].*?[%}]}", "", template.read_text()).lower()


def test_whoever_wants_no_mail_is_promised_none_in_a_chat(asker: Member, helper: Member) -> None:
    preferences.change(helper, email="off")
    assert "email" not in said(browser_of(helper).get(url_of(offer_to(asker, helper)))).lower()

"""One thank-you for each request that is done: in the thread, and told once."""

import re
from typing import Any

import pytest

from carecollective.errors import (
    HelpRequestUnavailable,
    IdempotencyKeyReused,
    NotFound,
    NotPermitted,
    NotValid,
    RateLimited,
)
from carecollective.invariants import broken
from members import limits
from members.models import Member
from members.services import blocks
from messaging.models import Conversation, Message, Thanks
from messaging.services import changing, closing, deciding, planning, requests, thanking
from tests.cast import browser_of, client_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import accepted, offer, say
from tests.help_requests.test_races import at_once
from tests.members.pages.sent import said
from tests.messaging.test_deciding import told
from tests.messaging.test_plans import wish

pytestmark = pytest.mark.both_ways

WORDS = "You made my week. Thank you for the bags."
FORM = {"content": WORDS, "may_be_shown": "on"}


@pytest.fixture
def conversation(asker: Member, helper: Member) -> Conversation:
    made = accepted(asker, helper)
    requests.complete_request(asker, made.asked_for.pk)
    return made


@pytest.fixture
def request_id(conversation: Conversation) -> Any:
    return conversation.help_request_id


@pytest.mark.django_db
class TestThanking:
    def test_it_stands_in_the_thread_and_the_helper_is_told(self, asker, helper, conversation, request_id):
        thanked = thanking.thank(asker, request_id, WORDS, may_be_shown=True)
        assert (thanked.is_new, thanked.thanks.may_be_shown) == (True, True)
        message = Message.objects.get(type="thanks")
        assert (message.content, message.sender, message.conversation) == (WORDS, asker, conversation)
        assert thanked.thanks.message_id == message.pk
        assert (told(helper).count("thanked"), told(asker).count("thanked")) == (1, 0)
        assert broken() == {}

    def test_shown_only_when_they_said_so(self, asker, request_id):
        assert not thanking.thank(asker, request_id, WORDS).thanks.may_be_shown

    def test_twice_is_refused(self, asker, helper, request_id):
        thanking.thank(asker, request_id, WORDS, client_id="one")
        for key in ("", "two"):
            with pytest.raises(NotValid, match=re.escape("You have thanked for this already.")):
                thanking.thank(asker, request_id, WORDS, client_id=key)
        assert Thanks.objects.count() == told(helper).count("thanked") == 1

    def test_the_same_key_is_the_same_thank_you(self, asker, helper, request_id):
        first = thanking.thank(asker, request_id, WORDS, client_id="one")
        requests.reopen_request(asker, request_id)
        again = thanking.thank(asker, request_id, WORDS, client_id="one")
        assert (again.thanks, again.is_new) == (first.thanks, False)
        assert told(helper).count("thanked") == 1

    def test_the_key_of_something_else_is_refused(self, asker, conversation, request_id):
        requests.undo_ending(asker, request_id)
        say(asker, conversation, WORDS, client_id="one")
        requests.complete_request(asker, request_id)
        with pytest.raises(IdempotencyKeyReused):
            thanking.thank(asker, request_id, WORDS, client_id="one")
        thanking.thank(asker, request_id, WORDS, client_id="two")
        with pytest.raises(IdempotencyKeyReused):
            thanking.thank(asker, request_id, "Other words.", client_id="two")

    def test_it_may_be_changed_and_stays_as_short(self, asker, request_id):
        thanks = thanking.thank(asker, request_id, WORDS).thanks
        changing.edit_message(asker, thanks.message_id, "You made my month.")
        with pytest.raises(NotValid, match="at most 300"):
            changing.edit_message(asker, thanks.message_id, "x" * 301)

    def test_it_may_be_deleted_and_is_not_said_again(self, asker, request_id):
        thanks = thanking.thank(asker, request_id, WORDS).thanks
        changing.delete_message(asker, thanks.message_id)
        with pytest.raises(NotValid):
            thanking.thank(asker, request_id, WORDS)
        assert broken() == {}

    def test_only_when_it_is_done(self, asker, helper):
        asked = accepted(asker, helper).asked_for.pk
        with pytest.raises(HelpRequestUnavailable, match=re.escape("Thank-yous come when the request is done.")):
            thanking.thank(asker, asked, WORDS)
        requests.cancel_request(asker, asked)
        with pytest.raises(HelpRequestUnavailable):
            thanking.thank(asker, asked, WORDS)

    def test_only_where_somebody_helped(self, asker, helper):
        asked = HelpRequestFactory(requester=asker)
        offer(helper, asked)
        requests.complete_request(asker, asked.pk, "helped_elsewhere")
        with pytest.raises(HelpRequestUnavailable):
            thanking.thank(asker, asked.pk, WORDS)

    def test_only_by_who_asked(self, helper, outsider, waiting, request_id):
        for member, refusal in ((helper, NotPermitted), (outsider, NotPermitted), (waiting, NotFound)):
            with pytest.raises(refusal):
                thanking.thank(member, request_id, WORDS)
        assert not Thanks.objects.exists()

    @pytest.mark.parametrize("end", ["block", "blocked", "close"])
    def test_not_where_nobody_writes(self, asker, helper, conversation, request_id, end):
        if end == "close":
            closing.close_conversation(helper, conversation.pk)
        else:
            blocks.block(*((asker, helper.pk) if end == "block" else (helper, asker.pk)))
        with pytest.raises(NotPermitted):
            thanking.thank(asker, request_id, WORDS)
        assert not Thanks.objects.exists()

    def test_it_counts_as_a_message(self, asker, conversation, request_id, monkeypatch):
        monkeypatch.setattr(limits, "MESSAGES", limits.Limit("messages", 1, limits.HOUR))
        say(asker, conversation)
        with pytest.raises(RateLimited):
            thanking.thank(asker, request_id, WORDS)

    def test_the_last_helper_is_thanked_after_a_new_beginning(self, asker, outsider, conversation, request_id):
        requests.reopen_request(asker, request_id)
        second = offer(outsider, conversation.asked_for)
        deciding.accept_offer(asker, second.pk)
        requests.complete_request(asker, request_id)
        assert thanking.thank(asker, request_id, WORDS).thanks.message.conversation == second
        assert told(outsider).count("thanked") == 1
        assert broken() == {}


@pytest.mark.django_db
def test_how_often_somebody_helped_counts_what_was_done(asker, helper, request_id, django_assert_num_queries):
    accepted(asker, helper)
    third = accepted(asker, helper)
    planning.make_plan(helper, third.asked_for.pk, wish())
    planning.answer_plan(asker, third.asked_for.pk, "yes")
    with django_assert_num_queries(1):
        assert thanking.helped_times(helper) == 2
    assert thanking.helped_times(asker) == 0


@pytest.mark.committed
def test_eight_at_once_thank_once() -> None:
    made = accepted(MemberFactory(), MemberFactory())
    asked, asker = made.asked_for.pk, made.requester
    requests.complete_request(asker, asked)
    ends = at_once(*(lambda key=f"{key}": thanking.thank(asker, asked, WORDS, client_id=key) for key in range(8)))
    assert sorted(ends) == ["done"] + ["validation_error"] * 7
    assert Message.objects.filter(type="thanks").count() == 1
    assert broken() == {}


@pytest.mark.django_db
class TestTheApi:
    def post(self, member: Member, request_id: Any, body: Any, **headers: str) -> Any:
        return client_of(member).post(f"/api/help-requests/{request_id}/thanks", body, format="json", headers=headers)

    def test_201_then_200_for_the_same_key(self, asker, conversation, request_id):
        body = {"content": f"  {WORDS}\u200b ", "may_be_shown": True}
        first = self.post(asker, request_id, body | {"client_id": "k"})
        again = self.post(asker, request_id, body, **{"idempotency-key": "k"})
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        thanks = Thanks.objects.get()
        assert first.json()["thanks"] == {
            "id": str(thanks.pk), "help_request_id": str(request_id), "conversation_id": str(conversation.pk),
            "message_id": str(thanks.message_id), "may_be_shown": True,
            "created_at": first.json()["thanks"]["created_at"],
        }  # fmt: skip
        assert Message.objects.get(type="thanks").content == WORDS

    @pytest.mark.parametrize(("field", "value"), [
        ("content", ""), ("content", " \u200b"), ("content", "x" * 301), ("content", None), ("content", 7),
        ("content", "a\u0000b"), ("may_be_shown", "yes"), ("may_be_shown", None), ("sender_id", "x"),
    ])  # fmt: skip
    def test_anything_else_is_refused(self, asker, request_id, field, value):
        answer = self.post(asker, request_id, {"content": WORDS} | {field: value})
        assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")
        assert list(answer.json()["fields"]) == [field]
        assert not Thanks.objects.exists()

    def test_300_letters_are_welcome(self, asker, request_id):
        assert self.post(asker, request_id, {"content": "ü" * 300}).status_code == 201

    def test_a_second_one_says_why_not(self, asker, request_id):
        self.post(asker, request_id, {"content": WORDS})
        answer = self.post(asker, request_id, {"content": WORDS})
        assert (answer.status_code, answer.json()["message"]) == (400, thanking.THANKED)

    def test_the_thread_shows_it_as_thanks(self, asker, helper, conversation, request_id):
        self.post(asker, request_id, {"content": WORDS})
        found = client_of(helper).get(f"/api/messaging/conversations/{conversation.pk}/messages").json()
        assert (found["messages"][-1]["type"], found["messages"][-1]["content"]) == ("thanks", WORDS)


@pytest.mark.django_db
class TestThePage:
    def test_a_box_three_beginnings_and_a_tick(self, asker, conversation, request_id):
        browser, page = browser_of(asker), f"/requests/{request_id}/thanks/"
        shown = said(browser.get(page))
        for words in ("Say thank you to Ben", "You made my week.", "I could not have done it without you.",
                      "Thank you for your time and kindness.", "You may show this without names"):  # fmt: skip
            assert words in shown
        answer = browser.post(page, FORM)
        assert (answer.status_code, answer["Location"]) == (302, f"/messages/{conversation.pk}/")
        assert Thanks.objects.get().may_be_shown
        thanked = said(browser.get(page))
        assert "You said thank you" in thanked
        assert WORDS in thanked
        assert "<textarea" not in thanked

    def test_pressing_twice_thanks_once(self, asker, request_id):
        browser, page = browser_of(asker), f"/requests/{request_id}/thanks/"
        key = said(browser.get(page)).partition('name="client_id" value="')[2].partition('"')[0]
        for _ in range(2):
            assert browser.post(page, FORM | {"client_id": key}).status_code == 302
        other = browser.post(page, FORM)
        assert other.status_code == 400
        assert thanking.THANKED in said(other)
        assert Thanks.objects.count() == 1

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [("  ", "Please write a word of thanks."), ("x" * 301, "Please use 300 letters or fewer. You have 301.")],
    )
    def test_a_mistake_is_said_at_the_form(self, asker, request_id, words, sentence):
        answer = browser_of(asker).post(f"/requests/{request_id}/thanks/", {"content": words})
        assert answer.status_code == 400
        assert sentence in said(answer)
        assert not Thanks.objects.exists()

    def test_a_block_is_said_plainly(self, asker, helper, request_id):
        blocks.block(helper, asker.pk)
        answer = browser_of(asker).post(f"/requests/{request_id}/thanks/", FORM)
        assert answer.status_code == 403
        assert "You cannot send messages in this chat now." in said(answer)

    def test_what_was_written_is_never_run(self, asker, request_id):
        browser, page = browser_of(asker), f"/requests/{request_id}/thanks/"
        browser.post(page, {"content": "<script>alert(1)</script>"})
        assert b"<script>alert" not in browser.get(page).content

"""What members see of it: one list, and two quiet words."""

import pytest

from members.models import Member
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import add, earlier, empty
from tests.factories.messaging import offer

pytestmark = pytest.mark.django_db

MARK = "Earlier conversation"


def test_an_earlier_conversation_says_so_in_the_list_and_in_its_chat(asker: Member, helper: Member) -> None:
    old = earlier(helper, HelpRequestFactory(requester=asker))
    new = offer(helper, HelpRequestFactory(requester=asker))
    browser = browser_of(asker)
    assert browser.get("/messages/").content.decode().count(MARK) == 1
    for thread, times in ((old, 1), (new, 0)):
        assert browser.get(f"/messages/{thread.pk}/").content.decode().count(MARK) == times


def test_it_is_decided_on_its_pages(asker: Member, helper: Member) -> None:
    old = earlier(helper, HelpRequestFactory(requester=asker))
    answer = browser_of(asker).post(f"/messages/{old.pk}/accept/", {"others": "keep"}, follow=True)
    assert "You accepted Ben’s offer." in answer.content.decode()


def test_a_note_of_the_earlier_system_is_read_as_it_was_written(asker: Member, helper: Member) -> None:
    thread = empty(helper, HelpRequestFactory(requester=asker))
    add(helper, thread)
    add(None, thread, "The request was <changed>.", message_type="help_request_update")
    page = browser_of(asker).get(f"/messages/{thread.pk}/").content.decode()
    assert "The request was &lt;changed&gt;." in page
    assert "The request was &lt;changed&gt;." in browser_of(asker).get("/messages/").content.decode()

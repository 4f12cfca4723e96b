"""Offering and talking, as a browser without JavaScript meets it."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from carecollective.invariants import broken
from features.models import Attempt
from help_requests.models import HelpRequest
from members import limits
from members.models import Member
from members.services import blocks
from messaging.models import Conversation, Message, OfferState, Status
from messaging.services import changing, closing, deciding, reading, requests
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, accepted, offer, offer_to, say

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]

NASTY = '<script>alert("x")</script> & <b>bold</b>'
SEEN = re.compile(r'<noscript>.*<img src="([^"]+)"')
KEY = re.compile(r'name="client_id" value="([^"]+)"')


def words_of(answer: Any) -> str:
    return str(answer.content.decode())


def post(browser: Client, url: str, **told: str) -> Any:
    """Fills in the form that stands there, with the key the server made, and follows where it leads."""
    key = KEY.search(words_of(browser.get(url)))
    return browser.post(url, {"client_id": key[1] if key else "", **told}, follow=True)


def thread_url(conversation: Conversation | UUID) -> str:
    return f"/messages/{getattr(conversation, 'pk', conversation)}/"


def statements(browser: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)


def test_two_people_go_the_whole_way_by_plain_forms(asker: Member, helper: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    ana, ben = browser_of(asker), browser_of(helper)
    assert "Offer help" in words_of(ben.get(f"/requests/{request.pk}/"))
    assert "No offers yet." in words_of(ana.get(f"/requests/{request.pk}/"))

    sent = post(ben, f"/requests/{request.pk}/offer/", note=WORDS)
    conversation = Conversation.objects.get()
    url = thread_url(conversation)
    assert sent.redirect_chain == [(url, 302)]
    assert "Your offer is sent. We are telling Ana." in words_of(sent)
    assert "Open your chat" in words_of(ben.get(f"/requests/{request.pk}/"))

    own = words_of(ana.get(f"/requests/{request.pk}/"))
    assert url in own
    assert WORDS in own
    shown = words_of(ana.get(url))
    assert "Do you want Ben to help?" in shown
    assert WORDS in shown
    answered = post(ana, f"{url}accept/")
    assert "You accepted Ben’s offer." in words_of(answered)
    assert "Ana accepted your offer." in words_of(ben.get(url))

    said = post(ana, url, content="Tuesday is fine.")
    message = Message.objects.get(content="Tuesday is fine.")
    assert said.redirect_chain == [(f"{url}#m-{message.pk}", 302)]
    post(ana, f"{url}m/{message.pk}/edit/", content="Wednesday is fine.")
    assert "Edited" in words_of(ben.get(url))
    post(ana, f"{url}m/{message.pk}/delete/")
    assert "Ana deleted this message." in words_of(ben.get(url))
    assert "You deleted this message." in words_of(ana.get(url))

    assert "You took your offer back." in words_of(post(ben, f"{url}withdraw/"))
    assert "Ben took the offer back." in words_of(ana.get(url))
    assert "Your offer stands again." in words_of(post(ben, f"{url}reoffer/"))
    declined = post(ana, f"{url}decline/", line="0")
    assert "You said no to this offer." in words_of(declined)
    theirs = words_of(ben.get(url))
    assert "Thank you so much for offering." in theirs
    assert "Ana has found another way this time. Thank you for offering." in theirs
    assert 'name="content"' not in theirs
    assert "This chat has ended." in words_of(post(ana, f"{url}close/"))
    assert "Ana ended this chat." in words_of(ben.get(url))
    assert not broken()


def test_a_form_sent_twice_counts_once(asker: Member, helper: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    browser = browser_of(helper)
    url = f"/requests/{request.pk}/offer/"
    told = {"client_id": KEY.search(words_of(browser.get(url)))[1], "note": WORDS}  # type: ignore[index]
    first, second = browser.post(url, told), browser.post(url, told)
    assert first["Location"] == second["Location"]

    url = first["Location"]
    told = {"client_id": KEY.search(words_of(browser.get(url)))[1], "content": "One more thing."}  # type: ignore[index]
    first, second = browser.post(url, told), browser.post(url, told)
    assert first["Location"] == second["Location"]
    assert Message.objects.count() == 1

    asking, accept = browser_of(asker), f"{url}accept/"
    for answer in (asking.post(accept, follow=True), asking.post(accept, follow=True)):
        assert "You said yes. Ben is your helper" in words_of(answer)
    assert Message.objects.filter(happening="offer_accepted").count() == 1


def test_going_back_and_sending_other_words_asks_once_more_and_keeps_them(asker: Member, helper: Member) -> None:
    url, browser = thread_url(offer_to(asker, helper)), browser_of(asker)
    key = KEY.search(words_of(browser.get(url)))[1]  # type: ignore[index]
    browser.post(url, {"client_id": key, "content": "First"})
    refused = browser.post(url, {"client_id": key, "content": "Second"})
    assert refused.status_code == 409
    assert "You sent this form before, with other words." in words_of(refused)
    assert ">\nSecond</textarea>" in words_of(refused)
    fresh = KEY.search(words_of(refused))[1]  # type: ignore[index]
    browser.post(url, {"client_id": fresh, "content": "Second"})
    assert list(Message.objects.order_by("sequence").values_list("content", flat=True)) == ["First", "Second"]


@pytest.mark.parametrize("same_key", [False, True])
def test_a_second_offer_leads_to_the_chat_with_its_note_in_the_box(
    asker: Member, helper: Member, same_key: bool
) -> None:
    request = HelpRequestFactory(requester=asker)
    browser, url = browser_of(helper), f"/requests/{request.pk}/offer/"
    key = KEY.search(words_of(browser.get(url)))[1]  # type: ignore[index]
    browser.post(url, {"client_id": key, "note": WORDS})
    conversation = Conversation.objects.get()

    note = "I can also bring the heavy bottles."
    answer = browser.post(url, {"client_id": key if same_key else "", "note": note})
    assert answer["Location"] == f"{thread_url(conversation)}#composer"
    page = words_of(browser.get(thread_url(conversation)))
    assert "You already offered to help Ana." in page
    assert f">\n{note}</textarea>" in page
    assert f">\n{note}</textarea>" in words_of(browser.get(thread_url(conversation))), "it stays until it is sent"
    codes = list(Attempt.objects.order_by("id").values_list("code", flat=True))
    assert codes == ["success", "idempotency_key_reused" if same_key else "conversation_exists"]

    post(browser, thread_url(conversation), content=note)
    assert f">\n{note}</textarea>" not in words_of(browser.get(thread_url(conversation)))
    assert browser.get(url)["Location"] == thread_url(conversation)


def test_a_note_for_a_request_that_closed_meanwhile_can_be_copied(asker: Member, helper: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    browser, url = browser_of(helper), f"/requests/{request.pk}/offer/"
    requests.cancel_request(asker, request.pk)
    answer = browser.post(url, {"note": WORDS})
    assert answer.status_code == 400
    assert "This request is closed now." in words_of(answer)
    assert WORDS in words_of(answer)
    assert browser.get(url)["Location"] == f"/requests/{request.pk}/"


def test_too_short_and_too_many_are_said_at_the_form_with_the_words_kept(helper: Member) -> None:
    browser = browser_of(helper)
    urls = [f"/requests/{HelpRequestFactory().pk}/offer/" for _ in range(11)]
    short = browser.post(urls[0], {"note": "Yes"})
    assert short.status_code == 400
    assert "10 letters or more. You have 3." in words_of(short)
    assert ">\nYes</textarea>" in words_of(short)
    for url in urls[:10]:
        assert browser.post(url, {"note": WORDS}).status_code == 302
    late = browser.post(urls[10], {"note": WORDS})
    assert late.status_code == 429
    assert late["Retry-After"]
    assert f">\n{WORDS}</textarea>" in words_of(late)


def test_nobody_offers_on_their_own_request(asker: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    browser = browser_of(asker)
    assert browser.get(f"/requests/{request.pk}/offer/")["Location"] == f"/requests/{request.pk}/"
    assert browser.post(f"/requests/{request.pk}/offer/", {"note": WORDS}).status_code == 400


def test_accepting_asks_about_the_other_offers_only_when_there_are_some(
    asker: Member, helper: Member, outsider: Member
) -> None:
    request = HelpRequestFactory(requester=asker)
    ben = offer(helper, request)
    browser = browser_of(asker)
    assert 'name="others"' not in words_of(browser.get(f"{thread_url(ben)}accept/"))
    olga = offer(outsider, request)
    assert 'name="others"' in words_of(browser.get(f"{thread_url(ben)}accept/"))
    browser.post(f"{thread_url(ben)}accept/", {"others": "decline"})
    olga.refresh_from_db()
    assert olga.offer_state == OfferState.DECLINED


def test_when_somebody_else_is_accepted_the_bar_says_so(asker: Member, helper: Member, outsider: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    ben, olga = offer(helper, request), offer(outsider, request)
    deciding.accept_offer(asker, ben.pk)
    browser = browser_of(asker)
    assert "You have a helper for this already." in words_of(browser.get(thread_url(olga)))
    refused = browser.post(f"{thread_url(olga)}accept/", {"others": "keep"}, follow=True)
    assert "accepted already" in words_of(refused)


def test_a_no_in_ones_own_words_and_one_that_is_not_clear(asker: Member, helper: Member) -> None:
    conversation, browser = offer_to(asker, helper), browser_of(asker)
    url = f"{thread_url(conversation)}decline/"
    for told, words in (
        ({"line": "own"}, "Please write your words"),
        ({"line": "1", "own": "My own words."}, "You chose a ready line and wrote your own words, too."),
    ):
        refused = browser.post(url, told)
        assert refused.status_code == 400
        assert words in words_of(refused)
    browser.post(url, {"own": "My own words."})
    assert Message.objects.filter(content="My own words.").exists()


@pytest.mark.parametrize(
    ("act", "who", "words"),
    [
        ("accept", "asker", "This offer was taken back in the meantime."),
        ("decline", "asker", "This offer was taken back in the meantime."),
    ],
)
def test_what_happened_meanwhile_is_said_in_the_thread(
    asker: Member, helper: Member, act: str, who: str, words: str
) -> None:
    conversation = offer_to(asker, helper)
    deciding.withdraw_offer(helper, conversation.pk)
    url = thread_url(conversation)
    assert browser_of(asker).get(f"{url}{act}/")["Location"] == url
    assert words in words_of(browser_of(asker).post(f"{url}{act}/", follow=True))


def test_each_side_has_its_own_steps(asker: Member, helper: Member) -> None:
    url = thread_url(offer_to(asker, helper))
    for act, member in (("accept", helper), ("decline", helper), ("withdraw", asker), ("reoffer", asker)):
        assert browser_of(member).get(f"{url}{act}/").status_code == 403
        assert browser_of(member).post(f"{url}{act}/").status_code == 403


def test_outsiders_find_nothing_and_people_who_wait_wait(
    asker: Member, helper: Member, outsider: Member, waiting: Member
) -> None:
    conversation = accepted(asker, helper)
    message, url = say(asker, conversation), thread_url(conversation)
    pages = [url, *(f"{url}{page}/" for page in ("accept", "decline", "withdraw", "reoffer", "close"))]
    pages += [f"{url}m/{message}/edit/", f"{url}m/{message}/delete/"]
    for page in pages:
        assert browser_of(outsider).get(page).status_code == 404, page
        assert browser_of(outsider).post(page, {"content": "Hello"}).status_code == 404, page
        assert browser_of(waiting).get(page)["Location"] == "/waiting/", page
        assert Client().get(page)["Location"].startswith("/login/?next="), page
    assert browser_of(waiting).get("/messages/")["Location"] == "/waiting/"
    assert not Message.objects.filter(content="Hello").exists()


def test_only_ones_own_words_can_be_changed_and_only_for_a_while(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    message, url = say(asker, conversation), thread_url(conversation)
    assert browser_of(helper).get(f"{url}m/{message}/edit/").status_code == 403
    assert browser_of(helper).post(f"{url}m/{message}/delete/").status_code == 403
    other = offer_to(asker, helper)
    assert browser_of(asker).get(f"{thread_url(other)}m/{message}/edit/").status_code == 404

    assert f"m/{message}/edit/" in words_of(browser_of(asker).get(url))
    Message.objects.filter(pk=message).update(created_at=now() - timedelta(minutes=16))
    assert f"m/{message}/edit/" not in words_of(browser_of(asker).get(url))
    late = browser_of(asker).post(f"{url}m/{message}/edit/", {"content": "Too late"})
    assert late.status_code == 403
    assert ">\nToo late</textarea>" in words_of(late)


def test_looking_at_the_newest_page_is_reading_it(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    url = thread_url(conversation)
    assert 'bubble__state">Sent<' in words_of(browser_of(helper).get(url))
    first = words_of(browser_of(asker).get(url))
    assert 'id="new"' in first
    assert 'id="new"' in words_of(browser_of(asker).get(url)), "a page that was fetched is not read yet"
    dot = browser_of(asker).get(SEEN.search(first)[1])  # type: ignore[index]
    assert (dot.status_code, dot["Content-Type"]) == (200, "image/gif")
    assert 'id="new"' not in words_of(browser_of(asker).get(url))
    assert 'bubble__state">Read<' in words_of(browser_of(helper).get(url))
    conversation.refresh_from_db()
    assert (conversation.requester_read, conversation.requester_unread) == (1, 0)


def test_words_of_one_person_within_minutes_are_one_group(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    ids = [say(helper, conversation, f"Word {number}") for number in range(4)]
    begun = now() - timedelta(days=2)
    for message_id, minutes in zip(ids, (0, 4, 10, 11), strict=True):
        Message.objects.filter(pk=message_id).update(created_at=begun + timedelta(minutes=minutes))
    page = words_of(browser_of(asker).get(thread_url(conversation)))
    shown = re.findall(r'<li class="bubble bubble--theirs(?! bubble--card)([^"]*)"', page)
    assert [" bubble--first" in classes for classes in shown] == [True, False, True, False]
    assert [" bubble--last" in classes for classes in shown] == [False, True, False, True]


def test_older_words_are_a_link_away_and_stay_in_order(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    for number in range(2, 56):
        say(asker if number % 2 else helper, conversation, f"Word {number:02}")
    url = thread_url(conversation)
    browser = browser_of(asker)
    newest = words_of(browser.get(url))
    assert re.findall(r"Word (\d\d)</p>", newest) == [f"{number:02}" for number in range(6, 56)]
    assert 'href="?before=6"' in newest
    older = words_of(browser.get(f"{url}?before=6"))
    assert re.findall(r"Word (\d\d)</p>", older) == ["02", "03", "04", "05"]
    assert WORDS in older
    assert "See the newest messages" in older
    assert 'name="content"' not in older
    for strange in ("x", "-1", "0", "1", "99999999999", "٣", ""):
        assert browser.get(f"{url}?before={strange}").status_code == 200


@pytest.mark.parametrize(
    ("state", "for_asker", "for_helper"),
    [
        ("closed", "This chat has ended. You can read it any time.", "This chat has ended."),
        ("declined", "You said no to this offer.", "Ana has found another way this time."),
        ("withdrawn", "Ben took the offer back.", "You took your offer back."),
        ("blocked", "You cannot send messages in this chat now.", "You blocked Ana."),
        ("gone", "", "You cannot send messages in this chat now."),
        ("done", "This request is done. You can still talk.", "This request is done. You can still talk."),
    ],
)
def test_a_chat_that_is_over_says_so_and_tells_no_block(
    asker: Member, helper: Member, state: str, for_asker: str, for_helper: str
) -> None:
    conversation = offer_to(asker, helper)
    ways: dict[str, Any] = {
        "closed": lambda: closing.close_conversation(asker, conversation.pk),
        "declined": lambda: deciding.decline_offer(asker, conversation.pk),
        "withdrawn": lambda: deciding.withdraw_offer(helper, conversation.pk),
        "blocked": lambda: blocks.block(helper, asker.pk),
        "gone": lambda: Member.objects.filter(pk=asker.pk).update(is_active=False),
        "done": lambda: requests.complete_request(asker, conversation.asked_for.pk),
    }
    ways[state]()
    for member, words in ((asker, for_asker), (helper, for_helper)):
        if not words:
            continue
        page = words_of(browser_of(member).get(thread_url(conversation)))
        assert words in page
        assert ('name="content"' in page) == (state == "done")
        assert "Yes, accept" not in page
        if state == "blocked" and member == asker:
            assert "block" not in page.replace("/block/", "").replace("Block Ben", "").lower()


def test_a_request_that_was_taken_back_is_closed_and_not_done(asker: Member, helper: Member) -> None:
    conversation = accepted(asker, helper)
    requests.cancel_request(asker, conversation.asked_for.pk)
    for member in (asker, helper):
        page = words_of(browser_of(member).get(thread_url(conversation)))
        assert "This request is closed. You can still talk." in page
        assert "The help you two agreed on has ended." in page
        assert "The offer is open again." not in page


def test_the_asker_reaches_the_question_and_then_the_thanks(asker: Member, helper: Member) -> None:
    conversation = accepted(asker, helper)
    asked, url, browser = conversation.asked_for.pk, thread_url(conversation), browser_of(asker)
    done, thanks = f'href="/requests/{asked}/done/"', f'href="/requests/{asked}/thanks/"'
    assert done in words_of(browser.get(url))
    assert done not in words_of(browser_of(helper).get(url))
    closed = browser.post(f"/requests/{asked}/close/", {"reason": "helped_here"})
    assert closed["Location"] == f"/requests/{asked}/thanks/"
    page = words_of(browser.get(url))
    assert "Say thank you to Ben" in page
    assert thanks in page
    assert done not in page
    assert thanks not in words_of(browser_of(helper).get(url))
    post(browser, f"/requests/{asked}/thanks/", content="You made my week.")
    assert thanks not in words_of(browser.get(url))


def test_closing_without_a_helper_leads_to_the_request(asker: Member) -> None:
    asked = HelpRequestFactory(requester=asker).pk
    closed = browser_of(asker).post(f"/requests/{asked}/close/", {"reason": "helped_here"})
    assert closed["Location"] == f"/requests/{asked}/"


def test_a_helper_who_waits_behind_another_reads_so(asker: Member, helper: Member, outsider: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    ben, olga = offer(helper, request), offer(outsider, request)
    assert "Waiting for an answer" in words_of(browser_of(outsider).get("/messages/"))
    deciding.accept_offer(asker, ben.pk)
    assert "Ana has a helper for this now. Your offer stays open" in words_of(
        browser_of(outsider).get(thread_url(olga))
    )
    assert "Waiting for an answer" not in words_of(browser_of(outsider).get("/messages/"))


def test_a_message_the_other_one_deleted_can_be_reported(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    message, url = say(helper, conversation, "Something bad"), thread_url(conversation)
    browser_of(helper).post(f"{url}m/{message}/delete/")
    page = words_of(browser_of(asker).get(url))
    assert f'href="{url}report/?m={message}"' in page
    assert "Something bad" not in page
    assert f"m/{message}/delete/" not in words_of(browser_of(helper).get(url))


def test_an_opening_edited_too_short_is_refused_in_plain_words(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    refused = browser_of(helper).post(f"{thread_url(conversation)}m/{conversation.pk}/edit/", {"content": "Yes"})
    assert refused.status_code == 400
    assert "Please use 10 letters or more." in words_of(refused)
    assert "Initial message" not in words_of(refused)


def test_a_kind_no_that_came_too_late_keeps_its_words(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    deciding.withdraw_offer(helper, conversation.pk)
    answer = browser_of(asker).post(f"{thread_url(conversation)}decline/", {"own": "My own words."}, follow=True)
    assert "These words were not sent" in words_of(answer)
    assert "My own words." in words_of(answer)


def test_ending_a_chat_with_ones_helper_says_what_stays(asker: Member, helper: Member) -> None:
    stays = "The help you agreed on stays as it is."
    assert stays in words_of(browser_of(asker).get(f"{thread_url(accepted(asker, helper))}close/"))
    assert stays not in words_of(browser_of(asker).get(f"{thread_url(offer_to(asker, helper))}close/"))


def test_words_for_a_chat_that_closed_meanwhile_come_back(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    closing.close_conversation(helper, conversation.pk)
    answer = browser_of(asker).post(thread_url(conversation), {"content": "Are you there?"})
    assert answer.status_code == 403
    assert "You cannot send messages in this chat now." in words_of(answer)
    assert "These words were not sent" in words_of(answer)
    assert "Are you there?" in words_of(answer)


def test_the_inbox_says_who_what_and_what_is_new(asker: Member, helper: Member) -> None:
    browser = browser_of(asker)
    assert "No messages yet. When you offer help" in words_of(browser.get("/messages/"))
    conversation = offer_to(asker, helper)
    say(helper, conversation, "I have a big trunk.")
    page = words_of(browser.get("/messages/"))
    for words in ("Ben", "Pick up groceries on Tuesday", "I have a big trunk.", "2 New", "Needs your answer"):
        assert words in page
    deciding.accept_offer(asker, conversation.pk)
    assert "You accepted Ben’s offer." in words_of(browser.get("/messages/"))
    assert "Ana accepted your offer." in words_of(browser_of(helper).get("/messages/"))
    message = say(asker, conversation)
    browser.post(f"{thread_url(conversation)}m/{message}/delete/")
    assert "You: Deleted message" in words_of(browser.get("/messages/"))


def test_the_inbox_goes_on_behind_its_last_row(asker: Member) -> None:
    for number in range(22):
        offer_to(asker, MemberFactory(called=f"Helper {number:02}"))
    browser = browser_of(asker)
    page = words_of(browser.get("/messages/"))
    more = re.search(r'href="(\?cursor=[^"]+)"', page)
    assert more
    rest = words_of(browser.get("/messages/" + more[1]))
    assert set(re.findall(r"Helper (\d\d)</span>", page)) | set(re.findall(r"Helper (\d\d)</span>", rest)) == {
        f"{number:02}" for number in range(22)
    }
    assert "Helper 21" not in rest
    assert browser.get("/messages/?cursor=abc").status_code == 200


def test_a_longer_list_takes_no_more_statements(asker: Member, helper: Member) -> None:
    browser = browser_of(asker)
    conversation = offer_to(asker, helper)
    to_read = statements(browser, thread_url(conversation))
    one = statements(browser, "/messages/"), statements(browser, thread_url(conversation))
    for number in range(49):
        say(asker, conversation, f"Word {number}")
        if number < 19:
            offer_to(asker, MemberFactory())
    assert statements(browser, thread_url(conversation)) == to_read, "the first look marks it read"
    assert (statements(browser, "/messages/"), statements(browser, thread_url(conversation))) == one
    assert one <= (4, 7), one


def test_what_members_write_is_shown_and_never_run(asker: Member, helper: Member) -> None:
    Member.objects.filter(pk__in=(asker.pk, helper.pk)).update(called=NASTY[:50])
    request: HelpRequest = HelpRequestFactory(requester=asker, title=NASTY)
    conversation = offer(helper, request, NASTY)
    message = say(asker, conversation, NASTY)
    url = thread_url(conversation)
    for member, pages in (
        (asker, ["/messages/", url, f"{url}accept/", f"{url}decline/", f"{url}close/", f"{url}m/{message}/edit/"]),
        (
            helper,
            ["/messages/", url, f"{url}withdraw/", f"/requests/{request.pk}/", f"{url}m/{conversation.pk}/delete/"],
        ),
        (MemberFactory(), [f"/requests/{request.pk}/offer/"]),
    ):
        for page in pages:
            shown = words_of(browser_of(member).get(page))
            assert "&lt;script&gt;alert" in shown, page
            assert "<script>alert" not in shown
            assert "<b>bold" not in shown


def test_a_held_chat_is_its_writers_only_and_says_so(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    Conversation.objects.filter(pk=conversation.pk).update(status=Status.HELD, opening_moderation="held")
    assert "We are checking your words" in words_of(browser_of(helper).get(thread_url(conversation)))
    assert browser_of(asker).get(thread_url(conversation)).status_code == 404


def part(browser: Client, url: str, **headers: str) -> Any:
    return browser.get(url, headers={"HX-Request": "true", **headers})


def test_pages_come_packed_and_no_two_of_the_same_size(asker: Member, helper: Member) -> None:
    """What is on a page cannot be guessed from how long it is; a mark of a packed answer is the mark it was."""
    url, ben = thread_url(offer_to(asker, helper)), browser_of(helper)
    answers = [ben.get(url, headers={"Accept-Encoding": "gzip"}) for _ in range(8)]
    assert {answer["Content-Encoding"] for answer in answers} == {"gzip"}
    assert "Accept-Encoding" in answers[0]["Vary"]
    assert len({len(answer.content) for answer in answers}) > 1
    assert len(answers[0].content) < len(ben.get(url).content) / 3
    news = f"{url}?after=1&record=1"
    packed = part(ben, news, **{"Accept-Encoding": "gzip"})
    assert packed["ETag"].startswith("W/")
    assert part(ben, news, **{"If-None-Match": packed["ETag"]}).status_code == 304


def test_a_script_gets_only_what_is_new_and_what_was_changed(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    url = thread_url(conversation)
    ben = browser_of(helper)
    page = words_of(ben.get(url))
    last, record = re.search(r'data-last="(\d+)"', page)[1], re.search(r'data-record="(\d+)"', page)[1]  # type: ignore[index]
    news = f"{url}?after={last}&record={record}"
    nothing = part(ben, news)
    assert 'id="m-' not in words_of(nothing)
    assert part(ben, news, **{"If-None-Match": nothing["ETag"]}).status_code == 304

    say(asker, conversation, "Is noon good?")
    changing.edit_message(helper, conversation.pk, "Hi Ana. I shop on Wednesdays now.")
    answer = words_of(part(ben, news, **{"If-None-Match": nothing["ETag"]}))
    new, changed = answer.split("data-changed")
    assert ("Is noon good?" in new, "Is noon good?" in changed) == (True, False)
    assert "I shop on Wednesdays now." in changed
    assert "Edited" in changed


def test_a_look_brings_what_stands_around_the_lines_only_where_it_is_new(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    url, ana = thread_url(conversation), browser_of(asker)

    def asked(query: str) -> tuple[str, str]:
        part = words_of(ana.get(f"{url}?{query}", headers={"HX-Request": "true"}))
        mark = re.search(r'data-slots="(\w+)"', part)
        assert mark
        assert 'data-slot="unread"' in part
        return mark[1], part

    mark, first = asked("after=1&record=1")
    assert "Yes, accept" in first
    say(helper, conversation, "I can also come at noon.")
    again, second = asked(f"after=1&record=1&slots={mark}")
    assert again == mark
    assert "I can also come at noon." in second
    assert 'data-slot="bar"' not in second
    deciding.accept_offer(asker, conversation.pk)
    changed, third = asked(f"after=1&record=1&slots={mark}")
    assert changed != mark
    assert "Ben is your helper." in third
    # Older and newer pages are lines alone.
    assert 'data-slot="bar"' not in asked("before=2")[1]


def test_a_script_sends_and_hears_in_one_answer_and_refusals_as_they_are(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    url, ben = thread_url(conversation), browser_of(helper)
    key = "0d0f3c0e-6f5b-4b8c-9a39-0c7a3b7f1e11"
    # What a page has already is nothing to a message: it is never refused for that.
    headers = {"HX-Request": "true", "X-Kept-By": "device", "If-None-Match": "*"}

    def send(words: str) -> Any:
        told = {"client_id": key, "content": words}
        return ben.post(f"{url}?after=1&record=1", told, headers=headers)

    first, again = send("I can come at noon."), send("I can come at noon.")
    assert (first.status_code, again.status_code) == (200, 200)
    assert f'data-key="{key}"' in words_of(first)
    assert Message.objects.count() == 1
    assert send("Other words.").json()["error"] == "idempotency_key_reused"
    assert send(" ").json()["error"] == "validation_error"
    closing.close_conversation(asker, conversation.pk)
    key = "0d0f3c0e-6f5b-4b8c-9a39-0c7a3b7f1e12"
    assert (send("Too late?").status_code, send("Too late?").json()["error"]) == (403, "permission_denied")
    ben.logout()
    signed_out = send("Are you there?")
    assert signed_out["HX-Redirect"].startswith("/login/")
    assert "kept_words" not in ben.session, "the device keeps them and sends them again"


def test_a_message_has_an_address_that_leads_to_its_page(asker: Member, helper: Member, outsider: Member) -> None:
    conversation = offer_to(asker, helper)
    url = thread_url(conversation)
    ids = [say((asker, helper)[number % 2], conversation, f"Word {number:02}") for number in range(80)]
    assert browser_of(asker).get(f"{url}m/{ids[3]}/")["Location"] == f"{url}?before=30#m-{ids[3]}"
    assert f'id="m-{ids[3]}"' in words_of(browser_of(asker).get(f"{url}?before=30"))
    assert browser_of(outsider).get(f"{url}m/{ids[3]}/").status_code == 404


def test_addresses_are_links_once_somebody_said_yes(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    say(helper, conversation, "See https://example.org/map for the way.")
    browser, url = browser_of(asker), thread_url(conversation)
    assert 'href="https://example.org' not in words_of(browser.get(url))
    deciding.accept_offer(asker, conversation.pk)
    assert 'href="https://example.org/map" rel="noopener nofollow ugc"' in words_of(browser.get(url))


def test_where_more_is_new_than_a_page_shows_it_begins_with_the_first(asker: Member, helper: Member) -> None:
    conversation = offer_to(asker, helper)
    for number in range(55):
        limits.forget(limits.MESSAGES, helper.pk)
        say(helper, conversation, f"Word {number:02}")
    reading.mark_read(asker, conversation.pk, 2)
    browser = browser_of(asker)
    link = re.search(r'class="talk__link" href="([^"]+)"', words_of(browser.get("/messages/")))[1]  # type: ignore[index]
    assert link == f"{thread_url(conversation)}?after=2#new"
    begun = words_of(browser.get(link))
    assert begun.index('id="new"') < begun.index("Word 02")
    # The newest page does not say that what is new begins there.
    assert 'id="new"' not in words_of(browser.get(thread_url(conversation)))

"""The question before something goes, on a phone: with our scripts and without, the words are kept and go once."""

import pytest
from playwright.sync_api import expect

from members.models import Member
from messaging.models import Message
from messaging.services import releasing
from tests.cast import browser_of
from tests.factories.messaging import accepted, held_message, say
from tests.support.talking import Comer, has_arrived, look, send, url_of

PHONE = "You can call me at 417-555-0134 after five."
CARD = "My card is 4111 1111 1111 1111, take what you need."
MONEY = "Can you send me $200 with a gift card today?"
ASKED = {
    PHONE: "This looks like a phone number. Use Share contact so you can take it back later.",
    CARD: "This looks like a card or Social Security number. Never send these. No one here needs them.",
    MONEY: "Asking for money is not allowed here (rule 5).",
}


def said_by(member: Member) -> int:
    return Message.objects.filter(sender=member, type="standard").count()


@pytest.mark.parametrize("has_scripts", [True, False], ids=["with scripts", "without"])
def test_what_gives_somebody_away_is_asked_about_and_goes_when_it_is_meant(
    come_in: Comer, asker: Member, helper: Member, has_scripts: bool
) -> None:
    talk = accepted(asker, helper)
    page = come_in(helper, java_script_enabled=has_scripts)
    page.goto(url_of(talk))
    for number, (words, sentence) in enumerate(ASKED.items(), start=1):
        send(page, words)
        panel = page.get_by_role("group", name="Please look once more")
        expect(panel).to_contain_text(sentence)
        expect(panel.get_by_role("heading")).to_be_focused()
        assert said_by(helper) == number - 1
        panel.get_by_role("button", name="Send anyway").click()
        has_arrived(page, words)
        expect(panel).to_have_count(0)
        assert said_by(helper) == number


def test_edit_brings_the_words_back_and_a_reload_asks_again(come_in: Comer, asker: Member, helper: Member) -> None:
    talk = accepted(asker, helper)
    page = come_in(helper)
    page.goto(url_of(talk))
    send(page, PHONE)
    panel = page.get_by_role("group", name="Please look once more")
    expect(panel).to_be_visible()
    page.reload()
    expect(panel).to_be_visible()
    page.get_by_label("Your message").fill("And one more.")
    panel.get_by_role("heading").focus()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(page.get_by_label("Your message")).to_have_value(f"{PHONE}\nAnd one more.")
    expect(page.locator("[data-waiting] li")).to_have_count(0)
    send(page, "I will share my number instead.")
    has_arrived(page, "I will share my number instead.")
    assert said_by(helper) == 1


def test_a_held_message_waits_at_the_end_and_moves_up_when_it_is_released(
    come_in: Comer, asker: Member, helper: Member
) -> None:
    talk = accepted(asker, helper)
    held = held_message(helper, talk, "Nobody but me sees this yet.")
    mine, theirs = come_in(helper), come_in(asker)
    mine.goto(url_of(talk))
    theirs.goto(url_of(talk))
    expect(mine.get_by_text("We are checking this message before Ana sees it.")).to_be_visible()
    expect(theirs.locator(".bubble__words", has_text="Nobody but me")).to_have_count(0)
    releasing.release(held.pk)
    look(mine)
    look(theirs)
    for page in (mine, theirs):
        expect(page.locator(".bubble__words", has_text="Nobody but me sees this yet.")).to_have_count(1)
    expect(mine.get_by_text("We are checking")).to_have_count(0)
    releasing.hide(held.pk)
    look(theirs)
    expect(theirs.get_by_text("A moderator hid this message.")).to_be_visible()
    expect(theirs.get_by_text("Nobody but me")).to_have_count(0)


def test_the_reader_of_a_money_ask_is_told_and_can_let_it_be(come_in: Comer, asker: Member, helper: Member) -> None:
    talk = accepted(asker, helper)
    say(helper, talk, MONEY)
    page = come_in(asker)
    page.goto(url_of(talk))
    line = page.get_by_text("This message talks about money. Members never have to pay for help.")
    expect(line).to_be_visible()
    page.get_by_role("button", name="It is fine").click()
    expect(line).to_have_count(0)
    expect(page.get_by_text(MONEY)).to_be_visible()
    assert "talks about money" not in browser_of(helper).get(url_of(talk)).content.decode()


def test_on_a_phone_that_lies_the_question_leaves_room_for_the_chat(
    come_in: Comer, asker: Member, helper: Member
) -> None:
    talk = accepted(asker, helper)
    page = come_in(helper)
    page.set_viewport_size({"width": 640, "height": 360})
    page.goto(url_of(talk))
    send(page, PHONE)
    panel = page.get_by_role("group", name="Please look once more")
    expect(panel.get_by_role("button", name="Send anyway")).to_be_visible()
    assert page.locator(".log").evaluate("it => it.clientHeight") >= 120

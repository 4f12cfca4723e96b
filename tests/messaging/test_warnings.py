"""What screening makes of members' words: refused, held, flagged, sealed, asked about before they go."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from carecollective.errors import ContentBlocked
from carecollective.invariants import broken
from help_requests.models import HelpRequest
from help_requests.services.screened import telling
from members.models import Member
from messaging import reads
from messaging.models import Conversation, Message, Plan
from messaging.reads import Slice
from messaging.services import changing, deciding, releasing
from notifications.models import Event, Notice
from screening.models import KeptVerdict
from screening.services import examining
from screening.verdicts import Finding, Verdict
from tests.cast import browser_of, client_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.messaging import WORDS, accepted, offer, offer_to, say

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]
PHONE = "Call me at 417-555-0134 when you are there."
MONEY = "Can you send me $200 by wire today?"
SENDS_NO = "DO-NOT-SEND"
HOLDS = "LOOK-AT-THIS"
FLAGS = "READ-LATER"
DESPAIR = "FEELS-LOST"
NEW = {
    SENDS_NO: ("threat", "block"),
    HOLDS: ("threat", "hold"),
    FLAGS: ("profanity", "warn"),
    DESPAIR: ("self_harm", "hold"),
}
USUAL = {"417-555-0134": ("personal_info", "warn", "phone"), "$200": ("potential_scam", "warn", "money")}


@pytest.fixture(autouse=True)
def rules(monkeypatch):
    """Rules one can foretell; what ours find is tested in their own room."""

    def examine(text: str, *, trust: int = 75) -> Verdict:
        known = {**{word: (*found, "") for word, found in NEW.items()}, **USUAL}
        found = [
            Finding(category, "a rule", 1, state, text.index(word), text.index(word) + len(word), kind, 0.9)
            for word, (category, state, kind) in known.items()
            if word in text
        ]
        return Verdict(tuple(found), trust=trust)

    monkeypatch.setattr(examining, "examine", examine)


@pytest.fixture
def talk(asker, helper):
    return accepted(asker, helper)


def post(member, address, **body):
    return client_of(member).post(f"/api/messaging/{address}", body, format="json")


def send(member, talk, text):
    return post(member, f"conversations/{talk.pk}/messages", content=text)


class TestOverTheApi:
    def test_a_blocked_text_is_refused_and_nothing_is_stored(self, talk, asker, helper):
        answer = send(helper, talk, SENDS_NO)
        assert (answer.status_code, answer.json()["error"]) == (400, "content_blocked")
        request = HelpRequestFactory(requester=asker)
        answer = post(helper, f"help-requests/{request.pk}/start-conversation", initial_message=f"{WORDS} {SENDS_NO}")
        assert (answer.status_code, answer.json()["error"]) == (400, "content_blocked")
        assert not Message.objects.exclude(type="system").exists()
        assert not Conversation.objects.filter(help_request=request).exists()
        assert not KeptVerdict.objects.filter(outcome="block").exists()

    def test_what_stands_in_the_way_in_any_case_is_said_first(self, talk, helper):
        address = f"help-requests/{talk.help_request_id}/start-conversation"
        answer = post(helper, address, initial_message=f"{WORDS} {SENDS_NO}")
        assert answer.json()["error"] == "conversation_exists"

    def test_a_held_message_says_so_and_the_other_hears_nothing(self, talk, asker, helper):
        answer = send(helper, talk, HOLDS)
        assert (answer.status_code, answer.json()["status"], answer.json()["sequence"]) == (201, "held", None)
        assert not Notice.objects.filter(member=asker, event__kind="message_received").exists()
        event = Event.objects.get(kind="text_held")
        assert (event.about_kind, event.about_id) == ("message", answer.json()["message_id"])
        assert event.data == {"author": str(helper.pk), "conversation": str(talk.pk), "categories": ["threat"]}
        assert broken() == {}

    def test_the_same_key_again_tells_the_same(self, talk, helper):
        body = {"content": HOLDS, "client_id": "one"}
        first = post(helper, f"conversations/{talk.pk}/messages", **body)
        again = post(helper, f"conversations/{talk.pk}/messages", **body)
        assert (again.status_code, again.json()["status"]) == (200, "held")
        assert again.json()["message_id"] == first.json()["message_id"]
        assert Event.objects.filter(kind="text_held").count() == 1

    def test_a_held_offer_says_so_and_is_on_no_list_of_the_asker(self, asker, helper):
        request = HelpRequestFactory(requester=asker)
        answer = post(helper, f"help-requests/{request.pk}/start-conversation", initial_message=f"{WORDS} {HOLDS}")
        assert (answer.status_code, answer.json()["status"]) == (201, "held")
        assert not Notice.objects.filter(member=asker).exists()
        releasing.release(Conversation.objects.get().pk)
        assert Notice.objects.filter(member=asker, event__kind="offer_received").count() == 1

    def test_a_flagged_one_is_delivered_and_our_team_hears_of_it(self, talk, asker, helper):
        assert send(helper, talk, FLAGS).json()["status"] == "sent"
        assert Event.objects.filter(kind="text_flagged").count() == 1
        assert Notice.objects.filter(member=asker, event__kind="message_received").count() == 1
        assert not Notice.objects.filter(event__kind="text_flagged").exists()

    def test_a_phone_number_goes_is_sealed_and_is_warned_of(self, talk, asker, helper):
        answer = send(helper, talk, PHONE)
        assert (answer.status_code, answer.json()["encrypted"]) == (201, True)
        assert [one["kind"] for one in answer.json()["warnings"]] == ["phone"]
        row = Message.objects.get(pk=answer.json()["message_id"])
        assert row.key_id
        assert "0134" not in row.content
        assert reads.thread_rows(asker, talk.pk, Slice())[1][-1]["content"] == PHONE
        assert broken() == {}

    def test_an_edit_seals_what_it_brings(self, talk, helper):
        said = say(helper, talk, "I will call you.")
        changing.edit_message(helper, said, PHONE)
        row = Message.objects.get(pk=said)
        assert "0134" not in row.content
        assert changing.find(helper, said).text == PHONE
        changing.edit_message(helper, said, "I will call you then.")
        assert Message.objects.get(pk=said).key_id == ""

    def test_what_was_delivered_cannot_be_held_so_the_edit_is_refused(self, talk, helper):
        said = say(helper, talk, "A kind word.")
        with pytest.raises(ContentBlocked):
            changing.edit_message(helper, said, HOLDS)
        assert changing.find(helper, said).text == "A kind word."

    def test_a_writer_of_little_trust_is_read_first(self, talk, helper):
        Member.objects.filter(pk=helper.pk).update(trust=10)
        assert send(helper, talk, "Tuesday is fine.").json()["status"] == "sent"
        assert send(helper, talk, PHONE).json()["status"] == "held"
        assert Event.objects.filter(kind="text_flagged").count() == 1

    def test_every_text_has_its_verdict(self, talk, asker, helper):
        said = say(helper, talk, "Tuesday is fine.")
        other = offer_to(asker, helper)
        deciding.decline_offer(asker, other.pk, "Thank you all the same.")
        kept = set(KeptVerdict.objects.filter(kind="message").values_list("target_id", flat=True))
        note = Message.objects.get(conversation=other, sender=asker, type="standard")
        assert {said, talk.pk, other.pk, note.pk} <= kept

    def test_a_request_is_read_as_a_whole_and_held_as_a_whole(self, asker, outsider):
        body = {"title": "Rides to the clinic", "category": "groceries-meals", "description": f"Please. {HOLDS}"}
        answer = client_of(asker).post("/api/help-requests", body, format="json")
        assert answer.status_code == 201
        made = HelpRequest.objects.get()
        assert made.moderation == "held"
        assert browser_of(outsider).get(f"/requests/{made.pk}/").status_code == 404
        assert Event.objects.get(kind="text_held").about_kind == "help_request"

    def test_a_change_that_must_be_read_first_takes_the_request_down(self, asker, outsider):
        made = HelpRequestFactory(requester=asker)
        address = f"/api/help-requests/{made.pk}"
        assert client_of(asker).patch(address, {"description": HOLDS}, format="json").status_code == 200
        assert client_of(outsider).get(address).status_code == 404
        answer = client_of(asker).patch(address, {"title": f"Anything {SENDS_NO}"}, format="json")
        assert answer.json()["error"] == "content_blocked"

    def test_a_place_of_a_plan_is_read_too(self, talk, asker):
        body = {"date": str(localdate() + timedelta(days=3)), "time": "10:00", "place": "The library"}
        address = f"/api/help-requests/{talk.help_request_id}/plan"
        for words, status in ((SENDS_NO, 400), (HOLDS, 400), ("12 Oak Street", 201)):
            answer = client_of(asker).put(address, body | {"place": words}, format="json")
            assert answer.status_code in (status, 200 if status == 201 else status)
            assert Plan.objects.exists() == (status == 201)


class TestOnPages:
    def send(self, member, talk, text, **more):
        return browser_of(member).post(f"/messages/{talk.pk}/", {"content": text, **more})

    @pytest.mark.parametrize(("text", "words"), [(PHONE, "looks like a phone number"), (MONEY, "rule 5")])
    def test_the_form_comes_back_with_the_words_and_goes_when_it_is_meant(self, talk, helper, text, words):
        page = self.send(helper, talk, text)
        html = page.content.decode()
        assert page.status_code == 200
        assert words in html
        assert "Send anyway" in html
        assert text in html.replace("&#x27;", "’")
        assert not Message.objects.filter(sender=helper, type="standard").exists()
        assert self.send(helper, talk, text, acknowledged="1").status_code == 302
        assert Message.objects.filter(sender=helper, type="standard").count() == 1

    def test_what_was_sent_under_the_same_key_is_not_asked_about_again(self, talk, helper):
        key = "01926a3c-0000-7000-8000-000000000001"
        assert self.send(helper, talk, PHONE, client_id=key, acknowledged="1").status_code == 302
        assert self.send(helper, talk, PHONE, client_id=key).status_code == 302
        assert Message.objects.filter(sender=helper, type="standard").count() == 1

    def test_an_offer_an_edit_a_request_and_a_no_are_asked_about_too(self, asker, helper):
        request = HelpRequestFactory(requester=asker)
        page = browser_of(helper).post(f"/requests/{request.pk}/offer/", {"note": f"{WORDS} {PHONE}"})
        assert "Send anyway" in page.content.decode()
        talk = offer(helper, request)
        said = say(helper, talk, "I will call you.")
        page = browser_of(helper).post(f"/messages/{talk.pk}/m/{said}/edit/", {"content": PHONE})
        assert "Send anyway" in page.content.decode()
        page = browser_of(asker).post(f"/messages/{talk.pk}/decline/", {"line": "own", "own": PHONE})
        assert "Send anyway" in page.content.decode()
        page = browser_of(asker).post(
            f"/messages/{talk.pk}/decline/", {"line": "own", "own": PHONE, "acknowledged": "1"}
        )
        assert page.status_code == 302

    def test_the_reader_is_told_about_money_and_may_say_that_it_is_fine(self, talk, asker, helper):
        said = say(helper, talk, MONEY)
        line = "This message talks about money."
        assert line in browser_of(asker).get(f"/messages/{talk.pk}/").content.decode()
        assert line not in browser_of(helper).get(f"/messages/{talk.pk}/").content.decode()
        address = f"/messages/{talk.pk}/m/{said}/fine/"
        assert browser_of(helper).post(address).status_code == 404
        assert browser_of(asker).post(address).status_code == 302
        assert browser_of(asker).post(address).status_code == 302
        assert line not in browser_of(asker).get(f"/messages/{talk.pk}/").content.decode()
        assert Message.objects.get(pk=said).caution == "fine"

    def test_whoever_despairs_reads_where_help_is_once_and_nobody_is_told(self, talk, asker, helper):
        browser = browser_of(helper)
        answer = browser.post(f"/messages/{talk.pk}/", {"content": DESPAIR}, follow=True)
        # As a word: an id may have those figures in it.
        named = re.compile(r"\b988\b")
        assert named.search(answer.content.decode())
        assert not named.search(browser.get(f"/messages/{talk.pk}/").content.decode())
        assert not named.search(browser_of(asker).get(f"/messages/{talk.pk}/").content.decode())
        assert not Event.objects.filter(kind__in=["text_held", "text_flagged"]).exists()

    def test_a_script_hears_that_it_is_asked(self, talk, helper):
        answer = browser_of(helper).post(f"/messages/{talk.pk}/", {"content": PHONE}, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert "phone number" in answer.json()["warnings"][0]


def test_what_is_told_of_one_act_is_not_told_of_the_next(talk, helper):
    with telling() as told:
        say(helper, talk, PHONE)
    say(helper, talk, MONEY)
    assert [one["kind"] for one in told.warnings] == ["phone"]

"""Words that are held, refused or hidden: who sees them where, and what a decision makes of them."""

import json
import re
from uuid import uuid4

import pytest

from carecollective.encryption import Sealed, fingerprint, open_sealed
from carecollective.errors import NotFound, NotPermitted
from carecollective.invariants import broken
from carecollective.ports import reportable
from help_requests.services import withholding
from members.services.blocks import block
from messaging import reads
from messaging.models import Conversation, Message, MessageRecord, Type
from messaging.reads import Slice
from messaging.services import changing, deciding, planning, reading, releasing
from messaging.services.closing import close_conversation
from messaging.services.requests import cancel_request, complete_request
from notifications.models import Event, Notice
from tests.cast import browser_of, client_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.messaging import accepted, held_message, held_offer, offer, offer_to, say
from tests.messaging.test_plans import wish
from tests.rules.test_urls import EXPECTED

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]
SECRET = "Zwetschgenkuchen is what nobody else may read."
CHECKING = "We are checking this message before Ana sees it."
HIDDEN = "A moderator hid this message."


@pytest.fixture
def talk(asker, helper):
    return accepted(asker, helper)


def said_to(member, conversation, **part):
    return reads.thread_rows(member, conversation.pk, Slice(**part))[1]


def page(member, conversation) -> str:
    return browser_of(member).get(f"/messages/{conversation.pk}/").content.decode()


class TestHeldMessages:
    def test_it_stands_at_the_end_for_its_writer_and_nowhere_for_the_other(self, talk, asker, helper):
        held_message(helper, talk, SECRET)
        say(asker, talk, "A later one.")
        assert [one["sequence"] for one in said_to(helper, talk)][-2:] == [3, None]
        assert said_to(helper, talk)[-1]["moderation"] == "held"
        assert [one["sequence"] for one in said_to(asker, talk)] == [1, 2, 3]
        assert SECRET in page(helper, talk)
        assert CHECKING in page(helper, talk)
        assert SECRET not in page(asker, talk)

    def test_it_stands_on_the_newest_page_only(self, talk, asker, helper):
        held_message(helper, talk, SECRET)
        for number in range(4):
            say(asker, talk, f"Number {number}.")
        assert [one["sequence"] for one in said_to(helper, talk, limit=2)] == [5, 6, None]
        assert [one["sequence"] for one in said_to(helper, talk, limit=2, before=5)] == [3, 4]
        assert [one["sequence"] for one in said_to(helper, talk, limit=2, after=1)] == [2, 3]
        assert [one["sequence"] for one in said_to(helper, talk, after=6)] == [None]

    def test_nothing_about_the_thread_moves(self, talk, asker, helper):
        before = reads.conversation(asker, talk.pk)
        mark = reads.record(asker, talk.pk)
        held = held_message(helper, talk, SECRET)
        changing.delete_message(helper, held.pk)
        assert reads.conversation(asker, talk.pk) == before
        assert reads.record(asker, talk.pk) == mark
        assert reads.record(helper, talk.pk) > mark
        assert not Notice.objects.filter(member=asker, event__kind="message_received").exists()
        assert broken() == {}

    def test_by_its_id_it_is_not_there_for_the_other(self, talk, asker, helper):
        held = held_message(helper, talk, SECRET)
        with pytest.raises(NotFound):
            changing.find(asker, held.pk)
        assert client_of(asker).delete(f"/api/messaging/messages/{held.pk}").status_code == 404
        with pytest.raises(NotFound):
            reportable()["message"].find(asker, held.pk)

    def test_it_can_be_deleted_and_not_changed(self, talk, helper):
        held = held_message(helper, talk, SECRET)
        with pytest.raises(NotPermitted):
            changing.edit_message(helper, held.pk, "Something else.")
        answer = client_of(helper).delete(f"/api/messaging/messages/{held.pk}")
        assert (answer.status_code, answer.json()["item"]["content"]) == (200, "")
        assert SECRET not in page(helper, talk)
        assert CHECKING not in page(helper, talk)

    def test_a_sealed_one_is_read_by_its_writer(self, talk, helper):
        held = held_message(helper, talk, SECRET, type=Type.SENSITIVE)
        assert SECRET not in held.content
        assert said_to(helper, talk)[-1]["content"] == SECRET


class TestReleasing:
    def test_it_gets_the_next_place_and_is_news(self, talk, asker, helper):
        held = held_message(helper, talk, SECRET)
        later = say(asker, talk, "A later one.")
        reading.mark_read(asker, talk.pk, 3)
        assert releasing.release(held.pk) == ""
        held.refresh_from_db()
        assert (held.sequence, held.moderation) == (4, "")
        assert held.released_at
        assert held.created_at < Message.objects.get(pk=later).created_at < held.released_at
        assert reads.conversation(asker, talk.pk)["unread_count"] == 1
        assert Notice.objects.filter(member=asker, event__kind="message_received").count() == 1
        assert SECRET in page(asker, talk)
        assert broken() == {}

    def test_said_twice_it_changes_nothing(self, talk, asker, helper):
        held = held_message(helper, talk, SECRET)
        releasing.release(held.pk)
        assert releasing.release(held.pk) == ""
        assert Conversation.objects.get(pk=talk.pk).last_sequence == 3
        assert MessageRecord.objects.filter(message_id=held.pk, deed="moderated").count() == 1

    def test_what_was_delivered_is_kept_from_both_by_the_same_verb(self, talk, asker, helper):
        """A case may come back when its words have long been read; some decision about them is always possible."""
        held = held_message(helper, talk, SECRET)
        releasing.release(held.pk)
        releasing.hide(held.pk)
        assert SECRET not in page(asker, talk)
        assert Message.objects.get(pk=held.pk).moderation == "hidden"
        releasing.show(held.pk)
        assert SECRET in page(asker, talk)

    def test_an_ended_chat_or_a_block_keeps_it_where_it_is_and_says_so(self, talk, asker, helper):
        held = held_message(helper, talk, SECRET)
        block(asker, helper.pk)
        assert releasing.release(held.pk) == releasing.APART
        assert "cannot be delivered" in page(helper, talk)
        close_conversation(helper, talk.pk)
        assert releasing.release(held.pk) == releasing.ENDED
        changing.delete_message(helper, held.pk)
        assert releasing.release(held.pk) == releasing.DELETED
        assert SECRET not in page(asker, talk)

    def test_a_note_comes_after_a_no(self, asker, helper):
        talk = offer_to(asker, helper)
        held = held_message(asker, talk, "Thank you, but my sister comes.")
        deciding.decline_offer(asker, talk.pk)
        assert releasing.release(held.pk) == ""
        assert said_to(helper, talk)[-1]["content"].startswith("Thank you")

    def test_an_offer_begins_when_it_is_released(self, asker, helper):
        request = HelpRequestFactory(requester=asker)
        held = held_offer(helper, request)
        assert not Event.objects.filter(about_id=str(held.pk)).exists()
        assert reads.offers(asker, request.pk) == []
        assert releasing.release(held.pk) == ""
        now = Conversation.objects.get(pk=held.pk)
        assert (now.status, now.opening_moderation) == ("active", "")
        assert held.offered_at
        assert now.offered_at
        assert now.offered_at > held.offered_at
        assert [event.kind for event in Event.objects.filter(about_id=str(held.pk))] == ["offer_received"]
        assert len(reads.offers(asker, request.pk) or []) == 1
        assert broken() == {}

    def test_an_offer_on_a_request_that_is_over_stays(self, asker, helper):
        request = HelpRequestFactory(requester=asker)
        held = held_offer(helper, request)
        cancel_request(asker, request.pk)
        assert releasing.release(held.pk) == releasing.REQUEST_OVER
        assert "has not seen your offer" in page(helper, held)

    def test_an_offer_that_was_taken_back_meanwhile_stays_and_nobody_heard_of_it(self, asker, helper):
        held = held_offer(helper, HelpRequestFactory(requester=asker))
        deciding.withdraw_offer(helper, held.pk)
        assert releasing.release(held.pk) == releasing.NOT_OFFERED
        assert not Notice.objects.filter(member=asker).exists()
        with pytest.raises(NotPermitted):
            deciding.renew_offer(helper, held.pk)

    def test_a_thank_you_is_one_when_it_is_released(self, talk, asker, helper):
        complete_request(asker, talk.help_request_id)
        held = held_message(asker, talk, "You were wonderful.", type=Type.THANKS)
        releasing.release(held.pk)
        assert Event.objects.filter(kind="thanked").count() == 1
        assert not Event.objects.filter(kind="message_received").exists()


class TestRefusing:
    def test_its_writer_reads_that_it_was_not_sent(self, talk, asker, helper):
        held = held_message(helper, talk, SECRET)
        releasing.hide(held.pk)
        releasing.hide(held.pk)
        assert "This message was not sent. It broke our rules." in page(helper, talk)
        assert SECRET not in page(asker, talk)
        releasing.show(held.pk)
        assert CHECKING in page(helper, talk)
        releasing.hide(held.pk)
        assert releasing.release(held.pk) == ""
        assert SECRET in page(asker, talk)
        assert broken() == {}


class TestHiding:
    @pytest.fixture
    def said(self, talk, helper):
        return say(helper, talk, SECRET)

    def test_both_see_a_tombstone_in_its_place(self, talk, asker, helper, said):
        releasing.hide(said)
        releasing.hide(said)
        for member in (asker, helper):
            [last] = [one for one in said_to(member, talk) if one["id"] == str(said)]
            assert (last["sequence"], last["content"], last["moderation"]) == (3, "", "hidden")
            assert HIDDEN in page(member, talk)
            assert SECRET not in page(member, talk)
            assert HIDDEN in browser_of(member).get("/messages/").content.decode()
        assert broken() == {}

    def test_a_page_that_stands_there_learns_of_it(self, talk, asker, said):
        record = reads.record(asker, talk.pk)
        releasing.hide(said)
        assert [one["id"] for one in reads.changed(asker, talk.pk, record, 3)] == [str(said)]

    @pytest.mark.parametrize("kind", [Type.STANDARD, Type.SENSITIVE])
    def test_shown_again_it_reads_as_before(self, talk, asker, helper, kind):
        said = say(helper, talk, SECRET, message_type=kind)
        digest = Message.objects.get(pk=said).digest
        releasing.hide(said)
        row = Message.objects.get(pk=said)
        assert SECRET not in json.dumps([row.content, row.hidden])
        assert (row.content, row.key_id) == ("", "")
        releasing.show(said)
        releasing.show(said)
        assert said_to(asker, talk)[-1]["content"] == SECRET
        assert Message.objects.get(pk=said).digest == digest
        assert broken() == {}

    def test_a_report_of_it_quotes_nothing_and_the_house_reads_it(self, talk, asker, said):
        releasing.hide(said)
        room = reportable()["message"]
        assert room.find(asker, said).quote == ""
        target = room.find(None, said)
        assert target.quote == SECRET
        [row] = [one for one in room.evidence(None, target)["messages"] if one["id"] == said]
        assert (row["text"], row["moderation"], row["digest"]) == (SECRET, "hidden", fingerprint(SECRET))

    def test_an_opening_is_hidden_in_the_list_of_offers_too(self, asker, helper):
        made = offer(helper, HelpRequestFactory(requester=asker), SECRET)
        releasing.hide(made.pk)
        assert SECRET not in page(asker, made)
        assert HIDDEN in browser_of(asker).get(f"/requests/{made.help_request_id}/").content.decode()
        assert Conversation.objects.get(pk=made.pk).status == "active"
        releasing.show(made.pk)
        assert SECRET in page(asker, made)

    def test_what_nobody_saw_yet_is_refused_instead(self, talk, helper):
        held = held_message(helper, talk, SECRET)
        releasing.hide(held.pk)
        assert Message.objects.get(pk=held.pk).moderation == "refused"

    def test_its_writer_may_still_delete_it_for_good(self, talk, helper, said):
        releasing.hide(said)
        changing.delete_message(helper, said)
        assert Message.objects.get(pk=said).hidden == ""
        releasing.show(said)
        assert said_to(helper, talk)[-1]["deleted_at"]
        assert broken() == {}

    def test_what_a_line_of_the_site_says_is_not_ours_to_hide(self, talk):
        with pytest.raises(NotFound):
            releasing.hide(Message.objects.get(type="system").pk)


class TestTheHouse:
    def test_it_reads_held_words_and_first_versions(self, talk, asker, helper):
        edited = say(helper, talk, "The first version.")
        changing.edit_message(helper, edited, "Another one.")
        held = held_message(helper, talk, SECRET)
        room = reportable()["message"]
        rows = room.evidence(None, room.find(None, held.pk))["messages"]
        assert [(one["text"], one["first"]) for one in rows][-2:] == [
            ("Another one.", "The first version."),
            (SECRET, ""),
        ]
        seen = room.evidence(asker, room.find(asker, edited))["messages"]
        assert SECRET not in [one["text"] for one in seen]


class TestHiddenRequests:
    @pytest.fixture
    def asked(self, asker):
        return HelpRequestFactory(requester=asker, title=SECRET)

    def test_nobody_but_its_asker_reads_it(self, asked, asker, helper, outsider):
        talk = offer(helper, asked)
        withholding.hide(asked.pk)
        withholding.hide(asked.pk)
        for member in (helper, outsider):
            assert browser_of(member).get(f"/requests/{asked.pk}/").status_code == 404
            for address in ("/requests/", "/home/", "/messages/", "/notices/"):
                assert SECRET not in browser_of(member).get(address).content.decode()
        assert SECRET not in page(helper, talk)
        own = browser_of(asker).get(f"/requests/{asked.pk}/").content.decode()
        assert SECRET in own
        assert "A moderator hid this request." in own
        withholding.show(asked.pk)
        assert SECRET in browser_of(outsider).get("/requests/").content.decode()

    def test_its_helper_has_the_chat_and_no_link_that_leads_nowhere(self, asked, asker, helper):
        talk = offer(helper, asked)
        deciding.accept_offer(asker, talk.pk)
        planning.make_plan(asker, asked.pk, wish())
        pages, link = ("/home/", f"/messages/{talk.pk}/"), f"/requests/{asked.pk}/"
        assert all(link in browser_of(helper).get(address).content.decode() for address in pages)
        withholding.hide(asked.pk)
        for address in (*pages, "/messages/"):
            assert link not in browser_of(helper).get(address).content.decode(), address

    def test_nobody_offers_on_it_or_is_accepted(self, asked, asker, helper, outsider):
        talk = offer(helper, asked)
        withholding.hide(asked.pk)
        body = {"initial_message": "I can come by on Tuesday."}
        address = f"/api/messaging/help-requests/{asked.pk}/start-conversation"
        answer = client_of(outsider).post(address, body, format="json")
        assert answer.json()["error"] == "help_request_unavailable"
        answer = client_of(asker).post(f"/api/messaging/conversations/{talk.pk}/accept", {}, format="json")
        assert answer.json()["error"] == "help_request_unavailable"

    def test_a_held_one_is_shown_when_it_is_released(self, asked, asker, outsider):
        type(asked).objects.filter(pk=asked.pk).update(moderation="held")
        assert "We are checking your request" in browser_of(asker).get(f"/requests/{asked.pk}/").content.decode()
        assert browser_of(outsider).get(f"/requests/{asked.pk}/").status_code == 404
        withholding.hide(asked.pk)
        assert "It broke our rules." in browser_of(asker).get(f"/requests/{asked.pk}/").content.decode()
        withholding.release(asked.pk)
        assert browser_of(outsider).get(f"/requests/{asked.pk}/").status_code == 200
        withholding.hide(asked.pk)
        assert browser_of(outsider).get(f"/requests/{asked.pk}/").status_code == 404
        assert type(asked).objects.get(pk=asked.pk).moderation == "hidden"


def test_hidden_words_open_only_in_their_place(talk, helper):
    said = say(helper, talk, SECRET)
    releasing.hide(said)
    row = Message.objects.get(pk=said)
    place = f"messages_v2.content.hidden:{talk.pk}:{said}"
    assert open_sealed(Sealed(row.hidden_key_id, row.hidden), place) == SECRET


class TestNoDoorOfTheOther:
    """Every address there is, asked by the other one: with the ids they could know, and those they cannot."""

    ADDRESSES = tuple(address for address in EXPECTED if "…" not in address and "<str:" not in address)

    def read_by(self, member, **ids) -> dict[str, str]:
        told = {}
        browser = browser_of(member)
        for address in self.ADDRESSES:
            named = re.sub(r"<uuid:(\w+)>", lambda one: str(ids.get(one[1], uuid4())), address)
            answer = browser.get(named.replace("<slug:slug>", "title"))
            assert answer.status_code < 500, address
            told[address] = b"".join(answer).decode("latin-1")
        return told

    def test_a_held_message(self, talk, asker, helper):
        held = held_message(helper, talk, SECRET)
        ids = {"conversation_id": talk.pk, "message_id": held.pk, "request_id": talk.help_request_id}
        assert [where for where, text in self.read_by(asker, **ids).items() if SECRET in text] == []
        assert "/messages/<uuid:conversation_id>/" in [
            where for where, text in self.read_by(helper, **ids).items() if SECRET in text
        ]

    def test_a_held_offer(self, asker, helper):
        held = held_offer(helper, HelpRequestFactory(requester=asker), SECRET)
        ids = {"conversation_id": held.pk, "message_id": held.pk, "request_id": held.help_request_id}
        found = self.read_by(asker, **ids)
        assert [where for where, text in found.items() if SECRET in text or "1 person offered" in text] == []
        assert "No offers yet" in found["/requests/<uuid:request_id>/"]

    def test_a_hidden_message_of_both(self, talk, asker, helper):
        said = say(helper, talk, SECRET)
        releasing.hide(said)
        ids = {"conversation_id": talk.pk, "message_id": said, "request_id": talk.help_request_id}
        assert [where for where, text in self.read_by(asker, **ids).items() if SECRET in text] == []
        # Their own words are in their own download, and nowhere else.
        found = [where for where, text in self.read_by(helper, **ids).items() if SECRET in text]
        assert found == ["/my-data/download/"]

    def test_a_hidden_request(self, asker, helper):
        request = HelpRequestFactory(requester=asker, title=SECRET, description=SECRET)
        talk = deciding.accept_offer(asker, offer(helper, request).pk)
        withholding.hide(request.pk)
        ids = {"conversation_id": talk.pk, "message_id": talk.pk, "request_id": request.pk, "member_id": asker.pk}
        assert [where for where, text in self.read_by(helper, **ids).items() if SECRET in text] == []

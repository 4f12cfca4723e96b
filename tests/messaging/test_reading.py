"""Reading: each side has its own position, threads come in pages, inboxes in order."""

import pytest

from carecollective.encryption import seal
from carecollective.errors import NotFound, NotValid
from carecollective.invariants import broken
from members.models import Member
from messaging import reads
from messaging.models import Conversation, MessageRecord
from messaging.models.sealing import opening_place
from messaging.services.reading import mark_delivered, mark_read
from notifications import preferences
from notifications.models import Notice
from tests.factories.messaging import accepted, offer_to, say

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]


@pytest.fixture
def conversation(asker: Member, helper: Member) -> Conversation:
    made = offer_to(asker, helper)
    for number in range(2, 8):
        say(asker if number % 2 else helper, made, f"Message {number}")
    return made


def page(member, conversation, **part) -> tuple[list[int], dict]:
    _, messages, pagination = reads.thread_rows(member, conversation.pk, reads.Slice(**part))
    return [message["sequence"] for message in messages], pagination


def test_the_newest_page_ends_with_the_newest_and_reads_downwards(asker, conversation):
    assert page(asker, conversation, limit=3)[0] == [5, 6, 7]
    assert page(asker, conversation)[0] == [1, 2, 3, 4, 5, 6, 7]


def test_older_pages_lead_back_to_the_opening(asker, conversation):
    found, pagination = page(asker, conversation, limit=3, before=5)
    assert (found, pagination["has_more"]) == ([2, 3, 4], True)
    found, pagination = page(asker, conversation, limit=3, before=2)
    assert (found, pagination["has_more"]) == ([1], False)
    assert page(asker, conversation, before=1) == (
        [],
        {"limit": 50, "has_more": False, "first_sequence": None, "last_sequence": None, "newest_sequence": 7},
    )


def test_catching_up_brings_what_came_after_and_says_if_there_is_more(asker, conversation):
    found, pagination = page(asker, conversation, after=0, limit=2)
    assert (found, pagination["has_more"]) == ([1, 2], True)
    found, pagination = page(asker, conversation, after=5)
    assert (found, pagination["has_more"]) == ([6, 7], False)
    assert page(asker, conversation, after=7)[0] == []
    assert page(asker, conversation, after=1000)[0] == []


def test_before_and_after_together_are_refused(asker, conversation):
    with pytest.raises(NotValid):
        page(asker, conversation, before=5, after=2)


def test_nobody_else_reads(outsider, moderator, conversation):
    for stranger in (outsider, moderator):
        for read in (reads.conversation, lambda who, which: reads.thread(who, which, reads.Slice(50))):
            with pytest.raises(NotFound):
                read(stranger, conversation.pk)


def test_each_side_has_its_own_position(asker, helper, conversation):
    mark_read(asker, conversation.pk, 4)
    now = Conversation.objects.get()
    assert (now.requester_read, now.helper_read) == (4, 0)
    assert (now.requester_unread, now.helper_unread) == (1, 3)
    assert broken() == {}


def test_reading_means_it_arrived(asker, conversation):
    mark_read(asker, conversation.pk, 3)
    assert Conversation.objects.get().requester_delivered == 3


def test_positions_never_go_back(asker, conversation):
    mark_delivered(asker, conversation.pk, 6)
    mark_read(asker, conversation.pk, 5)
    mark_read(asker, conversation.pk, 2)
    mark_delivered(asker, conversation.pk, 1)
    now = Conversation.objects.get()
    assert (now.requester_read, now.requester_delivered) == (5, 6)
    kept = MessageRecord.objects.filter(actor_id=asker.pk, deed__in=["read", "delivered"]).order_by("id")
    assert list(kept.values_list("deed", "sequence")) == [("delivered", 6), ("read", 5)]


@pytest.mark.parametrize("verb", [mark_read, mark_delivered])
def test_nobody_has_read_what_is_not_there(asker, outsider, conversation, verb):
    with pytest.raises(NotValid):
        verb(asker, conversation.pk, 8)
    with pytest.raises(NotFound):
        verb(outsider, conversation.pk, 1)
    assert Conversation.objects.get().requester_read == 0


def test_whoever_read_to_the_end_needs_no_mail_about_it(asker, conversation):
    mark_read(asker, conversation.pk, 5)
    assert Notice.objects.filter(member=asker, read_at__isnull=True).exists()
    # The seventh is Ana's own.
    mark_read(asker, conversation.pk, 6)
    assert not Notice.objects.filter(member=asker, read_at__isnull=True).exists()


@pytest.mark.parametrize("who_hides", ["asker", "helper"])
def test_who_hides_their_reading_does_not_see_the_others(request, asker, helper, conversation, who_hides):
    mark_read(helper, conversation.pk, 7)
    assert reads.conversation(asker, conversation.pk)["their_read_sequence"] == 7
    preferences.change(request.getfixturevalue(who_hides), read_receipts=False)
    seen = reads.conversation(asker, conversation.pk)
    assert (seen["their_read_sequence"], seen["their_delivered_sequence"]) == (None, None)


def test_the_inbox_has_the_newest_words_first_from_both_sides(asker, helper, outsider, conversation):
    as_helper = offer_to(outsider, asker)
    third = offer_to(asker, outsider)
    say(helper, conversation, "Once more")
    found = reads.inbox(asker, 20)["rows"]
    assert [row["id"] for row in found] == [str(conversation.pk), str(third.pk), str(as_helper.pk)]
    assert [row["other"]["called"] for row in found] == ["Ben", "Olga", "Olga"]
    assert found[0]["last_message"]["content"] == "Once more"
    assert found[1]["last_message"]["is_opening"]
    assert [row["unread_count"] for row in found] == [5, 1, 0]


def test_an_inbox_is_read_in_pages_without_gap_or_repeat(asker):
    from tests.factories.members import MemberFactory

    made = [offer_to(asker, MemberFactory()).pk for _ in range(5)]
    first = reads.inbox(asker, 2)
    rest = reads.inbox(asker, 10, first["next_cursor"])
    assert [row["id"] for row in first["rows"] + rest["rows"]] == [str(pk) for pk in reversed(made)]
    assert (first["has_more"], rest["has_more"], first["total"]) == (True, False, 5)
    assert [row["id"] for row in reads.inbox(asker, 2, offset=2)["rows"]] == [str(pk) for pk in reversed(made)][2:4]


def test_a_held_conversation_is_its_writers_alone(asker, helper):
    conversation = offer_to(asker, helper)
    Conversation.objects.update(status="held", opening_moderation="held")
    assert reads.conversation(helper, conversation.pk)["status"] == "held"
    assert reads.inbox(helper, 20)["total"] == 1
    assert reads.inbox(asker, 20) == {"rows": [], "has_more": False, "next_cursor": None, "total": 0}
    assert reads.offers(asker, conversation.asked_for.pk) == []
    with pytest.raises(NotFound):
        reads.conversation(asker, conversation.pk)


def test_a_stranger_learns_nothing_of_the_offers_on_a_request(asker, helper, outsider):
    conversation = accepted(asker, helper)
    assert [row["id"] for row in reads.offers(asker, conversation.asked_for.pk) or []] == [str(conversation.pk)]
    for stranger in (helper, outsider):
        assert reads.offers(stranger, conversation.asked_for.pk) is None


def test_an_opening_that_is_sealed_is_read_everywhere(asker, helper):
    """Sealed where screening finds something personal in it: then every read opens it, and no list shows the rest."""
    conversation = offer_to(asker, helper)
    sealed = seal("My number is 417 555 0134.", opening_place(conversation.pk))
    Conversation.objects.filter(pk=conversation.pk).update(initial_message=sealed.text, key_id=sealed.key_id)
    words = [
        reads.conversation(asker, conversation.pk)["initial_message"],
        reads.message(asker, conversation.pk, 1)["content"],
        reads.inbox(asker, 20)["rows"][0]["initial_message"],
        reads.inbox(asker, 20)["rows"][0]["last_message"]["content"],
        (reads.offers(asker, conversation.asked_for.pk) or [])[0]["initial_message"],
    ]
    assert set(words) == {"My number is 417 555 0134."}


def test_a_page_far_beyond_the_end_is_empty(asker, conversation):
    assert reads.inbox(asker, 50, offset=50 * 9_999)["rows"] == []
    assert reads.inbox(asker, 50, offset=32_750)["rows"] == []

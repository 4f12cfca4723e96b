"""Whoever left an earlier conversation reads and writes nothing in it any more, whatever the others do with it."""

from typing import Any

import pytest
from django.utils.timezone import now

from carecollective.database import new_id
from carecollective.errors import NotPermitted
from carecollective.invariants import broken
from legacy.models import EarlierConversation, EarlierParticipant
from members.models import Member
from messaging.models import Conversation
from messaging.models.sealing import opening_place, put_away
from messaging.models.words import OFFER_LIFETIME
from messaging.models.writing import Opening, open_conversation
from messaging.services import clockwork, closing, deciding, releasing
from messaging.services.releasing import ENDED
from notifications.models import Notice
from tests.cast import client_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import earlier
from tests.factories.messaging import WORDS, say

pytestmark = pytest.mark.django_db


def leave(thread: Conversation, person: Member, at: Any = "now") -> None:
    """As the earlier system writes it."""
    left_at = now() if at == "now" else at
    EarlierParticipant.objects.filter(conversation=thread.pk, user_id=person.pk).update(left_at=left_at)
    thread.refresh_from_db()


def written_by(member: Member, thread: Conversation) -> int:
    path = f"/api/messaging/conversations/{thread.pk}/messages"
    status: int = client_of(member).post(path, {"content": "I am still here."}, format="json").status_code
    return status


def held_offer(asker: Member, helper: Member) -> Conversation:
    """Its words wait for somebody of our team."""
    identifier, asked = new_id(), HelpRequestFactory(requester=asker)
    words = put_away(WORDS, opening_place(identifier))
    assert open_conversation(Opening(identifier, asker.pk, helper.pk, asked.pk, words, is_held=True, version=1))
    return Conversation.objects.get(pk=identifier)


def test_who_had_ended_it_cannot_open_it_again(asker: Member, helper: Member) -> None:
    old = earlier(helper, HelpRequestFactory(requester=asker))
    deciding.withdraw_offer(helper, old.pk)
    closing.close_conversation(helper, old.pk)
    leave(old, asker)
    with pytest.raises(NotPermitted):
        deciding.renew_offer(helper, old.pk)
    assert (written_by(asker, old), written_by(helper, old)) == (403, 403)
    assert broken() == {}


def test_nor_does_a_decision_that_is_taken_back(asker: Member, helper: Member, moderator: Member) -> None:
    old = earlier(helper, HelpRequestFactory(requester=asker))
    closing.close_for_safety(moderator, old.pk)
    leave(old, asker)
    closing.open_again(old.pk)
    assert (written_by(asker, old), written_by(helper, old)) == (403, 403)
    assert broken() == {}


@pytest.mark.parametrize("side", ["asker", "helper"])
def test_words_we_held_are_not_delivered_then(side: str, asker: Member, helper: Member) -> None:
    held = held_offer(asker, helper)
    leave(held, asker if side == "asker" else helper)
    assert releasing.release(held.pk) == ENDED
    assert (written_by(asker, held), written_by(helper, held)) == (403, 403)
    assert not Notice.objects.exists()
    assert broken() == {}


def test_whoever_comes_back_goes_on(asker: Member, helper: Member) -> None:
    old = earlier(helper, HelpRequestFactory(requester=asker))
    leave(old, helper)
    leave(old, asker)
    leave(old, helper, None)
    assert old.status == "closed", "one of them is still away"
    leave(old, asker, None)
    say(asker, old)
    say(helper, old)
    assert broken() == {}


def test_what_was_ended_before_stays_ended_when_they_come_back(asker: Member, helper: Member) -> None:
    one, other = (earlier(helper, HelpRequestFactory(requester=asker)) for _ in range(2))
    closing.close_conversation(asker, one.pk)
    for thread in (one, other):
        leave(thread, helper)
    EarlierConversation.objects.filter(pk=other.pk).update(status="closed")
    for thread in (one, other):
        leave(thread, helper, None)
        assert thread.status == "closed"


@pytest.mark.parametrize("side", ["asker", "helper"])
def test_they_hear_no_more_of_it(side: str, asker: Member, helper: Member, outsider: Member) -> None:
    gone, stays = (asker, helper) if side == "asker" else (helper, asker)
    asked = HelpRequestFactory(requester=asker)
    old = earlier(helper, asked)
    rests = earlier(helper, HelpRequestFactory(requester=asker))
    Conversation.objects.filter(pk=rests.pk).update(offered_at=now() - OFFER_LIFETIME)
    for thread in (old, rests):
        leave(thread, gone)
    assert clockwork.expire_offers() == 1
    if gone == helper:
        deciding.accept_offer(asker, earlier(outsider, asked).pk, deciding.DECLINE)
    else:
        deciding.withdraw_offer(helper, old.pk)
    assert not Notice.objects.filter(member=gone).exists()
    assert Notice.objects.filter(member=stays, event__kind="offer_expired").exists()

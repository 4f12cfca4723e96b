"""What time does to offers."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from carecollective.invariants import broken
from members.models import Member
from members.services import blocks
from messaging.models import Conversation, Happening, Message
from messaging.services import closing, deciding, requests
from messaging.services.clockwork import expire_offers, remind_of_offers
from notifications.models import Notice
from tests.factories.messaging import offer_to, say

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]


@pytest.fixture
def conversation(asker: Member, helper: Member) -> Conversation:
    return offer_to(asker, helper)


def made(hours: float) -> None:
    Conversation.objects.update(offered_at=Now() - timedelta(hours=hours))


def told(member: Member, kind: str) -> int:
    return Notice.objects.filter(member=member, event__kind=kind).count()


def test_after_a_day_the_asker_is_reminded_once(asker, helper, conversation):
    made(hours=23.9)
    assert remind_of_offers() == 0
    made(hours=24.1)
    assert (remind_of_offers(), remind_of_offers()) == (1, 0)
    assert (told(asker, "offer_waiting"), told(helper, "offer_waiting")) == (1, 0)


def test_an_asker_who_has_written_needs_no_reminder(asker, conversation):
    say(asker, conversation, "Could you come at six?")
    made(hours=25)
    assert remind_of_offers() == 0


def test_nobody_is_reminded_of_what_is_decided_or_over(asker, helper, outsider, conversation):
    deciding.withdraw_offer(helper, conversation.pk)
    requests.cancel_request(asker, offer_to(asker, outsider).asked_for.pk)
    closing.close_conversation(outsider, offer_to(asker, outsider).pk)
    made(hours=25)
    assert remind_of_offers() == 0


def test_an_offer_made_again_has_a_new_clock(asker, helper, conversation):
    made(hours=25)
    remind_of_offers()
    deciding.withdraw_offer(helper, conversation.pk)
    deciding.renew_offer(helper, conversation.pk)
    assert remind_of_offers() == 0
    made(hours=25)
    assert remind_of_offers() == 1


def test_after_two_weeks_an_offer_rests_and_both_hear_of_it(asker, helper, conversation):
    made(hours=14 * 24 - 1)
    assert expire_offers() == 0
    made(hours=14 * 24 + 1)
    assert (expire_offers(), expire_offers()) == (1, 0)
    now = Conversation.objects.get()
    assert (now.offer_state, now.expired_at is not None) == ("expired", True)
    line = Message.objects.get()
    assert (line.happening, line.sender) == (Happening.EXPIRED, None)
    assert (told(asker, "offer_expired"), told(helper, "offer_expired")) == (1, 1)
    assert broken() == {}


def test_an_offer_on_a_request_that_is_over_rests_without_a_word(asker, helper, conversation):
    requests.cancel_request(asker, conversation.asked_for.pk)
    made(hours=14 * 24 + 1)
    assert expire_offers() == 1
    assert told(helper, "offer_expired") == 0


def test_an_accepted_offer_never_rests(asker, conversation):
    deciding.accept_offer(asker, conversation.pk)
    made(hours=14 * 24 + 1)
    assert expire_offers() == 0


def test_whoever_blocked_somebody_is_not_asked_to_answer_them(asker, helper, conversation):
    blocks.block(asker, helper.pk)
    made(hours=25)
    assert remind_of_offers() == 0
    made(hours=14 * 24 + 1)
    assert expire_offers() == 1
    assert told(asker, "offer_expired") == told(helper, "offer_expired") == 0

"""Every verb against every other, standing still before each of its statements: no two ever wait for each other."""

import random
from collections.abc import Callable
from datetime import time, timedelta
from itertools import product

import pytest
from django.utils.timezone import now

from carecollective.invariants import broken
from members.models import Member
from members.services import blocks
from messaging.models import Conversation
from messaging.services import (
    changing,
    clockwork,
    closing,
    deciding,
    offering,
    planning,
    reading,
    requests,
    talking,
    thanking,
)
from moderation.models import Kind
from moderation.services import reporting
from tests.factories.help_requests import AGES_AGO, HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, accepted, offer_to, say
from tests.support.meeting import meet

pytestmark = [pytest.mark.committed, pytest.mark.both_ways]

Verb = Callable[[Conversation], object]
SHORT = 40

COMPLAINT = reporting.Complaint("scam", "They asked for money.", also_block=True)


def plan(member: Member, of: Conversation, place: str = "At the porch") -> object:
    when = planning.Wish(now().date() + timedelta(days=3), time(17, 30), place, "UTC")
    return planning.make_plan(member, of.asked_for.pk, when)


VERBS: dict[str, Verb] = {
    "accept": lambda of: deciding.accept_offer(of.requester, of.pk, deciding.DECLINE),
    "decline": lambda of: deciding.decline_offer(of.requester, of.pk, "My sister comes this week. Thank you."),
    "withdraw": lambda of: deciding.withdraw_offer(of.helper, of.pk),
    "reoffer": lambda of: deciding.renew_offer(of.helper, of.pk),
    "close": lambda of: closing.close_conversation(of.requester, of.pk),
    "asker says": lambda of: talking.send_message(of.requester, of.pk, "Tuesday is fine."),
    "helper says": lambda of: talking.send_message(of.helper, of.pk, "Is five fine?"),
    "asker reads": lambda of: reading.mark_read(of.requester, of.pk, 2),
    "helper edits": lambda of: changing.edit_message(of.helper, of.pk, "I can come on Wednesday instead."),
    "helper deletes": lambda of: changing.delete_message(of.helper, of.pk),
    "complete": lambda of: requests.complete_request(of.requester, of.asked_for.pk),
    "complete with a late yes": lambda of: requests.end_request(of.requester, of.asked_for.pk, "helped_here", of.pk),
    "cancel": lambda of: requests.cancel_request(of.requester, of.asked_for.pk),
    "reopen": lambda of: requests.reopen_request(of.requester, of.asked_for.pk),
    "change": lambda of: requests.change_request(of.requester, of.asked_for.pk, title="Milk and bread"),
    "asker blocks": lambda of: blocks.block(of.requester, of.helper_id),
    "helper blocks": lambda of: blocks.block(of.helper, of.requester_id),
    "asker plans": lambda of: plan(of.requester, of),
    "helper plans": lambda of: plan(of.helper, of, "The market"),
    "it did not help": lambda of: planning.answer_plan(of.requester, of.asked_for.pk, "did_not_work"),
    "asker thanks": lambda of: thanking.thank(of.requester, of.asked_for.pk, "Thank you so much."),
    "asker reports and blocks": lambda of: reporting.report(of.requester, Kind.MESSAGE, of.pk, COMPLAINT),
    "helper reports and blocks": lambda of: reporting.report(of.helper, Kind.CONVERSATION, of.pk, COMPLAINT),
    "offers rest": lambda of: clockwork.expire_offers(),
    "somebody offers": lambda of: offering.offer_help(MemberFactory(), of.asked_for.pk, WORDS),
    "asker offers back": lambda of: offering.offer_help(of.requester, request_of(of.helper), WORDS),
}


def request_of(asker: Member):
    return HelpRequestFactory(requester=asker).pk


def offered() -> Conversation:
    conversation = offer_to(MemberFactory(), MemberFactory())
    say(conversation.requester, conversation)
    # Old enough to rest, if the job comes by.
    Conversation.objects.filter(pk=conversation.pk).update(offered_at=conversation.created_at - AGES_AGO)
    return conversation


def agreed() -> Conversation:
    return accepted(MemberFactory(), MemberFactory())


def pairs() -> list[tuple[Callable[[], Conversation], str, str]]:
    return list(product((offered, agreed), VERBS, VERBS))


def went_wrong(scene: Callable[[], Conversation], one: str, other: str, moment: int) -> list[str]:
    """Two who wait for each other, or a fault of ours; a refusal is an answer."""
    conversation = scene()
    meeting = meet(
        lambda: VERBS[one](conversation), lambda number, words: number == moment, lambda: VERBS[other](conversation)
    )
    if {"service_unavailable", "server_error"} & {meeting.first, meeting.second}:
        return [f"{scene.__name__}: {one}, standing before its statement {moment}, meets {other}: {meeting}"]
    return []


def test_two_verbs_that_meet_anywhere_both_end(long_run: bool) -> None:
    """The same forty in every short run; in a long one each pair, every time at other statements."""
    chance = random.Random() if long_run else random.Random(7)
    chosen = pairs() * 2 if long_run else chance.sample(pairs(), SHORT)
    wrong: list[str] = [
        line for scene, one, other in chosen for line in went_wrong(scene, one, other, chance.randint(1, 12))
    ]
    assert wrong == []
    assert broken() == {}

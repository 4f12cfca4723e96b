"""What is promised of every moved conversation is asked of the database, and each promise can be broken."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils.timezone import now

from carecollective.invariants import broken
from legacy.models import EarlierMessage, Move
from legacy.services import moving
from members.models import Member
from messaging.models import Conversation, Message, Type
from messaging.services import changing, releasing
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import WORDS, earlier, empty
from tests.factories.messaging import say

pytestmark = pytest.mark.django_db

ONCE = "15 every message that was moved stands in V2 once, with the words it had"
ORDER = "15 what was merged is in the order it was said in"
PLACE = "15 every earlier conversation stands where it is said to be"
LONG_AGO = now() - timedelta(days=100)


class Moved:
    """One that came alone, two that became one, and one that nobody spoke in."""

    def __init__(self, asker: Member, helper: Member) -> None:
        self.asker, self.helper = asker, helper
        alone, twice = HelpRequestFactory(requester=asker), HelpRequestFactory(requester=asker)
        self.alone = earlier(helper, alone, (helper, WORDS), (asker, "Friday is fine."), at=LONG_AGO).pk
        said = (helper, WORDS), (asker, "First."), (asker, "Second.")
        self.oldest = earlier(helper, twice, *said, at=LONG_AGO).pk
        self.merged = earlier(helper, twice, at=LONG_AGO + timedelta(days=1)).pk
        self.empty = empty(helper, HelpRequestFactory(requester=asker)).pk
        moving.run()


@pytest.fixture
def moved(asker: Member, helper: Member) -> Moved:
    return Moved(asker, helper)


def test_all_is_as_promised_also_after_people_went_on(moved: Moved) -> None:
    thread = Conversation.objects.get(pk=moved.alone)
    changing.delete_message(moved.asker, Message.objects.get(conversation=thread).pk)
    releasing.hide(thread.pk)
    say(moved.helper, thread, "Key under the pot.", message_type=Type.SENSITIVE)
    assert broken() == {}


def altered_words(moved: Moved) -> str:
    Message.objects.filter(content="Friday is fine.").update(content="Monday is fine.")
    return ONCE


def altered_opening(moved: Moved) -> str:
    Conversation.objects.filter(pk=moved.oldest).update(initial_message="Something else entirely.")
    return ONCE


def lost(moved: Moved) -> str:
    EarlierMessage.objects.filter(content="Friday is fine.").update(conversation=moved.oldest)
    return ONCE


def in_another_order(moved: Moved) -> str:
    Message.objects.filter(content="First.").update(created_at=now())
    return ORDER


def nowhere(moved: Moved) -> str:
    Move.objects.filter(pk=moved.empty).update(outcome="converted", into_id=moved.empty, reason="")
    return PLACE


def merged_into_nothing(moved: Moved) -> str:
    Move.objects.filter(pk=moved.merged).update(into_id=uuid4())
    return PLACE


def merged_into_one_that_stayed(moved: Moved) -> str:
    Move.objects.filter(pk=moved.merged).update(into_id=moved.empty)
    return PLACE


def said_to_have_stayed(moved: Moved) -> str:
    Move.objects.filter(pk=moved.alone).update(outcome="quarantined", into_id=None, reason="refused")
    return PLACE


@pytest.mark.parametrize(
    "breaks",
    [
        altered_words,
        altered_opening,
        lost,
        in_another_order,
        nowhere,
        merged_into_nothing,
        merged_into_one_that_stayed,
        said_to_have_stayed,
    ],
    ids=lambda act: act.__name__,
)
def test_each_is_found_when_it_does_not_hold(moved: Moved, breaks: Callable[[Moved], Any]) -> None:
    assert breaks(moved) in broken()

"""A request and its offers move together."""

import pytest
from django.utils.timezone import now

from carecollective.errors import HelpRequestUnavailable
from carecollective.invariants import broken
from help_requests.models import Ending, HelpRequest, Status
from members.models import Member
from messaging.models import Conversation, Happening, Message, OfferState
from messaging.services import requests
from messaging.services.clockwork import expire_offers
from notifications.models import Notice
from tests.factories.help_requests import AGES_AGO
from tests.factories.messaging import accepted, offer, offer_to

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]
AGES_AGO_AT = now() - AGES_AGO


@pytest.fixture
def conversation(asker: Member, helper: Member) -> Conversation:
    return accepted(asker, helper)


def told(member: Member) -> list[str]:
    return list(Notice.objects.filter(member=member).order_by("number").values_list("event__kind", flat=True))


def lines(conversation) -> list[str]:
    said = Message.objects.filter(conversation=conversation).order_by("sequence")
    return list(said.values_list("happening", flat=True))


def state(conversation) -> tuple[str | None, str, Member | None]:
    now = Conversation.objects.select_related("help_request__helper").get(pk=conversation.pk)
    return now.offer_state, now.asked_for.status, now.asked_for.helper


def test_done_keeps_the_accepted_offer(asker, helper, conversation):
    requests.complete_request(asker, conversation.asked_for.pk)
    assert state(conversation) == ("accepted", Status.COMPLETED, helper)
    assert lines(conversation)[-1] == Happening.COMPLETED
    assert told(helper)[-1] == "request_completed"
    assert broken() == {}


def test_the_helper_may_say_it_is_done(helper, conversation):
    assert requests.complete_request(helper, conversation.asked_for.pk).status == Status.COMPLETED


@pytest.mark.parametrize("verb", [requests.cancel_request, requests.reopen_request])
def test_taking_back_or_opening_again_lets_the_helper_go_and_keeps_the_offer_open(asker, helper, conversation, verb):
    verb(asker, conversation.asked_for.pk)
    offer_state, _, request_helper = state(conversation)
    assert (offer_state, request_helper) == (OfferState.OFFERED, None)
    assert lines(conversation) == [Happening.ACCEPTED, Happening.RELEASED]
    assert told(helper)[-1] in ("request_cancelled", "request_reopened")
    assert broken() == {}


def test_a_completed_request_opened_again_lets_its_helper_go(asker, conversation):
    requests.complete_request(asker, conversation.asked_for.pk)
    requests.reopen_request(asker, conversation.asked_for.pk)
    assert state(conversation) == ("offered", Status.OPEN, None)
    assert broken() == {}


def test_an_ending_undone_is_as_if_it_had_not_been(asker, helper, conversation):
    requests.complete_request(asker, conversation.asked_for.pk)
    requests.undo_ending(asker, conversation.asked_for.pk)
    assert state(conversation) == ("accepted", Status.IN_PROGRESS, helper)
    assert broken() == {}


def test_a_moderator_closes_a_request_and_its_helper_is_free(moderator, helper, conversation):
    requests.close_request(moderator, conversation.asked_for.pk)
    assert state(conversation) == ("offered", Status.CLOSED, None)
    assert told(helper)[-1] == "request_closed"
    assert broken() == {}


@pytest.mark.parametrize("verb", [requests.complete_request, requests.cancel_request])
def test_whoever_waits_for_an_answer_hears_that_it_is_over(asker, helper, outsider, conversation, verb):
    offer(outsider, conversation.asked_for)
    verb(asker, conversation.asked_for.pk)
    assert told(outsider)[-1] in ("request_completed", "request_cancelled")


@pytest.mark.parametrize("verb", [requests.complete_request, requests.cancel_request, requests.reopen_request])
def test_said_twice_it_happens_and_is_told_once(asker, helper, conversation, verb):
    verb(asker, conversation.asked_for.pk)
    before = (lines(conversation), told(helper))
    verb(asker, conversation.asked_for.pk)
    assert (lines(conversation), told(helper)) == before


def test_people_who_offered_hear_of_a_change_and_those_who_took_it_back_do_not(asker, helper, outsider):
    waiting = offer_to(asker, helper)
    gone = offer(outsider, waiting.asked_for)
    Conversation.objects.filter(pk=gone.pk).update(offer_state="withdrawn", withdrawn_at=gone.created_at)
    requests.change_request(asker, waiting.asked_for.pk, title="Pick up groceries on Friday")
    assert told(helper) == ["request_changed"]
    assert told(outsider) == []


def test_the_accepted_helper_hears_of_a_change(asker, helper, conversation):
    requests.change_request(asker, conversation.asked_for.pk, title="Pick up groceries on Friday")
    assert told(helper)[-1] == "request_changed"


def test_nobody_changes_what_is_over(asker, conversation):
    requests.end_request(asker, conversation.asked_for.pk, Ending.NOT_NEEDED)
    with pytest.raises(HelpRequestUnavailable):
        requests.change_request(asker, conversation.asked_for.pk, title="Pick up groceries on Friday")
    assert HelpRequest.objects.get(pk=conversation.asked_for.pk).title == "Pick up groceries on Tuesday"


def test_an_offer_that_waits_again_has_a_new_clock(asker, conversation):
    Conversation.objects.update(offered_at=AGES_AGO_AT, reminded_at=AGES_AGO_AT)
    requests.reopen_request(asker, conversation.asked_for.pk)
    again = Conversation.objects.get()
    assert again.offered_at
    assert (again.offered_at > AGES_AGO_AT, again.reminded_at) == (True, None)
    assert expire_offers() == 0

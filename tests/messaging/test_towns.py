"""Who learns the town of a request: whoever offers, where the asker wants it so."""

import pytest

from help_requests.models import LocationPrivacy
from messaging.services import deciding
from tests.factories.help_requests import HelpRequestFactory, as_seen_by
from tests.factories.messaging import offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_for_help(asker):
    return HelpRequestFactory(requester=asker, location_privacy=LocationPrivacy.HELPERS_ONLY)


def test_whoever_offers_learns_the_town_and_nobody_else(helper, outsider, request_for_help):
    assert as_seen_by(helper, request_for_help).shown_town == ""
    offer(helper, request_for_help)
    assert as_seen_by(helper, request_for_help).shown_town == "Springfield"
    assert as_seen_by(outsider, request_for_help).shown_town == ""


def test_an_offer_taken_back_or_declined_shows_it_no_longer(asker, helper, outsider, request_for_help):
    deciding.withdraw_offer(helper, offer(helper, request_for_help).pk)
    deciding.decline_offer(asker, offer(outsider, request_for_help).pk)
    assert as_seen_by(helper, request_for_help).shown_town == ""
    assert as_seen_by(outsider, request_for_help).shown_town == ""


def test_after_match_means_after_the_yes(asker, helper):
    request = HelpRequestFactory(requester=asker, location_privacy=LocationPrivacy.AFTER_MATCH)
    conversation = offer(helper, request)
    assert as_seen_by(helper, request).shown_town == ""
    deciding.accept_offer(asker, conversation.pk)
    assert as_seen_by(helper, request).shown_town == "Springfield"

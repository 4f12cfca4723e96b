"""A new site has somebody to sign in as and something to look at, once."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from carecollective.invariants import broken
from help_requests.categories import SLUGS
from help_requests.models import HelpRequest, Urgency
from help_requests.models import Status as RequestStatus
from members import roles
from members.models import Member, VerificationStatus
from members.services import accounts, second_factor
from messaging.models import Conversation, Message, OfferState, Status
from tests.factories.members import MemberFactory

pytestmark = pytest.mark.django_db


def loaded() -> list[list[str]]:
    printed = StringIO()
    call_command("load_demo", stdout=printed)
    return [line.split() for line in printed.getvalue().splitlines()[1:]]


def test_there_are_members_of_every_standing_and_staff_of_every_role() -> None:
    loaded()
    assert set(Member.objects.values_list("verification_status", flat=True)) == set(VerificationStatus.values)
    assert set(Member.objects.filter(is_staff=True).values_list("groups__name", flat=True)) == set(roles.ALL)


def test_there_are_requests_of_every_topic_state_and_urgency() -> None:
    loaded()
    assert set(HelpRequest.objects.values_list("category", flat=True)) == set(SLUGS)
    assert set(HelpRequest.objects.values_list("status", flat=True)) == set(RequestStatus.values)
    assert set(HelpRequest.objects.values_list("urgency", flat=True)) == set(Urgency.values)


def test_there_are_offers_in_every_state_and_what_must_be_true_is_true() -> None:
    loaded()
    assert set(Conversation.objects.values_list("offer_state", flat=True)) == set(OfferState.values)
    assert Conversation.objects.filter(status=Status.CLOSED).exists()
    assert not Message.objects.filter(created_at__gt=now()).exists()
    assert not broken()


def test_what_was_printed_opens_the_door() -> None:
    for _, email, password, *code in loaded():
        member = accounts.sign_in(email, password, "127.0.0.1")
        assert bool(code) == member.is_staff
        if code:
            second_factor.must_know_code(member, code[-1])


def test_it_is_printed_once() -> None:
    loaded()
    assert loaded() == []
    assert Member.objects.count() == 17


def test_a_community_of_real_people_is_left_alone() -> None:
    MemberFactory()
    with pytest.raises(CommandError, match="has members already"):
        call_command("load_demo", stdout=StringIO())
    assert Member.objects.count() == 1

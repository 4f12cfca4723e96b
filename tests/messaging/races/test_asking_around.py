"""Two moderators ask around in the same moment: a request is asked for once, and a person is asked once."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from audit.models import AuditEntry
from members import roles
from members.models import Member
from messaging.services.asking_around import ask_around
from notifications.models import Notice
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.help_requests.test_races import at_once

pytestmark = pytest.mark.committed


@pytest.mark.parametrize("count", [1, 4])
def test_a_request_is_asked_for_once_and_a_neighbour_is_asked_once(count: int, asker: Member, helper: Member) -> None:
    """Four times for one request, or once for each of four: the one neighbour has one notice."""
    waiting = [HelpRequestFactory(requester=asker, created_at=now() - timedelta(days=3)) for _ in range(count)]
    staff = MemberFactory.create_batch(4, role=roles.MODERATOR)
    for one in staff:
        one.town = "Elsewhere"
        one.save()
    calls = [(staff[place], waiting[place % count]) for place in range(4)]
    outcome = at_once(*(lambda who=who, what=what: ask_around(who, what.pk) for who, what in calls))
    assert sorted(outcome) == ["done", *["permission_denied"] * 3]
    assert [notice.member for notice in Notice.objects.filter(event__kind="request_needs_help")] == [helper]
    assert AuditEntry.objects.filter(action="asked_around").count() == 1

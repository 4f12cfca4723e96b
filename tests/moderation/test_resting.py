"""Care for moderators: the queue says when it is enough."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from members.models import Member
from moderation.services import cases, resting
from tests.factories.members import MemberFactory
from tests.factories.moderation import an_open_case

pytestmark = pytest.mark.django_db


@contextmanager
def later(minutes: int) -> Iterator[None]:
    moment = timezone.now() + timedelta(minutes=minutes)
    with mock.patch.object(resting, "now", return_value=moment):
        yield


def test_twenty_cases_in_a_row_are_enough(moderator: Member) -> None:
    for number in range(20):
        assert not resting.needs_a_break(moderator), number
        cases.claim(moderator, an_open_case(MemberFactory()).pk)
    assert resting.needs_a_break(moderator)
    with later(11):
        assert not resting.needs_a_break(moderator), "ten quiet minutes are a break"

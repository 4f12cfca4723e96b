"""A request rests after its time, and nobody is surprised."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from help_requests.models import Ending, HelpRequest, Status
from help_requests.services import expiry
from help_requests.services.expiry import close_expired_requests, remind_of_expiry
from members.models import Member
from notifications.models import Notice
from tests.factories.help_requests import HelpRequestFactory, as_seen_by

pytestmark = pytest.mark.django_db


def test_an_expired_request_is_closed_and_its_asker_told_once(asker: Member) -> None:
    request = HelpRequestFactory(requester=asker, expired=True)

    assert close_expired_requests() == 1
    assert close_expired_requests() == 0

    request.refresh_from_db()
    assert (request.status, request.ending) == (Status.CLOSED, Ending.EXPIRED)
    assert Notice.objects.filter(member=asker, event__kind="request_closed").count() == 1


def test_it_counts_as_closed_even_before_the_job_comes_by(asker: Member, outsider: Member) -> None:
    request = HelpRequestFactory(requester=asker, expired=True)
    for member in (asker, outsider):
        assert as_seen_by(member, request).shown_status == Status.CLOSED
        assert not HelpRequest.objects.listed_for(member)


def test_a_request_somebody_helps_with_does_not_expire() -> None:
    HelpRequestFactory(in_progress=True, expires_at=now() - timedelta(days=1))
    HelpRequestFactory(ongoing=True)
    HelpRequestFactory()
    assert close_expired_requests() == 0


def test_all_of_many_are_closed_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "BATCH", 2)
    HelpRequestFactory.create_batch(5, expired=True)
    assert close_expired_requests() == 5


def test_the_asker_is_reminded_once_in_the_last_week(asker: Member) -> None:
    HelpRequestFactory(requester=asker, expires_at=now() + timedelta(days=6))
    HelpRequestFactory(requester=asker, expires_at=now() + timedelta(days=8))
    HelpRequestFactory(requester=asker, expired=True)

    assert remind_of_expiry() == 1
    assert remind_of_expiry() == 0
    assert list(Notice.objects.values_list("member", "event__kind")) == [(asker.pk, "request_expiring")]

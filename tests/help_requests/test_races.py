"""Two at once on one request: one wins, the other hears why, nothing breaks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from carecollective.errors import Refusal
from help_requests.models import HelpRequest, Status
from help_requests.services import asking, expiry, moving
from members import limits
from notifications.models import Notice
from tests.factories.help_requests import HelpRequestFactory, helped_by
from tests.factories.members import MemberFactory

pytestmark = pytest.mark.committed


def at_once(*acts: Callable[[], object]) -> list[str]:
    """How each ended: done, or the code of its refusal."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        try:
            _be_patient()
            start.wait()
            act()
            return "done"
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def _be_patient() -> None:
    # A busy machine would turn waiting for each other into “service_unavailable”, which is right but not the subject.
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '60s'; SET statement_timeout = '60s'")


def test_done_and_taken_back_at_once_is_one_of_them() -> None:
    for _ in range(5):
        asker, helper = MemberFactory(), MemberFactory()
        request = helped_by(helper, requester=asker)

        outcome = at_once(
            lambda: moving.complete_request(helper, request.pk),  # noqa: B023
            lambda: moving.cancel_request(asker, request.pk),  # noqa: B023
        )

        assert sorted(outcome) == ["done", "help_request_unavailable"]
        request.refresh_from_db()
        won = Status.COMPLETED if outcome[0] == "done" else Status.CANCELLED
        assert request.status == won


def test_both_saying_done_at_once_is_done_and_told_once() -> None:
    asker, helper = MemberFactory(), MemberFactory()
    request = helped_by(helper, requester=asker)
    people = (asker, helper) * 4
    assert set(at_once(*(lambda who=who: moving.complete_request(who, request.pk) for who in people))) == {"done"}
    assert Notice.objects.count() == 1


def test_one_key_twenty_times_at_once_is_one_request() -> None:
    asker = MemberFactory()
    wish = asking.Wish("Pick up groceries", "groceries-meals")
    assert set(at_once(*[lambda: asking.post_request(asker, wish, "key")] * 20)) == {"done"}
    assert HelpRequest.objects.count() == 1


def test_the_daily_limit_is_exact_under_a_burst() -> None:
    asker = MemberFactory()
    wish = asking.Wish("Pick up groceries", "groceries-meals")
    outcome = at_once(*[lambda: asking.post_request(asker, wish)] * 15)
    assert outcome.count("done") == limits.HELP_REQUESTS.most == HelpRequest.objects.count()
    assert outcome.count("rate_limited") == 5


def test_two_jobs_at_once_close_each_request_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "BATCH", 3)
    HelpRequestFactory.create_batch(12, expired=True)

    assert at_once(*[expiry.close_expired_requests] * 3) == ["done"] * 3

    assert HelpRequest.objects.filter(status=Status.CLOSED).count() == 12
    assert Notice.objects.count() == 12


def test_the_job_passes_by_a_request_its_asker_opens_again() -> None:
    asker = MemberFactory()
    request = HelpRequestFactory(requester=asker, expired=True)
    assert at_once(expiry.close_expired_requests, lambda: moving.reopen_request(asker, request.pk)) == ["done"] * 2
    request.refresh_from_db()
    assert request.status == Status.OPEN

"""Two at once on one request: one wins, the other hears why, nothing breaks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from carecollective.database import new_id
from carecollective.errors import Refusal
from help_requests.models import HelpRequest, RequestDraft, Status
from help_requests.services import asking, drafting, expiry, moving
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


def test_one_draft_posted_twenty_times_at_once_is_one_request() -> None:
    asker = MemberFactory()
    wish = asking.Wish("Pick up groceries", "groceries-meals")
    drafting.keep_answers(asker, new_id(), {"title": wish.title})
    draft = RequestDraft.objects.of(asker)
    assert set(at_once(*[lambda: drafting.post_draft(draft, wish)] * 20)) == {"done"}
    assert HelpRequest.objects.count() == 1
    assert not RequestDraft.objects.exists()


def test_first_answers_from_two_windows_at_once_make_one_draft_with_both() -> None:
    for _ in range(5):
        asker = MemberFactory()
        windows = [new_id(), new_id()]
        acts = [
            lambda: drafting.keep_answers(asker, windows[0], {"category": "other"}),  # noqa: B023
            lambda: drafting.keep_answers(asker, windows[1], {"title": "Pick up groceries"}),  # noqa: B023
        ]
        assert at_once(*acts) == ["done"] * 2
        draft = RequestDraft.objects.get(member=asker)
        assert draft.answers == {"category": "other", "title": "Pick up groceries"}
        assert draft.client_id in windows


def test_posting_in_one_window_while_answering_in_another_loses_nothing() -> None:
    """Either the answer comes first, and posting asks for another look; or it comes too late, and hears so."""
    for _ in range(10):
        asker = MemberFactory()
        wish = asking.Wish("Pick up groceries", "groceries-meals")
        draft = drafting.keep_answers(asker, new_id(), {"title": wish.title})
        as_read = RequestDraft.objects.of(asker)
        outcome = at_once(
            lambda: drafting.post_draft(as_read, wish),  # noqa: B023
            lambda: drafting.keep_answers(asker, draft.client_id, {"title": "Mow the lawn"}),  # noqa: B023
        )
        posted = HelpRequest.objects.filter(requester=asker).count()
        assert outcome == (["done", "idempotency_key_reused"] if posted else ["validation_error", "done"])
        assert RequestDraft.objects.filter(member=asker).count() == 1 - posted


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

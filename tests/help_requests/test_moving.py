"""What becomes of a request, who may say so, and who hears of it."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from audit.models import AuditEntry
from carecollective.errors import HelpRequestUnavailable, NotFound, NotPermitted
from help_requests.models import Ending, HelpRequest, Status
from help_requests.services import moving
from members.models import Member
from messaging.services import requests
from notifications.models import Notice
from tests.factories.help_requests import HelpRequestFactory, helped_by

pytestmark = pytest.mark.django_db


def told(member: Member) -> list[str]:
    return list(Notice.objects.filter(member=member).order_by("number").values_list("event__kind", flat=True))


def test_the_asker_says_it_is_done_and_the_helper_hears_of_it(asker: Member, helper: Member) -> None:
    request = helped_by(helper, requester=asker)

    done = moving.complete_request(asker, request.pk)

    assert (done.status, done.ending, done.helper) == (Status.COMPLETED, Ending.HELPED_HERE, helper)
    assert done.completed_at
    assert done.in_progress_at
    assert told(helper) == ["request_completed"]
    assert told(asker) == []


def test_the_helper_says_it_is_done_and_the_asker_hears_of_it(asker: Member, helper: Member) -> None:
    request = helped_by(helper, requester=asker)
    assert moving.complete_request(helper, request.pk).status == Status.COMPLETED
    assert told(asker) == ["request_completed"]


def test_an_asker_may_have_found_help_elsewhere(asker: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    done = requests.end_request(asker, request.pk, Ending.HELPED_ELSEWHERE)
    assert (done.status, done.ending, done.helper) == (Status.COMPLETED, Ending.HELPED_ELSEWHERE, None)


def test_no_longer_needed_takes_it_back_and_lets_the_helper_go(asker: Member, helper: Member) -> None:
    request = helped_by(helper, requester=asker)

    gone = requests.end_request(asker, request.pk, Ending.NOT_NEEDED)

    assert (gone.status, gone.helper) == (Status.CANCELLED, None)
    assert told(helper) == ["request_cancelled"]


@pytest.mark.parametrize("verb", [moving.complete_request, moving.cancel_request, moving.reopen_request])
def test_saying_it_twice_changes_and_tells_nothing_more(asker: Member, helper: Member, verb) -> None:
    request = helped_by(helper, requester=asker)

    first, again = verb(asker, request.pk), verb(asker, request.pk)

    assert first.updated_at == again.updated_at
    assert len(told(helper)) == 1


@pytest.mark.parametrize("verb", [moving.cancel_request, moving.reopen_request, moving.undo_ending])
def test_a_helper_decides_nothing_else_for_the_asker(asker: Member, helper: Member, verb) -> None:
    request = helped_by(helper, requester=asker)
    with pytest.raises(NotPermitted):
        verb(helper, request.pk)


@pytest.mark.parametrize(
    "verb", [moving.complete_request, moving.cancel_request, moving.reopen_request, moving.undo_ending]
)
def test_an_outsider_moves_nothing(outsider: Member, waiting: Member, verb) -> None:
    request = HelpRequestFactory()
    with pytest.raises(NotPermitted):
        verb(outsider, request.pk)
    with pytest.raises((NotFound, NotPermitted)):
        verb(waiting, request.pk)
    assert HelpRequest.objects.get().status == Status.OPEN


@pytest.mark.parametrize("state", ["completed", "cancelled", "expired"])
def test_what_is_over_can_be_opened_again_for_thirty_new_days(asker: Member, state: str) -> None:
    request = HelpRequestFactory(requester=asker, reminded_at=now(), **{state: True})

    again = moving.reopen_request(asker, request.pk)

    assert (again.status, again.shown_status, again.ending) == (Status.OPEN, Status.OPEN, "")
    assert (again.completed_at, again.cancelled_at, again.closed_at, again.reminded_at) == (None,) * 4
    assert again.reopened_at
    assert again.expires_at
    assert again.expires_at > now() + timedelta(days=29)


def test_in_its_last_week_an_open_request_may_stay_up(asker: Member) -> None:
    near = HelpRequestFactory(requester=asker, expires_at=now() + timedelta(days=3), reminded_at=now())
    fresh = HelpRequestFactory(requester=asker)

    kept = moving.reopen_request(asker, near.pk)

    assert kept.expires_at
    assert kept.expires_at > now() + timedelta(days=29)
    assert kept.reminded_at is None
    assert moving.reopen_request(asker, near.pk).expires_at == kept.expires_at
    assert moving.reopen_request(asker, fresh.pk).expires_at == fresh.expires_at


def test_opening_again_lets_the_helper_go_and_tells_them(asker: Member, helper: Member) -> None:
    request = helped_by(helper, requester=asker)
    again = moving.reopen_request(asker, request.pk)
    assert (again.status, again.helper, again.in_progress_at) == (Status.OPEN, None, None)
    assert told(helper) == ["request_reopened"]


def test_a_mistake_is_undone_within_ten_minutes_and_the_helper_goes_on(asker: Member, helper: Member) -> None:
    request = helped_by(helper, requester=asker)
    moving.complete_request(asker, request.pk)

    back = moving.undo_ending(asker, request.pk)

    assert (back.status, back.helper, back.completed_at) == (Status.IN_PROGRESS, helper, None)
    assert back.expires_at == request.expires_at
    assert moving.undo_ending(asker, request.pk).updated_at == back.updated_at


def test_undoing_what_was_taken_back_opens_it_without_a_helper(asker: Member, helper: Member) -> None:
    request = helped_by(helper, requester=asker)
    moving.cancel_request(asker, request.pk)
    back = moving.undo_ending(asker, request.pk)
    assert (back.status, back.helper, back.in_progress_at) == (Status.OPEN, None, None)


def test_after_ten_minutes_it_is_too_late_to_undo(asker: Member) -> None:
    request = HelpRequestFactory(requester=asker, completed=True, completed_at=now() - timedelta(minutes=11))
    with pytest.raises(HelpRequestUnavailable):
        moving.undo_ending(asker, request.pk)


def test_what_is_over_cannot_be_ended_another_way(asker: Member) -> None:
    done = HelpRequestFactory(requester=asker, completed=True)
    gone = HelpRequestFactory(requester=asker, cancelled=True)
    with pytest.raises(HelpRequestUnavailable):
        moving.cancel_request(asker, done.pk)
    with pytest.raises(HelpRequestUnavailable):
        moving.complete_request(asker, gone.pk)


def test_a_moderator_closes_for_good_on_record(asker: Member, helper: Member, moderator: Member) -> None:
    request = helped_by(helper, requester=asker)

    closed = moving.close_request(moderator, request.pk)

    assert (closed.status, closed.ending, closed.helper) == (Status.CLOSED, Ending.BY_STAFF, None)
    assert told(asker) == told(helper) == ["request_closed"]
    assert AuditEntry.objects.filter(action="help_request_closed", actor=moderator.pk).count() == 1
    with pytest.raises(HelpRequestUnavailable):
        moving.reopen_request(asker, request.pk)
    with pytest.raises(HelpRequestUnavailable):
        moving.undo_ending(asker, request.pk)


def test_only_moderators_close_for_others(asker: Member, verifier: Member) -> None:
    request = HelpRequestFactory()
    for member in (asker, verifier):
        with pytest.raises(NotPermitted):
            moving.close_request(member, request.pk)
    assert not AuditEntry.objects.exists()


def test_accepting_and_giving_back_leave_a_row_the_database_agrees_with(asker: Member, helper: Member) -> None:
    """The two parts messaging builds its verbs on."""
    request = HelpRequestFactory(requester=asker)
    moving.give_to(request, helper)
    request.refresh_from_db()
    assert (request.status, request.helper) == (Status.IN_PROGRESS, helper)
    moving.take_from_helper(request)
    request.refresh_from_db()
    assert (request.status, request.helper, request.in_progress_at) == (Status.OPEN, None, None)

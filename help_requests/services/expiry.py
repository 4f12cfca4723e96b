"""A request rests after 30 days: its asker hears of it a week before and when it happens."""

from django.db import transaction
from django.db.models.functions import Now

import notifications.services as notifications
from help_requests.models import Ending, HelpRequest, Status
from help_requests.models.visibility import HelpRequests

BATCH = 100


def close_expired_requests() -> int:
    closed = 0
    while batch := _close_some():
        closed += batch
    return closed


def remind_of_expiry() -> int:
    reminded = 0
    while batch := _remind_some():
        reminded += batch
    return reminded


@transaction.atomic
def _close_some() -> int:
    found = _locked(HelpRequest.objects.expired())
    _rows(found).update(status=Status.CLOSED, ending=Ending.EXPIRED, closed_at=Now(), updated_at=Now())
    for request in found:
        notifications.record("request_closed", about=request, to=[request.requester], ending=Ending.EXPIRED.value)
    return len(found)


@transaction.atomic
def _remind_some() -> int:
    found = _locked(HelpRequest.objects.expiring_soon())
    _rows(found).update(reminded_at=Now())
    for request in found:
        notifications.record("request_expiring", about=request, to=[request.requester], on=request.expires_at)
    return len(found)


def _locked(rows: HelpRequests) -> list[HelpRequest]:
    """Some of them, leaving out those another worker or a verb holds; by asker, as their notices are counted."""
    held = rows.select_for_update(of=("self",), skip_locked=True)
    return list(held.select_related("requester").order_by("requester_id", "id")[:BATCH])


def _rows(found: list[HelpRequest]) -> HelpRequests:
    return HelpRequest.objects.filter(pk__in=[request.pk for request in found])

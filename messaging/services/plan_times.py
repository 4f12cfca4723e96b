"""What time does to plans: a reminder the day before, a question the day after. The worker comes here."""

# The days are those of the place, so each plan is asked itself; the database only brings those that may be near.

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.timezone import now

import notifications.services as notifications
from help_requests.models import HelpRequest
from help_requests.models import Status as RequestStatus
from messaging.models import Conversation, Plan

# From nine in the morning to the last minute of the day after are 39 hours, and one more when the clocks go back.
BEFORE = timedelta(hours=41)
# Whoever could not be asked in this time, because nothing of ours ran, is left in peace.
AFTER = timedelta(days=7)


def remind_of_plans() -> int:
    """Both, once for each agreed version, while the request goes on."""
    at = now()
    return sum(_remind(plan, at) for plan in _near(_to_remind(at)) if plan.is_for_tomorrow(at))


def ask_whether_it_helped() -> int:
    """Whoever asked, once, unless they have said it."""
    at = now()
    return sum(_ask(plan, at) for plan in _near(_to_ask(at)) if plan.is_over(at))


def _to_remind(at: datetime) -> QuerySet[Plan]:
    return _going_on().filter(reminded_at__isnull=True, starts_at__gt=at, starts_at__lte=at + BEFORE)


def _to_ask(at: datetime) -> QuerySet[Plan]:
    # A “not yet” said before the time was true, but no answer.
    is_open = Q(answer="") | Q(answered_at__lt=F("starts_at"))
    return _going_on().filter(is_open, asked_at__isnull=True, starts_at__gt=at - AFTER, starts_at__lte=at)


def _going_on() -> QuerySet[Plan]:
    return Plan.objects.agreed().filter(help_request__status=RequestStatus.IN_PROGRESS)


def _near(plans: QuerySet[Plan]) -> list[Plan]:
    return list(plans.order_by("starts_at").only("help_request", "conversation", "day", "time_zone"))


@transaction.atomic
def _remind(found: Plan, at: datetime) -> bool:
    plan = _held(found, _to_remind(at))
    if plan is None or not plan.is_for_tomorrow(at):
        return False
    Plan.objects.filter(pk=plan.pk).update(reminded_at=Now())
    offer = plan.conversation
    people, asked = offer.still_there(offer.requester, offer.helper), plan.help_request_id
    notifications.record("plan_tomorrow", about=offer, to=people, help_request=asked)
    return True


@transaction.atomic
def _ask(found: Plan, at: datetime) -> bool:
    plan = _held(found, _to_ask(at))
    if plan is None or not plan.is_over(at):
        return False
    Plan.objects.filter(pk=plan.pk).update(asked_at=Now())
    offer, asked = plan.conversation, plan.help_request_id
    notifications.record("plan_over", about=offer, to=offer.still_there(offer.requester), help_request=asked)
    return True


def _held(found: Plan, due: QuerySet[Plan]) -> Plan | None:
    """Still so, now that nobody else moves it."""
    HelpRequest.objects.hold(found.help_request_id)
    thread = Conversation.objects.select_for_update(no_key=True).filter(pk=found.conversation_id)
    list(thread.values_list("pk"))
    return due.filter(pk=found.pk).select_related("conversation__requester", "conversation__helper").first()

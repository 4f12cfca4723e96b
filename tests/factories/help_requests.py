"""Requests for help, in every state."""

from datetime import timedelta
from typing import Any

import factory
from django.utils.timezone import now

from help_requests.models import Ending, HelpRequest, Status
from members.models import Member
from tests.factories.members import MemberFactory

AGES_AGO = timedelta(days=40)


class HelpRequestFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = HelpRequest

    requester = factory.SubFactory(MemberFactory)
    title = "Pick up groceries on Tuesday"
    description = "My hip hurts and I cannot carry bags. The market on Oak Street has all of it."
    category = "groceries-meals"
    subcategory = factory.LazyAttribute(
        lambda asked: "shopping-delivery" if asked.category == "groceries-meals" else ""
    )
    town = factory.SelfAttribute("requester.town")
    expires_at = factory.LazyFunction(lambda: now() + timedelta(days=30))

    class Params:
        ongoing = factory.Trait(is_ongoing=True, expires_at=None)
        expired = factory.Trait(
            created_at=factory.LazyFunction(lambda: now() - AGES_AGO),
            expires_at=factory.LazyFunction(lambda: now() - timedelta(minutes=1)),
        )
        in_progress = factory.Trait(
            status=Status.IN_PROGRESS,
            helper=factory.SubFactory(MemberFactory),
            in_progress_at=factory.LazyFunction(now),
        )
        completed = factory.Trait(
            status=Status.COMPLETED, ending=Ending.HELPED_HERE, completed_at=factory.LazyFunction(now)
        )
        cancelled = factory.Trait(
            status=Status.CANCELLED, ending=Ending.NOT_NEEDED, cancelled_at=factory.LazyFunction(now)
        )
        closed = factory.Trait(status=Status.CLOSED, ending=Ending.BY_STAFF, closed_at=factory.LazyFunction(now))


def helped_by(helper: Member, **more: Any) -> HelpRequest:
    """A request somebody has accepted this helper for."""
    return HelpRequestFactory(in_progress=True, helper=helper, **more)


def as_seen_by(member: Member, request: HelpRequest) -> HelpRequest:
    return HelpRequest.objects.one_for(member, request.pk)

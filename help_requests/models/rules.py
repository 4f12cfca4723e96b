"""What the database itself holds true about every request, each rule under a readable name."""

from collections.abc import Iterator

from django.db.models import BaseConstraint, CheckConstraint, F, Q, UniqueConstraint
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual

from help_requests.categories import CATEGORIES
from help_requests.models.words import ENDINGS, TITLE_LEAST, LocationPrivacy, Moderation, Status, Urgency


def constraints() -> list[BaseConstraint]:
    return [
        UniqueConstraint(
            name="unique_help_request_client_id", fields=["requester", "client_id"], condition=~Q(client_id="")
        ),
        *(CheckConstraint(name=f"help_requests_{name}", condition=rule) for name, rule in (*_rules(), *_moderated())),
    ]


def _rules() -> Iterator[tuple[str, Q]]:
    yield "status_known", Q(status__in=Status.values)
    yield "urgency_known", Q(urgency__in=Urgency.values)
    yield "location_privacy_known", Q(location_privacy__in=LocationPrivacy.values)
    yield "category_known", _any(Q(category=topic.slug, subcategory__in=["", *topic.kinds]) for topic in CATEGORIES)
    yield "title_is_long_enough", Q(GreaterThanOrEqual(Length("title"), TITLE_LEAST))
    yield "ending_agrees_with_status", _any(Q(status=status, ending__in=endings) for status, endings in ENDINGS.items())
    yield (
        "helper_agrees_with_status",
        (Q(status=Status.IN_PROGRESS, helper__isnull=False) | Q(status=Status.COMPLETED) | Q(helper__isnull=True))
        & ~Q(status=Status.IN_PROGRESS, helper__isnull=True),
    )
    yield "helper_is_not_requester", Q(helper__isnull=True) | ~Q(helper=F("requester"))
    yield (
        "in_progress_at_agrees",
        ~Q(status=Status.IN_PROGRESS, in_progress_at__isnull=True)
        & ~Q(status=Status.OPEN, in_progress_at__isnull=False),
    )
    for status in (Status.COMPLETED, Status.CANCELLED, Status.CLOSED):
        yield f"{status}_at_agrees", _both_or_neither(Q(status=status), Q(**{f"{status}_at__isnull": False}))
    yield "ongoing_has_no_end", _both_or_neither(Q(is_ongoing=True), Q(expires_at__isnull=True))
    yield "ongoing_has_no_day", Q(is_ongoing=False) | Q(needed_by__isnull=True)
    yield "reminded_of_an_end", Q(reminded_at__isnull=True) | Q(expires_at__isnull=False)
    yield "client_id_has_digest", _both_or_neither(Q(client_id=""), Q(client_digest=""))


def _moderated() -> Iterator[tuple[str, Q]]:
    yield "moderation_known", Q(moderation__in=["", *Moderation.values])
    yield "hidden_at_agrees", _both_or_neither(Q(moderation=Moderation.HIDDEN), Q(hidden_at__isnull=False))


def _any(rules: Iterator[Q]) -> Q:
    whole = Q()
    for rule in rules:
        whole |= rule
    return whole


def _both_or_neither(one: Q, other: Q) -> Q:
    return (one & other) | (~one & ~other)

"""Finding requests: one page of the list, as the API and the pages show it."""

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery

from carecollective import keyset
from carecollective.keyset import NEWEST_FIRST, Key, Page
from help_requests.models import HelpRequest
from help_requests.models.visibility import HelpRequests
from members.models import Member

NEWEST = "newest"
MOST_URGENT = "urgent"
ORDERS = {NEWEST: NEWEST_FIRST, MOST_URGENT: (Key("urgency_rank", keyset.number), *NEWEST_FIRST)}
MOST_QUERY = 200
MOST_COUNTED = 1000
REPEATED_NOT = re.compile(r"-[\s-]*-")


@dataclass(frozen=True)
class Filters:
    category: str = ""
    urgency: str = ""
    status: str = ""
    town: str = ""
    q: str = ""
    sort: str = NEWEST


def browse(member: Member, filters: Filters, limit: int, cursor: str = "") -> Page[HelpRequest]:
    return keyset.page(_found(member, filters).with_people(), ORDERS[filters.sort], limit, cursor)


def listed(member: Member, filters: Filters, limit: int, cursor: str = "") -> Page[HelpRequest]:
    """The same for our pages: each with how many people offered."""
    rows = _found(member, filters).with_people().with_offers()
    return keyset.page(rows, ORDERS[filters.sort], limit, cursor)


def count(member: Member, filters: Filters) -> int:
    """How many there are, counted as far as one more than we say."""
    return _found(member, filters)[: MOST_COUNTED + 1].count()


def mine(member: Member, limit: int, cursor: str = "") -> Page[HelpRequest]:
    """What I asked for, in every state."""
    rows = HelpRequest.objects.visible_to(member).filter(requester=member)
    return keyset.page(rows.with_people().with_offers(), NEWEST_FIRST, limit, cursor)


WRITTEN = (
    "id", "title", "description", "category", "subcategory", "urgency", "needed_by", "is_ongoing", "exchange_offer",
    "town", "location_privacy", "status", "created_at", "completed_at", "cancelled_at", "closed_at",
)  # fmt: skip


def of_one_member(member: Member) -> list[dict[str, Any]]:
    """Their own requests in full, for their download."""
    return list(HelpRequest.objects.filter(requester=member).order_by("created_at", "id").values(*WRITTEN))


def _found(member: Member, filters: Filters) -> HelpRequests:
    rows = HelpRequest.objects.listed_for(member, filters.status)
    if filters.category:
        rows = rows.filter(category=filters.category)
    if filters.urgency:
        rows = rows.filter(urgency=filters.urgency)
    if filters.town:
        rows = rows.in_town(filters.town)
    if filters.q:
        rows = rows.filter(search=SearchQuery(_words(filters.q), config="english", search_type="websearch"))
    return rows


def _words(q: str) -> str:
    """Many minus signs in a row are more than PostgreSQL can take apart; one says the same."""
    return REPEATED_NOT.sub("-", q)

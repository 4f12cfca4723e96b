"""Requests for help: whoever asked, what for, and how it ended; what was open is open for thirty days more."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from help_requests.categories import BY_SLUG, OTHER, fits
from help_requests.models import HelpRequest
from help_requests.models.words import (
    DESCRIPTION_MOST,
    EXCHANGE_MOST,
    LIFETIME,
    TITLE_LEAST,
    TITLE_MOST,
    TOWN_MOST,
    Ending,
    LocationPrivacy,
    Status,
    Urgency,
)
from legacy.importing.errand import Errand
from legacy.importing.request_words import CATEGORIES, STATUSES, URGENCIES
from legacy.importing.shape import PROFILES, REQUESTS
from legacy.importing.source import Source
from legacy.importing.texts import is_longer, line_of, text_of

KIND = "help requests"
NO_ID = "has no id"
NO_OWNER = "whoever asked is not here"
NEW_TITLE = "had a title too short for this site; its topic stands behind it"
CUT = "had a title or description too long for this site; the end is missing"
UNKNOWN = "had a {what} we do not know; it is “{word}” here"


def bring(errand: Errand) -> None:
    if errand.source.has(REQUESTS):
        for rows in errand.batches(_query(errand.source)):
            _bring(errand, rows)


def _query(source: Source) -> str:
    town = source.join("LEFT", PROFILES, "p", f"{source.column(PROFILES, 'p', 'id')} = {_owner(source)}")
    theirs = source.column(PROFILES, "p", "location")
    order = f"{source.column(REQUESTS, 'r', 'created_at')}, {source.column(REQUESTS, 'r', 'id')}"
    return f"SELECT {source.columns(REQUESTS, 'r')}, {theirs} AS town FROM {REQUESTS} AS r{town} ORDER BY {order}"  # noqa: S608


def _owner(source: Source) -> str:
    return source.column(REQUESTS, "r", "user_id")


@transaction.atomic
def _bring(errand: Errand, rows: list[dict[str, Any]]) -> None:
    people = errand.known(row[name] for row in rows for name in ("r_user_id", "r_helper_id"))
    here = set(HelpRequest.objects.filter(pk__in=[row["r_id"] for row in rows]).values_list("pk", flat=True))
    coming: dict[UUID, HelpRequest] = {}
    for row in rows:
        key = row["r_id"]
        if key is None or row["r_user_id"] not in people:
            errand.tally.skip(KIND, key, NO_OWNER if key else NO_ID)
        elif key in here or key in coming:
            errand.tally.keep(KIND)
        else:
            coming[key] = _request(errand, row, people)
    errand.tally.bring(KIND, len(coming))
    if not errand.is_dry:
        HelpRequest.objects.bulk_create(coming.values(), ignore_conflicts=True)


def _request(errand: Errand, row: dict[str, Any], people: set[UUID]) -> HelpRequest:
    begun = row["r_created_at"] or errand.began_at
    category, kind = _topic(errand, row)
    status = _known(errand, row, "status", STATUSES, Status.OPEN, Status.CLOSED)
    helper = row["r_helper_id"] if row["r_helper_id"] in people and row["r_helper_id"] != row["r_user_id"] else None
    request = HelpRequest(
        id=row["r_id"],
        requester_id=row["r_user_id"],
        title=_title(errand, row, BY_SLUG[category].label),
        description=text_of(row["r_description"], DESCRIPTION_MOST),
        category=category,
        subcategory=kind,
        urgency=_known(errand, row, "urgency", URGENCIES, Urgency.NORMAL, Urgency.NORMAL),
        is_ongoing=bool(row["r_is_ongoing"]),
        exchange_offer=text_of(row["r_exchange_offer"], EXCHANGE_MOST),
        town=line_of(row["r_location_override"] or row["town"], TOWN_MOST),
        location_privacy=_privacy(errand, row),
        created_at=begun,
        updated_at=row["r_updated_at"] or begun,
    )
    _stand(request, row, status, helper, errand.began_at)
    return request


def _stand(request: HelpRequest, row: dict[str, Any], status: str, helper: UUID | None, now: datetime) -> None:
    """One with a helper is open until the conversation with them is here: that says who was chosen."""
    last = request.updated_at
    request.status = Status.OPEN if status == Status.IN_PROGRESS else status
    if not request.is_ongoing:
        request.expires_at = (now if request.status == Status.OPEN else request.created_at) + LIFETIME
    if status == Status.COMPLETED:
        request.helper_id = helper
        request.ending = Ending.HELPED_HERE if helper else Ending.HELPED_ELSEWHERE
        request.in_progress_at = row["r_helped_at"]
        request.completed_at = row["r_completed_at"] or row["r_helped_at"] or last
    if status == Status.CANCELLED:
        request.ending, request.cancelled_at = Ending.NOT_NEEDED, row["r_cancelled_at"] or last
    if status == Status.CLOSED:
        request.ending, request.closed_at = Ending.EXPIRED, last


def _title(errand: Errand, row: dict[str, Any], topic: str) -> str:
    if is_longer(row["r_title"], TITLE_MOST) or is_longer(row["r_description"], DESCRIPTION_MOST):
        errand.tally.change(KIND, row["r_id"], CUT)
    title = line_of(row["r_title"], TITLE_MOST)
    if len(title) >= TITLE_LEAST:
        return title
    errand.tally.change(KIND, row["r_id"], NEW_TITLE)
    return f"{title} ({topic})" if title else topic


def _topic(errand: Errand, row: dict[str, Any]) -> tuple[str, str]:
    words = CATEGORIES | {slug: slug for slug in BY_SLUG}
    category = _known(errand, row, "category", words, OTHER, OTHER)
    kind = "-".join((row["r_subcategory"] or "").lower().split())
    return category, kind if fits(category, kind) else ""


def _privacy(errand: Errand, row: dict[str, Any]) -> str:
    """Where we do not know, as few as possible learn it."""
    words = {value: value for value in LocationPrivacy.values}
    careful = LocationPrivacy.AFTER_MATCH
    return _known(errand, row, "location_privacy", words, careful, careful)


def _known(errand: Errand, row: dict[str, Any], what: str, words: dict[str, str], *fallback: str) -> str:
    """Empty, or a word nobody knows: each has its own answer."""
    if not row[f"r_{what}"]:
        return fallback[0]
    found = words.get(row[f"r_{what}"].strip().lower())
    if found is None:
        told = UNKNOWN.format(what=what.replace("_", " "), word=fallback[1].replace("_", " "))
        errand.tally.change(KIND, row["r_id"], told)
    return found or fallback[1]

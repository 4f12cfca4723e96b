"""Asking for help, and changing what was asked."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from carecollective import strict_json
from carecollective.errors import NotValid
from help_requests import categories
from help_requests.models import HelpRequest, LocationPrivacy, Moderation, Urgency
from help_requests.models.words import LIFETIME
from help_requests.services.screened import examined, keep
from members import limits
from members.models import Member
from members.paused import Act
from members.services.accounts import must_be_served
from members.services.restrictions import hold_allowed, must_be_allowed_to
from screening.verdicts import Verdict

WRONG_KIND = "Please pick a kind that goes with this topic."
DAY_AND_ONGOING = "Please choose one: by a date, or ongoing."


@dataclass(frozen=True)
class Wish:
    """What somebody asks for, in their words; without a town it is their own."""

    title: str
    category: str
    description: str = ""
    subcategory: str = ""
    urgency: str = Urgency.NORMAL.value
    needed_by: date | None = None
    is_ongoing: bool = False
    exchange_offer: str = ""
    town: str = ""
    location_privacy: str = LocationPrivacy.PUBLIC.value

    @property
    def digest(self) -> str:
        return hashlib.sha256(strict_json.write(asdict(self))).hexdigest()


@transaction.atomic
def post_request(requester: Member, wish: Wish, client_id: str = "") -> HelpRequest:
    """The same client_id again gives the same request, even if it was changed or closed since."""
    # Their own row, so two posts of one person wait for each other and a ban waits for neither.
    asker = Member.objects.select_for_update(no_key=True).get(pk=requester.pk)
    if earlier := posted_before(asker, client_id):
        earlier.must_come_from(wish.digest)
        return HelpRequest.objects.one_for(asker, earlier.pk)
    return put_up(asker, wish, client_id)


def put_up(asker: Member, wish: Wish, client_id: str) -> HelpRequest:
    """The rest of posting, for a key that is new: called inside the transaction that holds the asker's row."""
    must_be_allowed_to(asker, Act.ASK_FOR_HELP)
    limits.take(limits.HELP_REQUESTS, asker.pk)
    asker.must_be_approved()
    _must_make_sense(asdict(wish))
    town = wish.town or asker.town
    must_be_served(town, asker.town)
    verdict = examined(_all_words(asdict(wish)), asker.trust)
    request = HelpRequest.objects.create(
        requester=asker,
        **asdict(wish) | {"town": town},
        expires_at=None if wish.is_ongoing else Now() + LIFETIME,
        client_id=client_id,
        client_digest=wish.digest if client_id else "",
        moderation=Moderation.HELD if verdict.is_held else "",
    )
    keep(verdict, (HELP_REQUEST, request.pk), asker)
    return HelpRequest.objects.one_for(asker, request.pk)


@transaction.atomic
def change_request(asker: Member, request_id: UUID, **changes: Any) -> HelpRequest:
    """Changes what is named and differs, and leaves the rest; a new topic forgets the kind, a day ends “ongoing”."""
    request = HelpRequest.objects.locked_for(asker, request_id)
    held, _ = hold_allowed(asker, Act.CHANGE_REQUEST)
    request.must_be_asked_by(asker)
    request.must_be_current()
    changes = _settled(request, changes)
    _must_make_sense({name: getattr(request, name) for name in MAKING_SENSE} | changes)
    must_be_served(changes.get("town", request.shown_town), request.shown_town)
    if not (changes := _differing(request, changes)):
        return request
    verdict = _examined_again(request, held, changes)
    moderation = _stands_as(request, verdict) if verdict else request.moderation
    rows = HelpRequest.objects.filter(pk=request.pk)
    rows.update(**changes, moderation=moderation, updated_at=Now())
    if verdict:
        # After the row, because our team seals what stands there.
        keep(verdict, (HELP_REQUEST, request.pk), held, waits=moderation == Moderation.HELD)
    return HelpRequest.objects.one_for(asker, request.pk)


def posted_before(asker: Member, client_id: str) -> HelpRequest | None:
    """What they posted under this key, if they did."""
    return HelpRequest.objects.filter(requester=asker, client_id=client_id).exclude(client_id="").first()


def _examined_again(request: HelpRequest, asker: Member, changes: dict[str, Any]) -> Verdict | None:
    """All its words together, where one of them is new."""
    if not changes.keys() & set(WORDS):
        return None
    return examined(_all_words({name: getattr(request, name) for name in WORDS} | changes), asker.trust)


def _stands_as(request: HelpRequest, verdict: Verdict) -> str:
    """One that has to be checked is its asker's alone again, and new words where none were shown are read first.

    A hidden one stays hidden: what our team reads of its new words it reads in no hurry.
    """
    if request.moderation == Moderation.HIDDEN:
        return Moderation.HIDDEN
    return Moderation.HELD if verdict.is_held or request.moderation else ""


WORDS = ("title", "description", "exchange_offer")
HELP_REQUEST = "help_request"


def _all_words(wish: dict[str, Any]) -> str:
    """As one text: what begins in the title may go on below it."""
    return "\n\n".join(filter(None, (wish[name] for name in WORDS)))


MAKING_SENSE = ("category", "subcategory", "needed_by", "is_ongoing")


def _must_make_sense(wish: dict[str, Any]) -> None:
    if not categories.fits(wish["category"], wish["subcategory"]):
        raise NotValid(fields={"subcategory": [WRONG_KIND]})
    if wish["is_ongoing"] and wish["needed_by"]:
        raise NotValid(fields={"needed_by": [DAY_AND_ONGOING]})


def _settled(request: HelpRequest, changes: dict[str, Any]) -> dict[str, Any]:
    """What follows from the changes when nothing else was said."""
    follows: dict[str, Any] = {}
    if changes.get("category", request.category) != request.category:
        follows["subcategory"] = ""
    if changes.get("needed_by"):
        follows["is_ongoing"] = False
    if changes.get("is_ongoing"):
        follows["needed_by"] = None
    settled = follows | changes
    if settled.get("is_ongoing", request.is_ongoing) != request.is_ongoing:
        settled["expires_at"] = None if settled["is_ongoing"] else Now() + LIFETIME
        settled["reminded_at"] = None
    return settled


def _differing(request: HelpRequest, changes: dict[str, Any]) -> dict[str, Any]:
    """A form sends every answer, changed or not; saving it untouched is no change anybody should hear of."""
    stands = {name: request.shown_town if name == "town" else getattr(request, name) for name in changes}
    return {name: value for name, value in changes.items() if value != stands[name]}

"""Conversations in lists: the words and signs our pages show them with."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from help_requests.models import HelpRequest
from members.models import Member
from messaging.models import Conversation, Moderation, OfferState, Status
from messaging.models.words import Show, Version
from messaging.reads import PAGE
from messaging.said import By, happening, is_open

SIGNS = {
    OfferState.OFFERED: ("clock", "info"),
    OfferState.ACCEPTED: ("check", "ok"),
    OfferState.DECLINED: ("", "plain"),
    OfferState.WITHDRAWN: ("", "plain"),
    OfferState.EXPIRED: ("", "plain"),
}
NEEDS_YOU = {"words": "Needs your answer", "icon": "alert", "tone": "warn"}
WAITS = {"words": "Waiting for an answer", "icon": "clock", "tone": "info"}
ENDED = {"words": "Ended", "icon": "", "tone": "plain"}
CHECKED = {"words": str(Status.HELD.label), "icon": "clock", "tone": "info"}
REFUSED = {"words": str(Moderation.REFUSED.label), "icon": "", "tone": "plain"}
DELETED = "Deleted message"
HIDDEN = "A moderator hid this message."
MOST_NEW = 99

# What an empty list says, and where it leads on.
EMPTY = {
    Show.ALL: {
        "words": "No messages yet. When you offer help or someone offers you help, it shows up here.",
        "page": "help_requests:list",
        "action": "See who needs help",
    },
    Show.TO_ANSWER: {
        "words": "Nothing needs your answer now. When someone offers to help you, their offer waits here.",
        "page": "messaging:inbox",
        "action": "See all messages",
    },
    Show.SENT: {
        "words": "You have not offered help yet. The offers you send show up here.",
        "page": "help_requests:list",
        "action": "See who needs help",
    },
    Show.ENDED: {
        "words": "No chat of yours has ended. When one does, you can still read it here.",
        "page": "messaging:inbox",
        "action": "See all messages",
    },
}


def row(found: dict[str, Any], member: Member) -> dict[str, Any]:
    """One conversation of an inbox; `name` is what its link says to whoever listens."""
    who, about = found["other"]["called"], (found["help_request"] or {}).get("title", "")
    new, when = capped(found["unread_count"]), moment(datetime.fromisoformat(found["last_message_at"]))
    return {
        "id": found["id"],
        "who": who,
        "about": about,
        "last": _last_words(found, member),
        # Where more is new than one page shows, it begins there.
        "begin": found["my_read_sequence"] if found["unread_count"] > PAGE else None,
        "new": new,
        "chip": _standing(found, member),
        "is_earlier": found["version"] == Version.V1,
        "name": ", ".join(filter(None, [who, about, f"{new} new" if new else "", when["when_in_full"]])),
        **when,
    }


def offer(found: dict[str, Any]) -> dict[str, Any]:
    """One offer on one's own request, as a list shows it."""
    return {
        "id": found["id"],
        "who": found["other"]["called"],
        "who_id": found["other"]["id"],
        "at": datetime.fromisoformat(found["offered_at"]),
        "words": found["initial_message"] or (HIDDEN if found["opening_moderation"] else DELETED),
        "new": capped(found["unread_count"]),
        "chip": ENDED if found["status"] == Status.CLOSED else chip(found["offer_state"]),
        "is_open": found["status"] == Status.ACTIVE and found["offer_state"] == OfferState.OFFERED,
        "is_accepted": found["offer_state"] == OfferState.ACCEPTED,
    }


def my_offer(offer: Conversation, request: HelpRequest) -> dict[str, Any]:
    """One's own offer on a request, as the request's page shows it."""
    sign = chip(str(offer.offer_state))
    if offer.status == Status.CLOSED:
        sign = ENDED
    elif offer.status == Status.HELD:
        sign = REFUSED if offer.opening_moderation == Moderation.REFUSED else CHECKED
    elif offer.offer_state == OfferState.OFFERED and request.is_current:
        sign = WAITS
    can_renew = offer.status == Status.ACTIVE and offer.offer_state in (OfferState.WITHDRAWN, OfferState.EXPIRED)
    words = "Can you help after all? You can offer again in your chat." if can_renew and request.is_current else ""
    return {"id": offer.pk, "at": offer.offered_at, "chip": sign, "words": words}


def capped(number: int) -> str:
    """How many are new; nothing where none is."""
    return f"{MOST_NEW}+" if number > MOST_NEW else str(number or "")


def chip(state: str) -> dict[str, str]:
    """Where an offer stands."""
    icon, tone = SIGNS[OfferState(state)]
    return {"words": str(OfferState(state).label), "icon": icon, "tone": tone}


def moment(at: datetime) -> dict[str, Any]:
    """Short to look at, whole to listen to."""
    local, today = timezone.localtime(at), timezone.localdate()
    clock, days_ago = date_format(local, "g:i A"), (today - local.date()).days
    if days_ago == 0:
        return {"at": at, "when": clock, "when_in_full": f"today {clock}"}
    short = "Yesterday" if days_ago == 1 else date_format(local, "M j" if local.year == today.year else "M j, Y")
    return {"at": at, "when": short, "when_in_full": date_format(local, "l, F j, g:i A")}


def _last_words(found: dict[str, Any], member: Member) -> str:
    last, other = found["last_message"], found["other"]["called"]
    by = By.whom(last["sender_id"], member)
    if last["happening"]:
        return happening(last["happening"], last["content"], by=by, other=other, is_open=is_open(found))
    if last["moderation"] == Moderation.HIDDEN:
        return HIDDEN
    words = DELETED if last["deleted_at"] else last["content"]
    return f"You: {words}" if by is By.ME else str(words)


def _standing(found: dict[str, Any], member: Member) -> dict[str, str] | None:
    """What most of all is to be known of it; nothing where two people only talk."""
    state = found["offer_state"]
    if found["status"] == Status.CLOSED:
        return ENDED
    if found["status"] == Status.HELD:
        return REFUSED if found["opening_moderation"] == Moderation.REFUSED else CHECKED
    if state != OfferState.OFFERED or not found["can_write"]:
        return chip(state) if state else None
    if not is_open(found):
        return chip(state)
    return NEEDS_YOU if found["requester_id"] == str(member.pk) else WAITS

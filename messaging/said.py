"""What happened, in the words of our pages: with names, from the side of whoever reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

from carecollective.errors import (
    HelpRequestUnavailable,
    IdempotencyKeyReused,
    NotPermitted,
    NotValid,
    OfferStateChanged,
    RateLimited,
    Refusal,
)
from help_requests.models import Status as RequestStatus
from members.models import Member
from messaging.models import Happening, OfferState
from messaging.models.conversation import CLOSED, NO_OFFER, NOT_WRITABLE
from messaging.models.words import OPENING_LEAST, THANKS_MOST
from messaging.services.changing import TOO_LONG, TOO_SHORT

NOT_NOW = "You cannot send messages in this chat now."
SENT_ALREADY = "You sent this form before, with other words. Send it once more if these should go, too."
# The contract's sentences are for programs; people read these.
PLAIN = {
    NOT_WRITABLE: NOT_NOW,
    HelpRequestUnavailable.sentence: "This request is closed now.",
    IdempotencyKeyReused.sentence: SENT_ALREADY,
    CLOSED: "This chat has ended.",
    NO_OFFER: "There is no offer in this chat.",
    TOO_SHORT: f"Please use {OPENING_LEAST} letters or more.",
    TOO_LONG: f"Please use {THANKS_MOST} letters or fewer.",
}

# As whoever did it reads it, and as the other one does.
HAPPENED: dict[str, tuple[str, str]] = {
    Happening.ACCEPTED: ("You accepted {other}’s offer.", "{other} accepted your offer."),
    Happening.DECLINED: (
        "You said no to this offer.",
        "{other} has found another way this time. Thank you for offering.",
    ),
    Happening.WITHDRAWN: ("You took your offer back.", "{other} took the offer back."),
    Happening.RENEWED: ("You offered again.", "{other} offered again."),
    Happening.CLOSED: ("You ended this chat.", "{other} ended this chat."),
    Happening.COMPLETED: ("You said that the request is done.", "{other} said that the request is done."),
    Happening.PLAN_MADE: ("You made a plan.", "{other} made a plan."),
    Happening.PLAN_CHANGED: ("You changed the plan.", "{other} changed the plan."),
    Happening.PLAN_AGREED: ("You agreed to the plan.", "{other} agreed to the plan."),
    Happening.PLAN_CANCELLED: ("You took the plan back.", "{other} took the plan back."),
}
RESTED = "This offer was not decided for two weeks, so it rests now. That happens; people get busy."
LET_GO = "The help you two agreed on has ended."
CLOSED_BY_US = "Our team ended this chat."

MEANWHILE = {
    OfferState.OFFERED: "This offer is waiting for its answer again.",
    OfferState.ACCEPTED: "This offer was accepted in the meantime.",
    OfferState.DECLINED: "This offer was answered with a no in the meantime.",
    OfferState.WITHDRAWN: "This offer was taken back in the meantime.",
    OfferState.EXPIRED: "This offer rests now, because it was not decided for two weeks.",
}


class By(Enum):
    """Who did what a line of the site tells."""

    ME = "me"
    OTHER = "other"
    US = "us"

    @classmethod
    def whom(cls, sender_id: str | None, reader: Member) -> "By":
        if sender_id is None:
            return cls.US
        return cls.ME if sender_id == str(reader.pk) else cls.OTHER


def happening(kind: str, plain: str, *, by: By, other: str, is_open: bool) -> str:
    """A line of the site in a thread; what neither of the two did, and what is new here, is said plainly."""
    if kind == Happening.EXPIRED:
        return RESTED
    if kind == Happening.CLOSED and by is By.US:
        return CLOSED_BY_US
    if kind == Happening.RELEASED and not is_open:
        return LET_GO
    if kind not in HAPPENED or by is By.US:
        return plain
    mine, theirs = HAPPENED[kind]
    return (mine if by is By.ME else theirs).format(other=other)


def helped(times: int) -> str:
    """In words, where a thank-you is read; no ranks, and nothing where nothing counts yet."""
    if not times:
        return ""
    return "You have helped once." if times == 1 else f"You have helped {times} times."


def is_open(found: dict[str, Any]) -> bool:
    """Whether the request of this conversation still looks for a helper."""
    return bool((found["help_request"] or {}).get("status") == RequestStatus.OPEN)


def meanwhile(refusal: OfferStateChanged) -> str:
    """One sentence about where an offer stands now."""
    if refusal.words != OfferStateChanged.sentence:
        return PLAIN.get(refusal.words, refusal.words)
    return MEANWHILE.get(refusal.extras.get("offer_state", ""), refusal.words)


@contextmanager
def in_plain_words() -> Iterator[None]:
    """What a verb refuses in the contract's words, in ours."""
    try:
        yield
    except OfferStateChanged as refusal:
        raise OfferStateChanged(meanwhile(refusal), **refusal.extras) from refusal
    except (HelpRequestUnavailable, IdempotencyKeyReused, NotPermitted, NotValid, RateLimited) as refusal:
        raise _in_ours(refusal) from refusal


def _in_ours(refusal: Refusal) -> Refusal:
    extras = dict(refusal.extras)
    if "fields" in extras:
        extras["fields"] = {name: [PLAIN.get(line, line) for line in said] for name, said in extras["fields"].items()}
    return type(refusal)(PLAIN.get(refusal.words, refusal.words), **extras)

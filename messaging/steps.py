"""The steps of an offer and a chat, as their pages ask for them and say them afterwards."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from messaging.models import OfferState
from messaging.services import closing, deciding


@dataclass(frozen=True)
class Step:
    verb: Callable[..., Any]
    # None where it moves no offer.
    leads_to: OfferState | None
    heading: str
    words: str
    button: str
    rather_not: str
    done: str
    is_grave: bool = False

    def said_to(self, me: str, other: str) -> "Step":
        names = ("heading", "words", "button", "rather_not", "done")
        return replace(self, **{name: getattr(self, name).format(me=me, other=other) for name in names})


ACCEPT = Step(
    deciding.accept_offer,
    OfferState.ACCEPTED,
    "Say yes to {other}?",
    "{other} will be your helper. Next, the two of you agree on a day and a place.",
    "Yes, accept",
    "Not now",
    "You said yes. {other} is your helper, and we are telling {other}.",
)
DECLINE = Step(
    deciding.decline_offer,
    OfferState.DECLINED,
    "Say no to {other}?",
    "{other} will read: “{me} has found another way this time. Thank you for offering.” "
    "After that, neither of you can write in this chat. This cannot be undone.",
    "Send my answer",
    "Not now",
    "Your answer is sent.",
)
WITHDRAW = Step(
    deciding.withdraw_offer,
    OfferState.WITHDRAWN,
    "Take back your offer?",
    "We tell {other}. Neither of you can write here after that. If you want to say why, write it first. "
    "While the request is open, you can offer again.",
    "Take back my offer",
    "Keep my offer",
    "You took your offer back. We are telling {other}.",
)
LET_GO = replace(
    WITHDRAW,
    heading="You cannot help after all?",
    words="That happens. We tell {other} at once, so that somebody else can offer. "
    "Neither of you can write here after that. If you want to say why, write it first.",
    button="I cannot help after all",
    rather_not="Keep helping",
    is_grave=True,
)
RENEW = Step(
    deciding.renew_offer,
    OfferState.OFFERED,
    "Offer again?",
    "We tell {other} that you can help after all.",
    "Offer again",
    "Not now",
    "Your offer stands again. We are telling {other}.",
)
CLOSE = Step(
    closing.close_conversation,
    None,
    "End this chat with {other}?",
    "Neither of you can write in it any more. You can both read it at any time. We tell {other}.",
    "End this chat",
    "Keep it open",
    "This chat has ended.",
    is_grave=True,
)
CLOSE_WITH_HELP = replace(CLOSE, words=f"{CLOSE.words} The help you agreed on stays as it is.")

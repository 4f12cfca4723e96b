"""Every kind of event people are told about, and how. Its words are templates/notifications/<kind>.txt."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class Mail(Enum):
    NEVER = "never"
    # Not sent when the notice was read first; the person's own wishes come in here too.
    OPTIONAL = "optional"
    ALWAYS = "always"


@dataclass(frozen=True)
class Kind:
    name: str
    mail: Mail = Mail.OPTIONAL
    bell: bool = True
    # Within it, a person gets one mail of this kind about one thing; the bell still tells them each.
    pause: timedelta | None = None


QUARTER = timedelta(minutes=15)

KINDS = {
    kind.name: kind
    for kind in (
        Kind("membership_approved", mail=Mail.ALWAYS),
        Kind("membership_rejected", mail=Mail.ALWAYS),
        Kind("restriction_ended", mail=Mail.ALWAYS),
        # Who asks our team something waits for exactly this.
        Kind("question_answered", mail=Mail.ALWAYS),
        # What our moderators decided cannot be switched off.
        Kind("decision_made", mail=Mail.ALWAYS),
        Kind("decision_reversed", mail=Mail.ALWAYS),
        Kind("report_answered", mail=Mail.ALWAYS),
        Kind("outcome_changed", mail=Mail.ALWAYS),
        Kind("appeal_answered", mail=Mail.ALWAYS),
        Kind("request_expiring"),
        Kind("request_closed"),
        Kind("request_completed"),
        Kind("request_cancelled"),
        Kind("request_reopened"),
        Kind("request_changed", pause=QUARTER),
        Kind("request_needs_help"),
        Kind("offer_received"),
        Kind("offer_waiting"),
        Kind("offer_accepted"),
        Kind("offer_declined"),
        Kind("offer_withdrawn", pause=QUARTER),
        Kind("offer_renewed", pause=QUARTER),
        Kind("offer_expired"),
        Kind("conversation_started"),
        Kind("conversation_closed", pause=QUARTER),
        Kind("message_received", pause=QUARTER),
        Kind("plan_made", pause=QUARTER),
        Kind("plan_changed", pause=QUARTER),
        Kind("plan_agreed", pause=QUARTER),
        Kind("plan_cancelled", pause=QUARTER),
        Kind("plan_tomorrow"),
        Kind("plan_over"),
        Kind("thanked"),
        # For our team alone, which listens.
        Kind("text_held", mail=Mail.NEVER, bell=False),
        Kind("text_flagged", mail=Mail.NEVER, bell=False),
    )
}


def kind_named(name: str) -> Kind:
    if name not in KINDS:
        raise LookupError(f"{name} is not a kind of event. Kinds stand in notifications/kinds.py.")
    return KINDS[name]

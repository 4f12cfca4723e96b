"""Every kind of event people are told about, and how. Its words are templates/notifications/<kind>.txt."""

from dataclasses import dataclass
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


KINDS = {
    kind.name: kind
    for kind in (
        Kind("membership_approved", mail=Mail.ALWAYS),
        Kind("membership_rejected", mail=Mail.ALWAYS),
        Kind("request_expiring"),
        Kind("request_closed"),
        Kind("request_completed"),
        Kind("request_cancelled"),
        Kind("request_reopened"),
    )
}


def kind_named(name: str) -> Kind:
    if name not in KINDS:
        raise LookupError(f"{name} is not a kind of event. Kinds stand in notifications/kinds.py.")
    return KINDS[name]

"""What somebody who joins has told us so far; their session keeps it until they send it."""

import time
from typing import Any

from django.http import HttpRequest

from members.models import Member
from members.services.access import digest_of

KEPT_SECONDS = 60 * 60 * 12
STEPS = (
    ("members:join", ("name", "called", "email", "password_hash")),
    ("members:join_area", ("town",)),
)


def told(request: HttpRequest) -> dict[str, Any]:
    """Forgotten after half a day, because the next person at this computer may be another one."""
    answers = request.session.get("joining", {})
    return answers if time.time() - answers.get("since", 0) < KEPT_SECONDS else {}


def keep(request: HttpRequest, **answers: str) -> None:
    request.session["joining"] = told(request) | answers | {"since": int(time.time())}


def first_open_step(request: HttpRequest, before: str) -> str | None:
    """The earliest step that still waits for its answers, if it comes before this one."""
    answers = told(request)
    for step, names in STEPS:
        if step == before:
            return None
        if not all(answers.get(name) for name in names):
            return step
    return None


def mark_sent(request: HttpRequest, email: str, password_hash: str) -> None:
    """Forgets the answers, and remembers that this very browser sent them."""
    request.session.pop("joining", None)
    request.session["joined"] = {"email": email, "proof": digest_of(password_hash)}


def sent_to(request: HttpRequest) -> str:
    return str(request.session.get("joined", {}).get("email", ""))


def were_sent_for(request: HttpRequest, member: Member) -> bool:
    """Whether this browser made this account; for an address that was known before, it did not."""
    return bool(request.session.get("joined", {}).get("proof") == digest_of(member.password))

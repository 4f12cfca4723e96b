"""The throw-away people, their requests and their tokens."""

# What others can notice of them, and why it is no more:
# - They get no mail: their address cannot exist (RFC 6761), and they want none. Nobody else is told of anything.
# - Nobody is asked to approve one: the one who waits has not confirmed an address. Nobody writes to them, or asks them
#   around: they want neither.
# - Their open request is hidden, as by our team, but for the moment of three calls; hidden ones stand in no list. For
#   those few hundredths of a second it is the newest of the list, and says what it is. Blocks between them and every
#   member would hide it whole, but would be thousands of rows about real people, and stay when a run is killed.
# - It ends by itself after ten minutes, should nobody come to remove it.

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.timezone import now

from carecollective.errors import NotValid
from help_requests.models import HelpRequest
from help_requests.services import asking, withholding
from members.models import Member, VerificationStatus
from members.services import access
from messaging.services import requests
from notifications.models import Emails, Preferences, ReceiveFrom
from screening.services import examining

LIFETIME = timedelta(minutes=10)
TITLE = "A check of this site"
DESCRIPTION = "Made by a program to see that the site works, and gone in a moment. Please do not answer."
OFFER = "A check of this site: these are the first words of an offer."
ANSWER = "A check of this site: these words are the answer."
FOLLOW_UP = "A check of this site: these words come after the answer."
STOPPED = "The rules of screening stop the harmless words of this check, so our team would have to read them: {!r}."


@dataclass(frozen=True)
class Player:
    member: Member
    token: str


@dataclass(frozen=True)
class Cast:
    asker: Player
    helper: Player
    outsider: Player
    waiting: Player
    open_id: UUID
    closed_id: UUID

    @contextmanager
    def shown(self) -> Iterator[None]:
        """The open request can be offered on, and stands in lists."""
        withholding.show(self.open_id)
        try:
            yield
        finally:
            withholding.hide(self.open_id)


def address_of(run: str, part: str) -> str:
    """Nobody else has such an address: nobody can confirm one, and who has not confirmed one has said nothing yet."""
    return f"smoke-{run}-{part}@smoke.invalid"


@transaction.atomic
def make(run: str) -> Cast:
    """All of them in one transaction, so that nobody sees an open request before it is hidden."""
    _must_be_harmless()
    asker, helper, outsider, waiting = (_person(run, part) for part in ("asker", "helper", "outsider", "waiting"))
    # The verb gives a token to nobody who is not approved; they can have one from before only in life.
    Member.objects.filter(pk=waiting.member.pk).update(
        verification_status=VerificationStatus.PENDING, email_confirmed_at=None
    )
    open_id, closed_id = _request(asker.member), _request(asker.member)
    withholding.hide(open_id)
    # Not hidden: to offer on a hidden one is refused whether it is closed or not. Closed ones stand in no list either.
    requests.cancel_request(asker.member, closed_id)
    return Cast(asker, helper, outsider, waiting, open_id, closed_id)


def _must_be_harmless() -> None:
    """What our team has to read is a case, and a case can never be removed."""
    for words in (f"{TITLE}\n\n{DESCRIPTION}", OFFER, ANSWER, FOLLOW_UP):
        verdict = examining.examine(words)
        if verdict.is_blocked or verdict.is_held or verdict.is_flagged:
            raise NotValid(STOPPED.format(words))


def _person(run: str, part: str) -> Player:
    member = Member(
        name=f"A check of this site ({part})",
        called="Check",
        email=address_of(run, part),
        town=settings.SERVICE_AREA[0] if settings.SERVICE_AREA else "",
        verification_status=VerificationStatus.APPROVED,
        email_confirmed_at=now(),
        rules_accepted_at=now(),
    )
    member.set_unusable_password()
    member.save()
    Preferences.objects.create(member=member, email=Emails.OFF, can_receive_from=ReceiveFrom.NOBODY, presence=False)
    # By the verb, so that no token was ever in use that the audit log does not know.
    return Player(member, access.make_token(member, "smoke")[1])


def _request(asker: Member) -> UUID:
    request = asking.post_request(asker, asking.Wish(TITLE, "other", DESCRIPTION))
    # The reminder of an end that is near is not wanted.
    HelpRequest.objects.filter(pk=request.pk).update(expires_at=Now() + LIFETIME, reminded_at=Now())
    return request.pk

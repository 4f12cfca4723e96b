"""What becomes of a request: done, taken back, opened again, closed. Each verb can be said twice."""

# A request moves together with its offers: the verbs of messaging open the transaction, move the offers under the
# request's lock and call the verb here inside it. Pages, API and commands call those.

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.timezone import now

import audit.services as audit
import notifications.services as notifications
from carecollective.errors import NotPermitted
from help_requests.models import Ending, HelpRequest, Status
from help_requests.models.words import LIFETIME
from members import roles
from members.models import Member
from members.paused import Act
from members.services.restrictions import hold_allowed

NOT_OVER: dict[str, Any] = {"ending": "", "completed_at": None, "cancelled_at": None, "closed_at": None}


@transaction.atomic
def complete_request(
    member: Member, request_id: UUID, ending: str = Ending.HELPED_HERE, also_tell: Sequence[Member] = ()
) -> HelpRequest:
    request = HelpRequest.objects.locked_for(member, request_id)
    request.must_be_asked_or_helped_by(member)
    if request.status == Status.COMPLETED:
        return request
    request.must_be_current()
    _move(request, Status.COMPLETED, completed_at=Now(), ending=ending)
    _tell("request_completed", request, [request.requester, request.helper, *also_tell], member)
    return HelpRequest.objects.one_for(member, request_id)


@transaction.atomic
def cancel_request(asker: Member, request_id: UUID, also_tell: Sequence[Member] = ()) -> HelpRequest:
    request = HelpRequest.objects.locked_for(asker, request_id)
    request.must_be_asked_by(asker)
    if request.status == Status.CANCELLED:
        return request
    request.must_be_current()
    _move(request, Status.CANCELLED, cancelled_at=Now(), ending=Ending.NOT_NEEDED, helper=None)
    _tell("request_cancelled", request, [request.helper, *also_tell], asker)
    return HelpRequest.objects.one_for(asker, request_id)


@transaction.atomic
def reopen_request(asker: Member, request_id: UUID) -> HelpRequest:
    """Open for 30 new days, without a helper; in its last week an open one may stay up in the same way."""
    request = HelpRequest.objects.locked_for(asker, request_id)
    hold_allowed(asker, Act.REOPEN_REQUEST)
    request.must_be_asked_by(asker)
    if request.shown_status == Status.OPEN and not request.is_near_its_end:
        return request
    request.must_be_reopenable()
    _move(
        request,
        Status.OPEN,
        **NOT_OVER | {"helper": None, "in_progress_at": None, "reminded_at": None},
        reopened_at=Now(),
        expires_at=None if request.is_ongoing else Now() + LIFETIME,
    )
    _tell("request_reopened", request, [request.helper], asker)
    return HelpRequest.objects.one_for(asker, request_id)


@transaction.atomic
def undo_ending(asker: Member, request_id: UUID) -> HelpRequest:
    """Within ten minutes, as if it had not been ended: a kept helper goes on helping."""
    request = HelpRequest.objects.locked_for(asker, request_id)
    hold_allowed(asker, Act.REOPEN_REQUEST)
    request.must_be_asked_by(asker)
    if request.is_current:
        return request
    request.must_be_undoable()
    begun = {} if request.helper else {"in_progress_at": None}
    _move(request, Status.IN_PROGRESS if request.helper else Status.OPEN, **NOT_OVER, **begun)
    _tell("request_reopened", request, [request.helper], asker, goes_on=True)
    return HelpRequest.objects.one_for(asker, request_id)


@transaction.atomic
def close_request(moderator: Member, request_id: UUID, also_tell: Sequence[Member] = ()) -> HelpRequest:
    """The administrative end, which the asker cannot take back."""
    if not moderator.has_role(roles.MODERATOR):
        raise NotPermitted("Only moderators close a request for somebody else.")
    request = HelpRequest.objects.locked_for_house(moderator, request_id)
    if request.status == Status.CLOSED and request.ending == Ending.BY_STAFF:
        return request
    # Whoever blocks a moderator is not out of reach for that.
    request.must_not_be_over()
    _move(request, Status.CLOSED, closed_at=Now(), ending=Ending.BY_STAFF, helper=None)
    told = [request.requester, request.helper, *also_tell]
    _tell("request_closed", request, told, moderator, ending=Ending.BY_STAFF.value)
    audit.record("help_request_closed", actor=moderator, subject=request)
    return HelpRequest.objects.locked_for_house(moderator, request_id)


def give_to(request: HelpRequest, helper: Member) -> None:
    """Part of accepting an offer: called under the request's lock, inside the transaction that accepts."""
    _move(request, Status.IN_PROGRESS, helper=helper, in_progress_at=Now())


def take_from_helper(request: HelpRequest) -> None:
    """Part of withdrawing an accepted offer, in the same way: open again, for 30 new days if its end came meanwhile."""
    is_past = request.expires_at is not None and request.expires_at <= now()
    new_days = {"expires_at": Now() + LIFETIME, "reminded_at": None} if is_past else {}
    _move(request, Status.OPEN, helper=None, in_progress_at=None, **new_days)


def close_for_good(request: HelpRequest) -> None:
    """Part of its asker's going, in the same way: closed by us, without a helper."""
    _move(request, Status.CLOSED, closed_at=Now(), ending=Ending.BY_STAFF, helper=None)


def _move(request: HelpRequest, status: Status, **changes: Any) -> None:
    HelpRequest.objects.filter(pk=request.pk).update(status=status, updated_at=Now(), **changes)


def _tell(kind: str, request: HelpRequest, people: list[Member | None], actor: Member, **data: Any) -> None:
    """Everybody concerned but the one who did it; nobody, when there is nobody else."""
    others = [person for person in people if person and person != actor]
    if others:
        notifications.record(kind, about=request, to=others, actor=actor, **data)

"""What our team decides about the words of a request: shown to all, to nobody but its asker, hidden, shown again."""

# Moderation calls these inside the transaction of its decision, which says who decided and why. Each can be said twice.

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from carecollective.errors import NotFound
from help_requests.models import HelpRequest, Moderation, Status
from help_requests.models.words import LIFETIME


@transaction.atomic
def release(request_id: UUID) -> None:
    """Everybody reads it from now on; its 30 days begin now."""
    request = _held(request_id)
    if request.moderation not in (Moderation.HELD, Moderation.REFUSED):
        return
    is_running = request.status == Status.OPEN and not request.is_ongoing
    clock = {"expires_at": Now() + LIFETIME, "reminded_at": None} if is_running else {}
    _put(request, "", **clock)


@transaction.atomic
def hide(request_id: UUID) -> None:
    """Nobody but its asker reads it: what was shown is hidden, what nobody has read yet is refused."""
    request = _held(request_id)
    if request.moderation == Moderation.HELD:
        _put(request, Moderation.REFUSED)
    elif not request.moderation:
        _put(request, Moderation.HIDDEN, hidden_at=Now())


@transaction.atomic
def show(request_id: UUID) -> None:
    """As it stood before: what was hidden is there again, what was refused waits for its decision again."""
    request = _held(request_id)
    if request.moderation == Moderation.REFUSED:
        _put(request, Moderation.HELD)
    elif request.moderation == Moderation.HIDDEN:
        _put(request, "", hidden_at=None)


def _held(request_id: UUID) -> HelpRequest:
    HelpRequest.objects.hold(request_id)
    found = HelpRequest.objects.filter(pk=request_id).first()
    if found is None:
        raise NotFound()
    return found


def _put(request: HelpRequest, moderation: str, **changes: object) -> None:
    HelpRequest.objects.filter(pk=request.pk).update(moderation=moderation, **changes)

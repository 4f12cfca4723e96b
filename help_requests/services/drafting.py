"""Writing a request page by page: answers are kept, posted as one request, or thrown away."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from carecollective.errors import IdempotencyKeyReused, NotValid
from help_requests.models import HelpRequest, RequestDraft
from help_requests.models.help_request import POSTED_BEFORE
from help_requests.models.words import DRAFT_LIFETIME
from help_requests.services import asking
from help_requests.services.asking import Wish
from members.models import Member

CHANGED_ELSEWHERE = "Your answers have changed since this page was loaded. Please check them once more."


@transaction.atomic
def keep_answers(member: Member, client_id: UUID, answers: dict[str, Any]) -> RequestDraft:
    """One page's answers, beside those given before; a new topic forgets the kind of the old one."""
    asker = _held(member)
    if posted := asking.posted_before(asker, str(client_id)):
        raise IdempotencyKeyReused(POSTED_BEFORE, help_request_id=posted.pk)
    draft = RequestDraft.objects.filter(member=asker).first() or RequestDraft(member=asker, client_id=client_id)
    draft.answers = _without_a_foreign_kind(draft.answers | answers)
    draft.changed_at = Now()
    draft.save()
    return draft


@transaction.atomic
def post_draft(draft: RequestDraft, wish: Wish) -> HelpRequest:
    """The draft becomes a request and is gone; the slower of two presses gets the request of the faster one."""
    asker = _held(draft.member)
    if posted := asking.posted_before(asker, str(draft.client_id)):
        return posted
    # Exactly what its writer has just looked over: somebody may have changed it in another window since.
    as_read = RequestDraft.objects.filter(member=asker, client_id=draft.client_id, changed_at=draft.changed_at)
    if not as_read.delete()[0]:
        raise NotValid(CHANGED_ELSEWHERE)
    return asking.put_up(asker, wish, str(draft.client_id))


def start_over(member: Member) -> None:
    RequestDraft.objects.filter(member=member).delete()


def forget_old_drafts() -> int:
    return RequestDraft.objects.filter(changed_at__lt=Now() - DRAFT_LIFETIME).delete()[0]


def export(member: Member) -> dict[str, Any] | None:
    """For the member to read and take away."""
    draft = RequestDraft.objects.filter(member=member).values("answers", "started_at", "changed_at").first()
    return dict(draft) if draft else None


def _held(member: Member) -> Member:
    """Their own row, as posting holds it, so saving in one window and posting in another wait for each other."""
    asker = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    asker.must_be_approved()
    return asker


def _without_a_foreign_kind(answers: dict[str, Any]) -> dict[str, Any]:
    topic = str(answers.get("kind", "")).partition("/")[0]
    return answers | {"kind": ""} if topic and topic != answers.get("category") else answers

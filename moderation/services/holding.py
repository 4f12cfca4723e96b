"""The order of locks: what a case is about, the case, its decision; and of another look, what is looked at first."""

from uuid import UUID

from carecollective.errors import NotFound
from help_requests.models import HelpRequest
from messaging.models import Conversation
from moderation.models import Case, Decision, Subject


def locked_case(case_id: UUID) -> Case:
    _hold_place(Case.objects.one(case_id))
    return Case.objects.locked(case_id)


def locked_with_case(decision_id: UUID) -> Decision:
    """What it is about, its case, then the decision itself."""
    case_id = Decision.objects.filter(pk=decision_id).values_list("case", flat=True).first()
    if case_id is None:
        raise NotFound()
    locked_case(case_id)
    return Decision.objects.locked(decision_id)


def change(decision: Decision, **changes: object) -> None:
    Decision.objects.filter(pk=decision.pk).update(**changes)
    for name, value in changes.items():
        setattr(decision, name, value)


def _hold_place(case: Case) -> None:
    """What it is about, before the case and the people: the order of locks everywhere."""
    if case.target_kind == Subject.DECISION:
        locked_with_case(case.target_id)
        return
    if case.target_kind == Subject.HELP_REQUEST:
        HelpRequest.objects.hold(case.target_id)
    if case.conversation_id:
        Conversation.objects.hold(case.conversation_id)

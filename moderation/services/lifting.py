"""Ending a restriction before its time: what was decided stays, and only what it keeps somebody from is over."""

from uuid import UUID

from django.db import transaction

import audit.services as audit
import notifications.services as notifications
from carecollective.errors import NotPermitted
from members.models import Member, Restriction
from members.services import restrictions
from moderation.models import Case, Decision
from moderation.services.cases import must_say_why
from moderation.services.eligible import must_be_moderator, parties

WAITS = "This pause belongs to a ban that waits for its second moderator. Answer that instead."
NOT_TOLD = (
    "Nobody has heard of this decision yet. Undo it on the page of its case, and it is as if it had never been."
    " When its ten minutes are over, you can lift what it does."
)
PART_OF_IT = "You are part of its case, so somebody else lifts it."


@transaction.atomic
def lift(moderator: Member, restriction_id: UUID, why: str) -> Restriction:
    must_be_moderator(moderator)
    must_say_why(why)
    decision = Decision.objects.filter(pk__in=_decision_of(restriction_id)).select_related("case").first()
    if decision:
        # The case before the person, as everywhere.
        case = Case.objects.locked(decision.case_id)
        if moderator.pk in parties(case):
            raise NotPermitted(PART_OF_IT)
        _must_be_settled(Decision.objects.locked(decision.pk))
    row = restrictions.lift(moderator, restriction_id, why)
    facts = {"level": row.level, "goes_on": restrictions.in_force(row.member).is_restricted}
    notifications.record("restriction_ended", about=("decision", row.decision_id), to=row.member, **facts)
    case_id = decision.case_id if decision else None
    audit.record("restriction_lifted", actor=moderator, subject=row, reason=why, case_id=case_id)
    return row


def _must_be_settled(decision: Decision) -> None:
    """Until then it is taken back as a whole: lifted, the rest of what it does would come all the same."""
    if decision.waits:
        raise NotPermitted(WAITS)
    if decision.is_in_force and decision.told_at is None:
        raise NotPermitted(NOT_TOLD)


def _decision_of(restriction_id: UUID) -> list[UUID]:
    return list(Restriction.objects.filter(pk=restriction_id).values_list("decision_id", flat=True))

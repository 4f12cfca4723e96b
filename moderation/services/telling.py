"""When the ten minutes are over: what cannot be called back is done, and everybody concerned is told."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

import notifications.services as notifications
from members.models import Member
from moderation.models import Decision, Report
from moderation.services import effects, teaching
from moderation.services.deciding import change, locked_with_case


def tell() -> int:
    """A job, every minute. Each decision by itself, so that one that fails keeps no other waiting."""
    due = list(Decision.objects.to_be_told().order_by("counts_from").values_list("pk", flat=True))
    failed: list[Exception] = []
    for decision_id in due:
        try:
            tell_of(decision_id)
        except Exception as problem:
            failed.append(problem)
    if failed:
        raise failed[0]
    return len(due)


@transaction.atomic
def tell_of(decision_id: UUID) -> None:
    decision = Decision.objects.select_related("affected", "decided_by", "case").get(pk=decision_id)
    effects.end_what_is_open(decision)
    decision = locked_with_case(decision_id)
    if not Decision.objects.to_be_told().filter(pk=decision_id).exists():
        # Undone at this very moment: what was ended here is as it was.
        transaction.set_rollback(True)
        return
    effects.finish(decision, decision.decided_by)
    change(decision, told_at=Now())
    teaching.teach(decision)
    if decision.is_breach:
        notifications.record("decision_made", about=decision, to=decision.affected, did=str(decision.action))
    for report in decision.case.reports.select_related("reporter"):
        facts = {"acted": decision.is_breach, "number": decision.case.number}
        notifications.record("report_answered", about=report, to=report.reporter, **facts)


def has_been_read(member: Member, thing: Decision | Report) -> None:
    """Whoever opens the page of a decision or a report needs no notice of it any more."""
    notifications.read_about(member, thing)

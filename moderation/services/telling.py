"""When the ten minutes are over: what cannot be called back is done, and everybody concerned is told."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

import notifications.services as notifications
from members.models import Member
from moderation.models import Decision, Report
from moderation.services import effects, teaching
from moderation.services.holding import change, locked_with_case
from notifications.services import News


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
    news = effects.end_what_is_open(decision)
    decision = locked_with_case(decision_id)
    if not Decision.objects.to_be_told().filter(pk=decision_id).exists():
        # Undone at this very moment: what was ended here is as it was.
        transaction.set_rollback(True)
        return
    effects.finish(decision, decision.decided_by)
    change(decision, told_at=Now())
    teaching.teach(decision)
    notifications.record_each(news + _news_of(decision))


def _news_of(decision: Decision) -> list[News]:
    news = []
    if decision.is_breach:
        news.append(News("decision_made", decision, decision.affected, facts={"did": str(decision.action)}))
    facts = {"acted": decision.is_breach, "number": decision.case.number}
    reports = decision.case.reports.select_related("reporter")
    return news + [News("report_answered", report, report.reporter, facts=facts) for report in reports]


def has_been_read(member: Member, thing: Decision | Report) -> None:
    """Whoever opens the page of a decision or a report needs no notice of it any more."""
    notifications.read_about(member, thing)

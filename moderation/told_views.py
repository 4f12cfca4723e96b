"""What members see of moderation: decisions about them, what they reported, and asking for another look."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from carecollective.errors import AlreadyReported
from carecollective.keyset import or_first
from carecollective.pages import form_page, said_at, sent, takes
from members.doors import approved, caller, signed_in
from members.models import Block, Member
from moderation import reads
from moderation.forms import AppealForm
from moderation.models import Appeal
from moderation.places import place_of_report
from moderation.services import appealing, telling
from moderation.told import DecisionTold, ReportTold

SHOWN = 20
AGAIN = "#again"
Asking = Callable[[Member, UUID, str], Appeal]


@takes("GET")
@signed_in
def decisions(request: HttpRequest) -> HttpResponse:
    """Whom we paused, banned or sent away reads them, too."""
    member = caller(request)
    page, _ = or_first(partial(reads.decisions_about, member, SHOWN), request.GET.get("cursor", ""))
    context = {"decisions": reads.decisions_told(member, page.rows), "page": page}
    return render(request, "moderation/decisions.html", context)


@takes("GET", "POST")
@signed_in
def decision(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    told = reads.decision_told(caller(request), decision_id)
    form = AppealForm(sent(request))
    if _asks_again(request, form, told, decision_id, appealing.appeal_decision):
        return redirect(f"{request.path}{AGAIN}")
    telling.has_been_read(caller(request), told.decision)
    return form_page(request, "moderation/decision.html", form, told=told, statement=told.statement)


@takes("GET")
@approved
def reports(request: HttpRequest) -> HttpResponse:
    member = caller(request)
    page, _ = or_first(partial(reads.mine, member, SHOWN), request.GET.get("cursor", ""))
    return render(request, "moderation/reports.html", {"reports": reads.reports_told(member, page.rows), "page": page})


@takes("GET", "POST")
@approved
def report(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Thanks at first, and later what came of it."""
    told = reads.report_told(caller(request), report_id)
    form = AppealForm(sent(request))
    if _asks_again(request, form, told, report_id, appealing.appeal_report):
        return redirect(f"{request.path}{AGAIN}")
    telling.has_been_read(caller(request), told.report)
    is_blocked = Block.objects.filter(blocker=told.report.reporter_id, blocked=told.report.author_id).exists()
    back = place_of_report(told.report, is_blocked=is_blocked)
    return form_page(
        request, "moderation/reported.html", form, told=told, report=told.report, is_blocked=is_blocked, back=back
    )


def _asks_again(
    request: HttpRequest, form: AppealForm, told: DecisionTold | ReportTold, its_id: UUID, ask: Asking
) -> bool:
    """Whether that was said and kept; pressed twice, the second press is the first again."""
    if request.method != "POST" or not form.is_valid():
        return False
    member, words = caller(request), form.cleaned_data["words"]
    with said_at(form):
        try:
            ask(member, its_id, words)
        except AlreadyReported:
            if not told.decision or not reads.has_said(member, told.decision.pk, words):
                raise
        return True
    return False

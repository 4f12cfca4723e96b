"""The pages of reporting something."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from carecollective.errors import NotFound
from carecollective.pages import form_page, said_at, sent, takes
from carecollective.ports import Target
from members.doors import approved, caller
from members.models import Block
from moderation.forms import ReportForm
from moderation.models import Kind, Report
from moderation.services import reporting

HEADINGS = {
    Kind.MESSAGE: "Report this message",
    Kind.CONVERSATION: "Report this chat",
    Kind.HELP_REQUEST: "Report this request",
}
# Behind a block there is no page of that person to go back to.
HOME = {"url": "/home/", "words": "Home"}


@takes("GET", "POST")
@approved
def report_conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """All of it, or with `?m=` one message of it."""
    message = request.GET.get("m")
    if not message:
        return _report(request, reporting.find(caller(request), Kind.CONVERSATION, conversation_id))
    target = reporting.find(caller(request), Kind.MESSAGE, _id(message))
    if target.conversation_id != conversation_id:
        raise NotFound()
    return _report(request, target)


@takes("GET", "POST")
@approved
def report_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    return _report(request, reporting.find(caller(request), Kind.HELP_REQUEST, request_id))


@takes("GET", "POST")
@approved
def report_member(request: HttpRequest, member_id: UUID) -> HttpResponse:
    return _report(request, reporting.find(caller(request), Kind.MEMBER, member_id))


@takes("GET")
@approved
def reported(request: HttpRequest, report_id: UUID) -> HttpResponse:
    made = Report.objects.one_of(caller(request), report_id)
    is_blocked = Block.objects.filter(blocker=made.reporter_id, blocked=made.author_id).exists()
    back = _place_of(made.target_kind, made.conversation_id or made.target_id)
    if is_blocked and made.target_kind == Kind.MEMBER:
        back = HOME
    context = {"report": made, "is_blocked": is_blocked, "back": back}
    return render(request, "moderation/reported.html", context)


def _report(request: HttpRequest, target: Target) -> HttpResponse:
    form, kind = ReportForm(sent(request), called=target.called), Kind(target.kind)
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            made = reporting.report(caller(request), kind, target.id, form.complaint())
            return redirect("moderation:reported", made.pk)
    heading = HEADINGS.get(kind, f"Report {target.called}")
    back = _place_of(kind, target.conversation_id or target.id)
    return form_page(request, "moderation/report.html", form, target=target, heading=heading, back=back)


def _place_of(kind: str, place_id: UUID) -> dict[str, str]:
    """Where the reporter came from."""
    if kind == Kind.HELP_REQUEST:
        return {"url": f"/requests/{place_id}/", "words": "The request"}
    if kind == Kind.MEMBER:
        return {"url": f"/people/{place_id}/", "words": "Their page"}
    return {"url": f"/messages/{place_id}/", "words": "The chat"}


def _id(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError as problem:
        raise NotFound() from problem

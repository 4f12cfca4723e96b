"""The pages of reporting something, and of asking our team."""

from email.utils import parseaddr
from functools import partial
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from carecollective.errors import AlreadyReported, NotFound, NotSignedIn, Refusal
from carecollective.keyset import or_first
from carecollective.pages import form_page, said_at, sent, takes
from members.doors import approved, caller, signed_in
from members.models import Member
from moderation import reads
from moderation.forms import QuestionForm, ReportForm
from moderation.models import Kind, Question
from moderation.places import place_of
from moderation.services import asking, reporting
from moderation.services.reporting import Complaint

# Questions on one page.
SHOWN = 10
HEADINGS = {
    Kind.MESSAGE: "Report this message",
    Kind.CONVERSATION: "Report this chat",
    Kind.HELP_REQUEST: "Report this request",
}


@takes("GET", "POST")
@approved
def report_conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """All of it, or with `?m=` one message of it."""
    message = request.GET.get("m")
    if message:
        return _report(request, Kind.MESSAGE, _id(message), conversation_id)
    return _report(request, Kind.CONVERSATION, conversation_id, conversation_id)


@takes("GET", "POST")
@approved
def report_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    return _report(request, Kind.HELP_REQUEST, request_id)


@takes("GET", "POST")
@approved
def report_member(request: HttpRequest, member_id: UUID) -> HttpResponse:
    return _report(request, Kind.MEMBER, member_id)


@takes("GET", "POST")
def contact(request: HttpRequest) -> HttpResponse:
    """Ask us; who waits or was declined may ask, too."""
    if not request.user.is_authenticated:
        return _sign_in_first(request)
    form = QuestionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            key = str(form.cleaned_data["client_id"])
            return redirect("moderation:question", asking.ask(caller(request), form.cleaned_data["question"], key).pk)
        form.renew_key()
    # A cursor nobody made is the beginning: this page is a form first.
    page, _ = or_first(partial(reads.questions_of, caller(request), SHOWN), request.GET.get("cursor", ""))
    return form_page(request, "moderation/contact.html", form, page=page)


@takes("GET")
@signed_in
def question(request: HttpRequest, question_id: UUID) -> HttpResponse:
    found = Question.objects.one_of(caller(request), question_id)
    asking.read_answer(caller(request), found)
    return render(request, "moderation/question.html", {"question": found})


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    """An answer needs somebody to go to; words typed before a session ended are kept."""
    if request.method == "POST":
        raise NotSignedIn()
    context = {"address": parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}
    return render(request, "moderation/contact_signed_out.html", context)


def _report(request: HttpRequest, kind: Kind, its_id: UUID, within: UUID | None = None) -> HttpResponse:
    member, form = caller(request), ReportForm(sent(request))
    complaint = form.complaint() if request.method == "POST" and form.is_valid() else None
    try:
        target = reporting.find(member, kind, its_id)
    except NotFound as refusal:
        return redirect("moderation:reported", _said_before(member, kind, its_id, complaint, refusal))
    if target.conversation_id != within:
        raise NotFound()
    form.speak_of(target.called)
    if complaint:
        with said_at(form):
            return redirect("moderation:reported", _made(member, kind, its_id, complaint))
        _lead_to_the_earlier(form, member, kind, its_id)
    heading = HEADINGS.get(kind, f"Report {target.called}")
    back = place_of(kind, target.conversation_id or target.id)
    return form_page(request, "moderation/report.html", form, target=target, heading=heading, back=back)


def _made(member: Member, kind: Kind, its_id: UUID, complaint: Complaint) -> UUID:
    try:
        return reporting.report(member, kind, its_id, complaint).pk
    except (AlreadyReported, NotFound) as refusal:
        return _said_before(member, kind, its_id, complaint, refusal)


def _said_before(member: Member, kind: Kind, its_id: UUID, complaint: Complaint | None, refusal: Refusal) -> UUID:
    """Pressed twice, the second press is the first again, also where its block has hidden what it was about."""
    made = reads.same_report(member, kind, its_id, complaint) if complaint else None
    if made is None:
        raise refusal
    return made


def _lead_to_the_earlier(form: ReportForm, member: Member, kind: Kind, its_id: UUID) -> None:
    """Where it was reported before, that is said with a link to what came of it."""
    if isinstance(getattr(form, "refusal", None), AlreadyReported) and (made := reads.report_of(member, kind, its_id)):
        form.lead_to(reverse("moderation:reported", args=[made.pk]))


def _id(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError as problem:
        raise NotFound() from problem

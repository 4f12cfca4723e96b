"""Asking for help: one question to a page, a look over all answers, and the page that says it is up."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

import notifications.preferences as preferences
from carecollective.pages import form_page, said_at, sent, takes
from help_requests import answers, hearing_back, questions
from help_requests.gentle import gently
from help_requests.models import HelpRequest, RequestDraft
from help_requests.questions import CheckForm, Question, QuestionForm
from help_requests.services import asking, drafting
from members.doors import approved, caller
from members.paused import Act, paused_from

CANNOT_ASK = "You cannot ask for help right now."


@takes("GET")
@approved
def ask(request: HttpRequest) -> HttpResponse:
    """The first question; for whoever has begun before, the one they had come to."""
    if paused := _paused(request):
        return paused
    draft = RequestDraft.objects.of(caller(request))
    if not draft.answers:
        form = QuestionForm(question=questions.TOPIC, draft=draft, member=caller(request))
        return _question_page(request, questions.TOPIC, form)
    next_one = questions.where_it_was(draft)
    return redirect((next_one.url if next_one else reverse("help_requests:check")) + "?kept")


@takes("GET", "POST")
@approved
def question(request: HttpRequest, slug: str) -> HttpResponse:
    asked, draft = questions.called(slug), RequestDraft.objects.of(caller(request))
    if request.method != "POST" and (paused := _paused(request)):
        return paused
    if request.method != "POST" and (missing := questions.first_missing(draft, before=asked)):
        return redirect(missing.url)
    form = QuestionForm(sent(request), question=asked, draft=draft, member=caller(request))
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            kept = drafting.keep_answers(caller(request), form.cleaned_data["client_id"], form.answers())
            return redirect(_next_page(request, asked, kept))
        form.renew_key()
    return _question_page(request, asked, form)


@takes("GET", "POST")
@approved
def check(request: HttpRequest) -> HttpResponse:
    draft = RequestDraft.objects.of(caller(request))
    if posted := _posted_from(request, draft):
        return redirect("help_requests:posted", posted.pk)
    if request.method != "POST" and (paused := _paused(request)):
        return paused
    if missing := questions.first_missing(draft):
        return redirect(missing.url)
    form = CheckForm(sent(request), draft=draft, member=caller(request))
    if request.method == "POST" and form.is_valid():
        with said_at(form), gently(request):
            return redirect("help_requests:posted", drafting.post_draft(draft, form.wish()).pk)
    return _check_page(request, form, draft)


@takes("GET", "POST")
@approved
def start_over(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        drafting.start_over(caller(request))
        return redirect("help_requests:ask")
    return render(request, "help_requests/start_over.html")


@takes("GET")
@approved
def posted(request: HttpRequest, request_id: UUID) -> HttpResponse:
    found = own(request, request_id)
    if not found.is_current or found.is_withheld:
        return redirect("messaging:request", request_id)
    context = {
        "help_request": found,
        "is_mailed": preferences.wants_mail(caller(request)),
        "is_quick": hearing_back.within_about_a_day(),
    }
    return render(request, "help_requests/posted.html", context)


def _paused(request: HttpRequest) -> HttpResponse | None:
    """Before anybody writes what they could not post; their answers so far stay."""
    paused = paused_from(caller(request), Act.ASK_FOR_HELP)
    if paused is None:
        return None
    told = {"paused_heading": CANNOT_ASK, "paused": paused, "sentence": paused.sentence(Act.ASK_FOR_HELP)}
    return render(request, "members/paused.html", told)


def own(request: HttpRequest, request_id: UUID) -> HelpRequest:
    found = HelpRequest.objects.one_for(caller(request), request_id)
    found.must_be_asked_by(caller(request))
    return found


def _question_page(request: HttpRequest, asked: Question, form: QuestionForm) -> HttpResponse:
    is_change = "change" in request.GET or not asked.number
    before = questions.IN_ORDER[asked.number - 2] if asked.number > 1 else None
    context: dict[str, Any] = {
        "asked": asked,
        "count": len(questions.IN_ORDER),
        "is_change": is_change,
        "is_kept": "kept" in request.GET,
        "before": before,
    }
    return form_page(request, "help_requests/question.html", form, **context)


def _next_page(request: HttpRequest, asked: Question, draft: RequestDraft) -> str:
    is_last = "change" in request.GET or asked.number in (0, len(questions.IN_ORDER))
    following = None if is_last else questions.IN_ORDER[asked.number]
    # An answer before this one can have gone meanwhile, when its writer started over in another window.
    next_one = questions.first_missing(draft, before=following) or following
    return next_one.url if next_one else reverse("help_requests:check")


def _posted_from(request: HttpRequest, draft: RequestDraft) -> HelpRequest | None:
    """What this very page has posted before, when it is sent again."""
    try:
        key = UUID(request.POST.get("client_id", ""))
    except ValueError:
        return None
    return asking.posted_before(caller(request), str(key)) if key != draft.client_id else None


def _check_page(request: HttpRequest, form: CheckForm, draft: RequestDraft) -> HttpResponse:
    context: dict[str, Any] = {
        "rows": answers.rows(draft, caller(request)),
        "who_sees": answers.who_sees(draft, caller(request)),
        "is_urgent": answers.is_urgent(draft),
        "is_kept": "kept" in request.GET,
    }
    return form_page(request, "help_requests/check.html", form, **context)

"""What comes after an accepted offer: the plan, its file for calendars, whether it helped, thanks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from carecollective.errors import IdempotencyKeyReused, NotFound
from carecollective.pages import form_page, said_at, sent, takes
from help_requests.categories import BY_SLUG
from help_requests.gentle import gently
from help_requests.models import Status as RequestStatus
from help_requests.views.asking import own
from members.doors import approved, caller
from members.models import Member
from messaging import calendar_file
from messaging.forms.plans import STARTERS, USUAL_TIMES, DoneForm, PlanForm, TakeBackForm, ThankForm, YesForm
from messaging.models import Plan
from messaging.models.plan import Answer
from messaging.said import in_plain_words
from messaging.services import acquaintance, planning, thanking
from messaging.services.planning import Together

AGREE, TAKE_BACK = "agree", "take_back"
AGREED = "You both agreed. It is a plan."
SENT = "Your plan is sent. It holds once you both agree."
THANKS_HELD = "Your thank-you is written. We are checking it before it goes."
TOLD_US = "Thank you for telling us."
NO_HELPER = "Nobody is helping with this request now."
NOT_DONE = "You can say thank you once the request is done."


@takes("GET", "POST")
@approved
def plan(request: HttpRequest, request_id: UUID) -> HttpResponse:
    together = planning.find(caller(request), request_id)
    form = _what_was_sent(request, together)
    if request.method == "POST" and form.is_valid():
        with said_at(form), in_plain_words():
            messages.success(request, _carry_out(form, caller(request), request_id))
            return redirect("messaging:plan", request_id)
    # After a refusal it is not what it was.
    return _plan_page(request, planning.find(caller(request), request_id), form)


@takes("GET")
@approved
def plan_file(request: HttpRequest, request_id: UUID) -> HttpResponse:
    together = planning.find(caller(request), request_id)
    if together.plan is None:
        raise NotFound()
    url = settings.SITE_URL + reverse("messaging:plan", args=[request_id])
    file = calendar_file.write(together.plan, together.request.title, url)
    disposition = {"Content-Disposition": 'attachment; filename="plan.ics"'}
    return HttpResponse(file, content_type="text/calendar; charset=utf-8", headers=disposition)


@takes("GET", "POST")
@approved
def done(request: HttpRequest, request_id: UUID) -> HttpResponse:
    found = own(request, request_id)
    if request.method == "GET" and found.status != RequestStatus.IN_PROGRESS:
        return _when_it_is_over(request, found.status, request_id)
    helper = found.helper.called if found.helper else "somebody"
    noun = BY_SLUG[found.category].noun
    form = DoneForm(sent(request), question=f"Did {helper} help with {noun}?", title=found.title)
    if request.method == "POST" and form.is_valid():
        answer = form.cleaned_data["answer"]
        with said_at(form), in_plain_words():
            planning.answer_plan(caller(request), request_id, answer)
            return _after(request, request_id, answer)
    return form_page(request, "messaging/did_it_help.html", form, help_request=found)


@takes("GET", "POST")
@approved
def thank(request: HttpRequest, request_id: UUID) -> HttpResponse:
    own(request, request_id)
    if "starter" in request.POST:
        return _thank_page(request, planning.find(caller(request), request_id), ThankForm.begun(request.POST))
    form = ThankForm(sent(request))
    if request.method == "POST" and form.is_valid():
        words, may_be_shown = form.cleaned_data["content"], form.cleaned_data["may_be_shown"]
        with said_at(form), in_plain_words(), gently(request) as told:
            key = str(form.cleaned_data["client_id"])
            thanked = thanking.thank(caller(request), request_id, words, may_be_shown, key)
            is_held = any(verdict.is_held for verdict in told.verdicts)
            messages.success(request, THANKS_HELD if is_held else "Your thank-you is sent.")
            return redirect("messaging:thread", thanked.thanks.message.conversation_id)
        if isinstance(form.refusal, IdempotencyKeyReused):
            form.renew_key()
    return _thank_page(request, planning.find(caller(request), request_id), form)


def _what_was_sent(request: HttpRequest, together: Together) -> BaseForm:
    act = request.POST.get("act")
    if act == AGREE:
        return YesForm(request.POST)
    if act == TAKE_BACK:
        return TakeBackForm(request.POST)
    return PlanForm(sent(request), plan=together.plan)


def _carry_out(form: BaseForm, member: Member, request_id: UUID) -> str:
    if isinstance(form, PlanForm):
        made = planning.make_plan(member, request_id, form.wish())
        return AGREED if made.is_agreed else SENT
    if isinstance(form, YesForm):
        planning.agree_to_plan(member, request_id, form.cleaned_data["version"])
        return AGREED
    planning.cancel_plan(member, request_id)
    return "The plan was taken back."


def _plan_page(request: HttpRequest, together: Together, form: BaseForm) -> HttpResponse:
    if together.offer is None or not (together.plan or together.goes_on):
        return _to_the_request(request, together.request.pk, NO_HELPER)
    member, found = caller(request), together.plan
    has_agreed = found is not None and found.is_agreed_by(together.offer.side_of(member))
    context: dict[str, Any] = {
        "together": together,
        "plan": found,
        "other": together.offer.other(member).called,
        "has_agreed": has_agreed,
        "is_elsewhere": found is not None and _is_elsewhere(found),
        "is_to_be_answered": found and together.request.is_asked_by(member) and found.is_past(timezone.now()),
        "can_plan": together.goes_on and acquaintance.can_talk(together.offer),
        "plan_form": form if isinstance(form, PlanForm) else PlanForm(plan=found),
        "usual_times": USUAL_TIMES,
    }
    return form_page(request, "messaging/plan.html", form, **context)


def _is_elsewhere(found: Plan) -> bool:
    """The clock of whoever looks shows another hour than the one that was agreed."""
    here = timezone.localtime(found.starts_at).replace(tzinfo=None)
    return here != datetime.combine(found.day, found.time)


def _when_it_is_over(request: HttpRequest, status: str, request_id: UUID) -> HttpResponse:
    if status == RequestStatus.COMPLETED:
        return redirect("messaging:thank", request_id)
    return _to_the_request(request, request_id, NO_HELPER)


def _to_the_request(request: HttpRequest, request_id: UUID, words: str) -> HttpResponse:
    messages.info(request, words)
    return redirect("messaging:request", request_id)


def _after(request: HttpRequest, request_id: UUID, answer: str) -> HttpResponse:
    if answer == Answer.YES:
        return redirect("messaging:thank", request_id)
    if answer == Answer.NOT_YET:
        together = planning.find(caller(request), request_id)
        can_plan = together.offer is not None and acquaintance.can_talk(together.offer)
        messages.success(request, TOLD_US + (" You can choose another day here." if can_plan else ""))
        return redirect("messaging:plan", request_id)
    messages.success(request, f"{TOLD_US} Your request is open again.")
    return redirect("messaging:request", request_id)


def _thank_page(request: HttpRequest, together: Together, form: BaseForm) -> HttpResponse:
    earlier = thanking.of_request(together.request.pk)
    if not earlier and together.request.status != RequestStatus.COMPLETED:
        return _to_the_request(request, together.request.pk, NOT_DONE)
    if not earlier and together.offer is None:
        return _to_the_request(request, together.request.pk, NO_HELPER)
    context: dict[str, Any] = {
        "help_request": together.request,
        "offer": together.offer,
        "thanks": earlier,
        "words": thanking.words_of(earlier) if earlier else "",
        "can_talk": together.offer is not None and acquaintance.can_talk(together.offer),
        "starters": STARTERS,
    }
    return form_page(request, "messaging/thank.html", form, **context)

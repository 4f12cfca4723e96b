"""What becomes of an offer and of a chat: each step has a page that asks once more, and says what it does."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from carecollective import kept
from carecollective.errors import HelpRequestUnavailable, NotPermitted, OfferStateChanged, Refusal
from carecollective.pages import form_page, said_at, sent, takes
from help_requests.gentle import gently
from members.doors import approved, caller
from messaging import steps
from messaging.forms.talking import AcceptForm, DeclineForm, StepForm
from messaging.models import Conversation, Status
from messaging.models.words import TEXT_MOST, WAYS
from messaging.said import in_plain_words
from messaging.steps import Step


@takes("GET", "POST")
@approved
def accept(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    offer = _asked(request, conversation_id)
    others = Conversation.objects.offered().filter(help_request=offer.help_request_id).exclude(pk=offer.pk)
    form = AcceptForm(sent(request), has_others=others.exists())
    return _step(request, offer, steps.ACCEPT, form)


@takes("GET", "POST")
@approved
def decline(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    offer = _asked(request, conversation_id)
    return _step(request, offer, steps.DECLINE, DeclineForm(sent(request), can_write=offer.is_writable))


@takes("GET", "POST")
@approved
def withdraw(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    offer = _offered(request, conversation_id)
    step = steps.LET_GO if offer.is_accepted else steps.WITHDRAW
    return _step(request, offer, step, StepForm(sent(request)))


@takes("GET", "POST")
@approved
def reoffer(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    return _step(request, _offered(request, conversation_id), steps.RENEW, StepForm(sent(request)))


@takes("GET", "POST")
@approved
def close(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    conversation = Conversation.objects.one_for(caller(request), conversation_id)
    step = steps.CLOSE_WITH_HELP if conversation.is_accepted else steps.CLOSE
    return _step(request, conversation, step, StepForm(sent(request)))


def _asked(request: HttpRequest, conversation_id: UUID) -> Conversation:
    offer = Conversation.objects.one_for(caller(request), conversation_id)
    with in_plain_words():
        offer.must_be_decided_by(caller(request))
    return offer


def _offered(request: HttpRequest, conversation_id: UUID) -> Conversation:
    offer = Conversation.objects.one_for(caller(request), conversation_id)
    with in_plain_words():
        offer.must_be_offered_by(caller(request))
    return offer


def _step(request: HttpRequest, conversation: Conversation, step: Step, form: StepForm) -> HttpResponse:
    other = conversation.other(caller(request)).called
    step = step.said_to(caller(request).called, other)
    if request.method == "POST" and form.is_valid():
        with said_at(form), in_plain_words(), gently(request):
            step.verb(caller(request), conversation.pk, **form.told())
            return _back(request, conversation, step.done)
        if isinstance(form.refusal, OfferStateChanged | HelpRequestUnavailable | NotPermitted):
            return _refused(request, conversation, step, form.refusal)
    if request.method == "GET" and _is_behind(conversation, step):
        return redirect("messaging:thread", conversation.pk)
    asked = conversation.help_request
    context: dict[str, Any] = {"step": step, "other": other, "about": asked.title_for(caller(request)) if asked else ""}
    return form_page(request, "messaging/step.html", form, conversation=conversation, **context)


def _is_behind(conversation: Conversation, step: Step) -> bool:
    """It has gone there, or somewhere else, already; the thread says where."""
    if step.leads_to is None:
        return conversation.status == Status.CLOSED
    return conversation.offer_state not in WAYS[step.leads_to]


def _refused(request: HttpRequest, conversation: Conversation, step: Step, refusal: Refusal) -> HttpResponse:
    """Whoever pressed twice reads what the first press did; everybody else what happened meanwhile."""
    stands = refusal.extras.get("offer_state")
    if stands is not None and stands == step.leads_to:
        return _back(request, conversation, step.done)
    # The form may have no box any more for what was written into it.
    if own := request.POST.get("own", "").strip()[:TEXT_MOST]:
        kept.keep_for(request, reverse("messaging:thread", args=[conversation.pk]), {"content": own})
    messages.error(request, refusal.words)
    return redirect("messaging:thread", conversation.pk)


def _back(request: HttpRequest, conversation: Conversation, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("messaging:thread", conversation.pk)

"""Offering help, in one's own words."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from carecollective.errors import ConversationExists, HelpRequestUnavailable, IdempotencyKeyReused
from carecollective.pages import form_page, said_at, sent, takes
from features import attempts
from features.attempts import START, counted
from help_requests import cards
from help_requests.models import HelpRequest
from members.doors import approved, caller
from messaging import drafts
from messaging.forms.talking import OfferForm
from messaging.models import Conversation
from messaging.said import in_plain_words
from messaging.services import offering

SENT = "Your offer is sent. We are telling {asker}. You can add to it here. We will email you when {asker} answers."
SENT_BEFORE = "You already offered to help {asker}. Here is your chat."
NOTE_KEPT = f"{SENT_BEFORE} Your new note is in the box below; press Send if you want to add it."


@takes("GET", "POST")
@approved
@counted(START, version=2)
def offer(request: HttpRequest, request_id: UUID) -> HttpResponse:
    asked = HelpRequest.objects.one_for(caller(request), request_id)
    form = OfferForm(sent(request), asker=asked.requester.called)
    if request.method == "POST":
        return _offered(request, asked, form)
    if standing := conversation_about(request, asked):
        messages.info(request, SENT_BEFORE.format(asker=asked.requester.called))
        return redirect("messaging:thread", standing)
    if not asked.is_current or asked.is_asked_by(caller(request)):
        return redirect("messaging:request", request_id)
    return _form(request, asked, form)


def conversation_about(request: HttpRequest, asked: HelpRequest) -> UUID | None:
    """The one this helper has started about it."""
    mine = Conversation.objects.filter(help_request=asked, helper=caller(request))
    return mine.values_list("pk", flat=True).first()


def _offered(request: HttpRequest, asked: HelpRequest, form: OfferForm) -> HttpResponse:
    if not form.is_valid():
        return _form(request, asked, form)
    note, key = form.cleaned_data["note"], str(form.cleaned_data["client_id"])
    with said_at(form), in_plain_words():
        started = offering.offer_help(caller(request), asked.pk, note, key)
        messages.success(request, SENT.format(asker=asked.requester.called))
        return redirect("messaging:thread", started.id)
    return _refused(request, asked, form, note)


def _refused(request: HttpRequest, asked: HelpRequest, form: OfferForm, note: str) -> HttpResponse:
    # A form that was sent before, with other words by now, has opened the conversation they belong to.
    if isinstance(form.refusal, ConversationExists | IdempotencyKeyReused):
        if standing := conversation_about(request, asked):
            attempts.refused(form.refusal)
            return _to_the_one_there_is(request, asked, standing, note)
        form.renew_key()
    if isinstance(form.refusal, HelpRequestUnavailable):
        return form_page(request, "messaging/offer_too_late.html", form, note=note, asked=asked)
    return _form(request, asked, form)


def _to_the_one_there_is(request: HttpRequest, asked: HelpRequest, conversation_id: UUID, note: str) -> HttpResponse:
    drafts.keep(request, conversation_id, note)
    messages.info(request, NOTE_KEPT.format(asker=asked.requester.called))
    return redirect(reverse("messaging:thread", args=[conversation_id]) + "#composer")


def _form(request: HttpRequest, asked: HelpRequest, form: OfferForm) -> HttpResponse:
    return form_page(request, "messaging/offer.html", form, **cards.page(asked, caller(request)))

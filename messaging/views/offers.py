"""Offering help, in one's own words."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from carecollective import kept
from carecollective.errors import ConversationExists, HelpRequestUnavailable, IdempotencyKeyReused, MemberRestricted
from carecollective.http import wants_part
from carecollective.pages import by_parts, form_page, said_at, sent, takes
from features import attempts
from features.attempts import START, counted
from help_requests import cards
from help_requests.gentle import gently
from help_requests.models import HelpRequest
from members.doors import approved, caller
from members.paused import Act, paused_from
from messaging import reads
from messaging.forms.talking import OfferForm
from messaging.models import Conversation, Status
from messaging.said import in_plain_words
from messaging.services import offering
from notifications import preferences

SENT = "Your offer is sent. We are telling {asker}. You can add to it here. "
HELD = "Your offer is written. We are checking it before {asker} sees it. You can read here when it has gone."
EMAILED = "We will email you when {asker} answers. "
NOT_EMAILED = "You will see the answer under Messages. "
SENT_AT = "Sent at {clock}."
SENT_BEFORE = "You already offered to help {asker}. Here is your chat."
NOTE_IN_BOX = f"{SENT_BEFORE} Your new note is in the box below; press Send if you want to add it."
NOTE_BELOW = (
    f"{SENT_BEFORE} You cannot write in it now, so your new note was not sent. It is below, if you want to copy it."
)
TOO_LATE = "This request is closed now."
FOUND_HELP = "{asker} may have found help."
CANNOT_OFFER = "You cannot offer help right now."
NOTE_SAVED = "Your note is saved below if you want to copy it."


@takes("GET", "POST")
@by_parts
@approved
@counted(START)
def offer(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """A page; over the request's page a part of it, in a dialog."""
    asked = HelpRequest.objects.one_for(caller(request), request_id)
    form = OfferForm(sent(request), asker=asked.requester.called)
    if request.method == "POST":
        return _offered(request, asked, form)
    if standing := offer_of(request, asked):
        messages.info(request, SENT_BEFORE.format(asker=asked.requester.called))
        return redirect("messaging:thread", standing.pk)
    if not asked.is_current or asked.is_asked_by(caller(request)):
        return redirect("messaging:request", request_id)
    if paused_from(caller(request), Act.OFFER_HELP):
        return _paused(request, asked, form)
    return _form(request, asked, form)


def offer_of(request: HttpRequest, asked: HelpRequest) -> Conversation | None:
    """The one this helper has made on it."""
    mine = Conversation.objects.filter(help_request=asked, helper=caller(request))
    return mine.only("status", "opening_moderation", "offer_state", "offered_at").first()


def _offered(request: HttpRequest, asked: HelpRequest, form: OfferForm) -> HttpResponse:
    if not form.is_valid():
        return _form(request, asked, form)
    note, key = form.cleaned_data["note"], str(form.cleaned_data["client_id"])
    with said_at(form), in_plain_words(), gently(request):
        started = offering.offer_help(caller(request), asked.pk, note, key)
        is_held = started.status == Status.HELD
        messages.success(request, HELD.format(asker=asked.requester.called) if is_held else _sent(request, asked))
        return redirect("messaging:thread", started.id)
    return _refused(request, asked, form, note)


def _sent(request: HttpRequest, asked: HelpRequest) -> str:
    """All of it on the one screen that follows: that it is sent, when, who hears of it, and what comes next."""
    answer = EMAILED if preferences.wants_mail(caller(request)) else NOT_EMAILED
    clock = date_format(timezone.localtime(), "g:i A")
    return (SENT + answer + SENT_AT).format(asker=asked.requester.called, clock=clock)


def _refused(request: HttpRequest, asked: HelpRequest, form: OfferForm, note: str) -> HttpResponse:
    # A form that was sent before, with other words by now, has opened the conversation they belong to.
    if isinstance(form.refusal, ConversationExists | IdempotencyKeyReused):
        if standing := offer_of(request, asked):
            attempts.refused(form.refusal)
            return _to_the_one_there_is(request, asked, standing, note)
        form.renew_key()
    if isinstance(form.refusal, HelpRequestUnavailable):
        return _too_late(request, asked, form)
    if isinstance(form.refusal, MemberRestricted):
        return _paused(request, asked, form, form.refusal.words)
    return _form(request, asked, form)


def _to_the_one_there_is(request: HttpRequest, asked: HelpRequest, standing: Conversation, note: str) -> HttpResponse:
    thread = reverse("messaging:thread", args=[standing.pk])
    kept.keep_for(request, thread, {"content": note})
    has_box = reads.conversation(caller(request), standing.pk)["can_write"]
    messages.info(request, (NOTE_IN_BOX if has_box else NOTE_BELOW).format(asker=asked.requester.called))
    return redirect(f"{thread}#composer")


def _too_late(request: HttpRequest, asked: HelpRequest, form: OfferForm) -> HttpResponse:
    return _no_form(request, asked, form, heading=TOO_LATE, why=FOUND_HELP.format(asker=asked.requester.called))


def _paused(request: HttpRequest, asked: HelpRequest, form: OfferForm, why: str = "") -> HttpResponse:
    paused = paused_from(caller(request), Act.OFFER_HELP)
    why = why or (paused.sentence(Act.OFFER_HELP) if paused else "")
    return _no_form(request, asked, form, heading=CANNOT_OFFER, why=why, paused=paused)


def _no_form(request: HttpRequest, asked: HelpRequest, form: OfferForm, **told: Any) -> HttpResponse:
    """It cannot be sent, now or by sending it again; the words stay, to be copied."""
    note = request.POST.get("note", "").strip()
    words = f"{told['why']} {NOTE_SAVED}" if note else told["why"]
    return _shown(request, "offer_refused", form, asked=asked, words=words, note=note, **told)


def _form(request: HttpRequest, asked: HelpRequest, form: OfferForm) -> HttpResponse:
    # Of a request that is over, or behind a block, strangers read nothing, and nothing can be sent there.
    if not asked.is_current:
        return _too_late(request, asked, form)
    return _shown(request, "offer", form, **cards.page(asked, caller(request)))


def _shown(request: HttpRequest, name: str, form: OfferForm, **context: Any) -> HttpResponse:
    is_part = wants_part(request)
    return form_page(request, f"messaging/{'_' * is_part}{name}.html", form, is_part=is_part, **context)

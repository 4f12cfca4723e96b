"""The pages of a request together with its offers: shown, changed, closed, opened again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from carecollective.pages import form_page, said_at, sent, takes
from carecollective.ports import decisions_about
from help_requests import cards as request_cards
from help_requests.forms import CloseForm, EditForm
from help_requests.gentle import gently
from help_requests.models import Ending, HelpRequest
from help_requests.views.asking import own
from members.doors import approved, caller
from messaging import cards, reads
from messaging.models import Conversation
from messaging.said import in_plain_words
from messaging.services import requests
from messaging.views.offers import offer_of
from notifications import preferences


@takes("GET")
@approved
def show(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """With the offers for whoever asked, and with the way to offer for everybody else."""
    found = HelpRequest.objects.with_offers().one_for(caller(request), request_id)
    context = request_cards.page(found, caller(request))
    if found.is_asked_by(caller(request)):
        context["offers"] = [cards.offer(offer) for offer in reads.offers(caller(request), request_id) or []]
        if found.is_withheld:
            context["decision"] = decisions_about("help_request", [request_id]).get(request_id)
        context["will_email"] = preferences.wants_mail(caller(request))
    elif offer := offer_of(request, found):
        context["my_offer"] = cards.my_offer(offer, found)
    return render(request, "help_requests/show.html", context)


@takes("GET", "POST")
@approved
def edit(request: HttpRequest, request_id: UUID) -> HttpResponse:
    found = own(request, request_id)
    found.must_be_current()
    form = EditForm(sent(request), request=found)
    if request.method == "POST" and form.is_valid():
        with said_at(form), gently(request):
            changed = requests.change_request(caller(request), request_id, **form.answers())
            messages.success(request, "Saved. People who offered were told." if changed.told else "Saved.")
            return redirect("messaging:request", request_id)
    return form_page(request, "help_requests/edit.html", form, help_request=found)


@takes("GET", "POST")
@approved
def close(request: HttpRequest, request_id: UUID) -> HttpResponse:
    found = own(request, request_id)
    if request.method != "POST" and not found.is_current:
        return redirect("messaging:request", request_id)
    form = CloseForm(sent(request), offers=_waiting_offers(request, found))
    if request.method == "POST" and form.is_valid():
        with said_at(form), in_plain_words():
            reason = form.cleaned_data["reason"]
            after = requests.end_request(caller(request), request_id, reason, form.offer_of_helper)
            is_to_be_thanked = reason == Ending.HELPED_HERE and after.helper_id is not None
            return redirect("messaging:thank" if is_to_be_thanked else "messaging:request", request_id)
    return form_page(request, "help_requests/close.html", form, help_request=found)


@takes("POST")
@approved
def undo(request: HttpRequest, request_id: UUID) -> HttpResponse:
    requests.undo_ending(caller(request), request_id)
    return _up_again(request, request_id)


@takes("POST")
@approved
def reopen(request: HttpRequest, request_id: UUID) -> HttpResponse:
    requests.reopen_request(caller(request), request_id)
    return _up_again(request, request_id)


def _waiting_offers(request: HttpRequest, found: HelpRequest) -> list[tuple[UUID, str]]:
    """Who may have helped without having been accepted; a helper who was is known."""
    if found.helper_id:
        return []
    offers = Conversation.objects.visible_to(caller(request)).could_be_accepted().filter(help_request=found)
    return list(offers.order_by("created_at").values_list("pk", "helper__called"))


def _up_again(request: HttpRequest, request_id: UUID) -> HttpResponse:
    messages.success(request, "Your request is up again.")
    return redirect("messaging:request", request_id)

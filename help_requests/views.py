"""The pages of help requests."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from carecollective.pages import by_parts, form_page, said_at, sent, takes, wants_part
from help_requests import reads
from help_requests.cards import card, how_many, own_card
from help_requests.forms import AskForm, FilterForm
from help_requests.models import HelpRequest
from help_requests.services import asking
from members.doors import approved, caller

PAGE = 20


@takes("GET")
@by_parts
@approved
def listing(request: HttpRequest) -> HttpResponse:
    """The whole page, or for a script only what the filters change: the list and how long it is."""
    member = caller(request)
    form = FilterForm(request.GET, member=member)
    has_strange_filter = not form.is_valid()
    if has_strange_filter:
        form.forget_what_was_wrong()
    filters = form.filters()
    page, is_lost = reads.or_first(partial(reads.listed, member, filters, PAGE), request.GET.get("cursor", ""))
    context = {
        "filters": form,
        "has_strange_filter": has_strange_filter or is_lost,
        "is_filtered": form.is_narrow(),
        "how_many": how_many(reads.count(member, filters)),
        "cards": [card(row, member) for row in page.rows],
        "next_cursor": page.next_cursor,
    }
    return render(request, f"help_requests/{'_found' if wants_part(request) else 'list'}.html", context)


@takes("GET")
@approved
def mine(request: HttpRequest) -> HttpResponse:
    page, _ = reads.or_first(partial(reads.mine, caller(request), PAGE), request.GET.get("cursor", ""))
    context = {"cards": [own_card(row) for row in page.rows], "next_cursor": page.next_cursor}
    return render(request, "help_requests/mine.html", context)


@takes("GET", "POST")
@approved
def ask(request: HttpRequest) -> HttpResponse:
    form = AskForm(sent(request), member=caller(request))
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            posted = asking.post_request(caller(request), form.wish(), str(form.cleaned_data["client_id"]))
            return redirect("help_requests:posted", posted.pk)
        form.renew_key()
    return form_page(request, "help_requests/ask.html", form)


@takes("GET")
@approved
def posted(request: HttpRequest, request_id: UUID) -> HttpResponse:
    found = own(request, request_id)
    return render(request, "help_requests/posted.html", {"help_request": found})


def own(request: HttpRequest, request_id: UUID) -> HelpRequest:
    found = HelpRequest.objects.one_for(caller(request), request_id)
    found.must_be_asked_by(caller(request))
    return found

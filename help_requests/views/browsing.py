"""The pages that show many requests: everyone's, and mine."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from carecollective.pages import takes
from help_requests import reads
from help_requests.cards import card
from help_requests.forms import FilterForm
from members.doors import approved, caller

PAGE = 20


@takes("GET")
@approved
def listing(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET, member=caller(request))
    has_strange_filter = not form.is_valid()
    if has_strange_filter:
        form.forget_what_was_wrong()
    browse = partial(reads.browse, caller(request), form.filters(), PAGE)
    page, is_lost = reads.or_first(browse, request.GET.get("cursor", ""))
    context = {
        "filters": form,
        "has_strange_filter": has_strange_filter or is_lost,
        "is_filtered": form.is_narrow(),
        "cards": [card(row, caller(request)) for row in page.rows],
        "next_cursor": page.next_cursor,
    }
    return render(request, "help_requests/list.html", context)


@takes("GET")
@approved
def mine(request: HttpRequest) -> HttpResponse:
    page, _ = reads.or_first(partial(reads.mine, caller(request), PAGE), request.GET.get("cursor", ""))
    context = {"cards": [card(row, caller(request)) for row in page.rows], "next_cursor": page.next_cursor}
    return render(request, "help_requests/mine.html", context)

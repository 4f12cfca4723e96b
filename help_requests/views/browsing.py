"""The pages that show many requests: everyone's, and mine."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from carecollective.http import wants_part
from carecollective.keyset import or_first
from carecollective.pages import by_parts, takes
from help_requests import reads
from help_requests.cards import card, how_many, own_card
from help_requests.forms import FilterForm
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
    page, is_lost = or_first(partial(reads.listed, member, filters, PAGE), request.GET.get("cursor", ""))
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
    page, _ = or_first(partial(reads.mine, caller(request), PAGE), request.GET.get("cursor", ""))
    context = {"cards": [own_card(row) for row in page.rows], "next_cursor": page.next_cursor}
    return render(request, "help_requests/mine.html", context)

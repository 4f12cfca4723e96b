"""The pages of this room."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

import notifications.reads as notice_reads
import notifications.services as notifications
from carecollective.errors import NotFound, NotValid
from carecollective.keyset import or_first
from carecollective.pages import takes
from help_requests.cards import card
from home import reads
from home.forms import UpTo
from home.notices import days
from home.today import MOST_CARDS, own_cards, plain_card, today
from members.doors import approved, caller
from members.paused import Act, paused_from
from messaging.services import thanking
from notifications.words import told

NOTICES = 30


@takes("GET")
@approved
def home(request: HttpRequest) -> HttpResponse:
    member = caller(request)
    talks, has_begun = reads.talks(member)
    own = reads.own_requests(member)
    context = {
        "today": today(talks, own, timezone.now()),
        "own": own_cards(own, talks, member),
        "found": [card(row, member) for row in reads.new_requests(member, MOST_CARDS)],
        "is_first_visit": not has_begun,
        "day": timezone.localdate(),
        "paused": paused_from(member, Act.START_CONVERSATION),
    }
    return render(request, "home/home.html", context)


@takes("GET")
@approved
def notices(request: HttpRequest) -> HttpResponse:
    member = caller(request)
    page, _ = or_first(partial(notice_reads.notices, member, NOTICES), request.GET.get("cursor", ""))
    context = {
        "days": days(page.rows, reads.subjects(member, page.rows)),
        "next_cursor": page.next_cursor,
        "newest": page.rows[0].number if page.rows else 0,
    }
    return render(request, "home/notices.html", context)


@takes("GET")
@approved
def open_notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """On to what it is about; having come this way, it was read."""
    return redirect(told(notifications.read_one(caller(request), notice_id)).place)


@takes("POST")
@approved
def read_all(request: HttpRequest) -> HttpResponse:
    form = UpTo(request.POST)
    if not form.is_valid():
        raise NotValid()
    notifications.read_all(caller(request), form.cleaned_data["up_to"])
    return redirect("home:notices")


@takes("GET")
@approved
def person(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """As other members see them; whoever is not there, or behind a block, cannot be told apart."""
    member = caller(request)
    found = reads.person(member, member_id)
    if found is None:
        raise NotFound()
    context = {
        "person": found,
        "is_own": found.pk == member.pk,
        "helped_times": thanking.helped_times(found),
        "cards": [plain_card(row, member) for row in reads.requests_of(member, found, MOST_CARDS)],
    }
    return render(request, "home/person.html", context)

"""The people a member keeps away from."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from carecollective.pages import takes
from members.doors import caller, not_declined
from members.models import Block
from members.services import blocks
from members.views.landing import wanted_page


@takes("GET", "POST")
@not_declined
def block(request: HttpRequest, member_id: UUID) -> HttpResponse:
    other = blocks.other_than(caller(request), member_id)
    if request.method == "POST":
        blocks.block(caller(request), member_id)
        messages.success(request, f"You blocked {other.called}.")
        return redirect("members:blocked")
    back = wanted_page(request, request.headers.get("Referer", ""), caller(request))
    return render(request, "members/block.html", {"other": other, "back": back})


@takes("GET")
@not_declined
def blocked(request: HttpRequest) -> HttpResponse:
    made = Block.objects.filter(blocker=caller(request)).select_related("blocked")
    return render(request, "members/blocked.html", {"blocks": made})


@takes("POST")
@not_declined
def unblock(request: HttpRequest, member_id: UUID) -> HttpResponse:
    other = blocks.other_than(caller(request), member_id)
    blocks.unblock(caller(request), member_id)
    messages.success(request, f"You unblocked {other.called}.")
    return redirect(_where_they_were(request))


def _where_they_were(request: HttpRequest) -> str:
    """The chat or the list they unblocked somebody from; a person who waits has only the list."""
    came_from = request.headers.get("Referer", "")
    if not came_from or not caller(request).is_approved:
        return reverse("members:blocked")
    return wanted_page(request, came_from, caller(request))

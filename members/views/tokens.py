"""Tokens: how a program of a member's own speaks to us."""

from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from carecollective.errors import IdempotencyKeyReused, NotFound
from carecollective.pages import form_page, said_at, sent, takes
from members.doors import approved, caller
from members.forms.me import NewToken
from members.models import ApiToken
from members.services import access
from members.views import shown_once

NEW = "new_token"


@takes("GET", "POST")
@approved
def tokens(request: HttpRequest) -> HttpResponse:
    form = NewToken(sent(request))
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            return _make(request, form)
    new = shown_once.take(request.session, NEW) if request.method == "GET" else ""
    mine = ApiToken.objects.filter(member=caller(request)).order_by("-created_at", "-id")
    return form_page(request, "members/tokens.html", form, tokens=mine, new=new)


@takes("POST")
@approved
def revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    # Pressed twice: it is gone, which is what was asked for.
    with suppress(NotFound):
        access.revoke_token(caller(request), token_id)
    messages.success(request, "That token does not work any more.")
    return redirect("members:tokens")


def _make(request: HttpRequest, form: NewToken) -> HttpResponse:
    # Sent twice: the first press has put the token into the session already.
    with suppress(IdempotencyKeyReused):
        _, text = access.make_token(caller(request), form.cleaned_data["name"], form.cleaned_data["client_id"])
        shown_once.put(request.session, NEW, text)
    return redirect("members:tokens")

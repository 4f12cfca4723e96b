"""Joining in three steps, and the page that asks people to look into their mail."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from carecollective.pages import form_page, said_at, sent, takes
from members.addresses import address_of
from members.doors import caller
from members.forms.fields import ELSEWHERE
from members.forms.joining import Area, Why, You
from members.forms.signing_in import WhichAddress
from members.services import accounts
from members.views import answers
from members.views.landing import first_page_of

Page = Callable[..., HttpResponse]

CHANGES = {"you": "members:join", "area": "members:join_area"}
DRAFT_LETTERS = 5000


def newcomers_only(page: Page) -> Page:
    @wraps(page)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(first_page_of(caller(request)))
        return page(request, *args, **kwargs)

    return door


@takes("GET", "POST")
@newcomers_only
def you(request: HttpRequest) -> HttpResponse:
    told = answers.told(request)
    form = You(sent(request), initial=told, has_password="password_hash" in told)
    if request.method != "POST":
        return form_page(request, "members/join_you.html", form)
    if request.POST.get("website"):
        return _as_if_sent(request)
    form.full_clean()
    if password := form.cleaned_data.get("password"):
        # Kept even if another answer needs a change, so nobody has to choose a password twice.
        with said_at(form):
            answers.keep(request, password_hash=accounts.hash_to_join_with(password, address_of(request)))
            form.password_is_kept()
    if form.errors:
        return form_page(request, "members/join_you.html", form)
    answers.keep(request, **{name: form.cleaned_data[name] for name in ("name", "called", "email")})
    return redirect("members:join_why" if "change" in request.GET else "members:join_area")


@takes("GET", "POST")
@newcomers_only
def area(request: HttpRequest) -> HttpResponse:
    if step := answers.first_open_step(request, "members:join_area"):
        return redirect(step)
    form = Area(sent(request), initial=answers.told(request))
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "members/join_area.html", form)
    if form.cleaned_data["town"] == ELSEWHERE:
        return redirect("members:not_yet")
    answers.keep(request, town=form.cleaned_data["town"])
    return redirect("members:join_why")


@takes("GET", "POST")
@newcomers_only
def why(request: HttpRequest) -> HttpResponse:
    if answers.sent_to(request) and not answers.told(request):
        return redirect("members:check_email")
    if step := answers.first_open_step(request, "members:join_why"):
        return redirect(step)
    if request.POST.get("change") in CHANGES:
        return _change(request, CHANGES[request.POST["change"]])
    told = answers.told(request)
    form = Why(sent(request), initial=told)
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            return _send(request, form.cleaned_data)
    return form_page(request, "members/join_why.html", form, told=told)


@takes("GET")
def not_yet(request: HttpRequest) -> HttpResponse:
    return render(request, "members/not_yet.html", {"towns": settings.SERVICE_AREA})


@takes("GET", "POST")
@newcomers_only
def check_email(request: HttpRequest) -> HttpResponse:
    email = answers.sent_to(request)
    if not email:
        return redirect("members:join")
    form = WhichAddress({"email": email})
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            accounts.send_link_again(email, address_of(request))
            messages.success(request, "We sent the link again.")
            return redirect("members:check_email")
    return form_page(request, "members/check_email.html", form, email=email)


def _send(request: HttpRequest, reasons: dict[str, str]) -> HttpResponse:
    told = answers.told(request)
    application = accounts.Application(
        email=told["email"],
        password_hash=told["password_hash"],
        name=told["name"],
        called=told["called"],
        town=told["town"],
        caregiving=reasons["caregiving"],
        reason=reasons["reason"],
        time_zone="",
    )
    accounts.join(application, address_of(request))
    answers.mark_sent(request, application.email, application.password_hash)
    return redirect("members:check_email")


def _change(request: HttpRequest, step: str) -> HttpResponse:
    """Back to an earlier step, and what stands in this one is kept too."""
    typed = {name: request.POST.get(name, "")[:DRAFT_LETTERS] for name in ("caregiving", "reason")}
    answers.keep(request, **typed)
    return redirect(reverse(step) + "?change")


def _as_if_sent(request: HttpRequest) -> HttpResponse:
    """Only a program fills in a field nobody sees; it shall not learn that we noticed."""
    answers.mark_sent(request, request.POST.get("email", "")[:254], "")
    return redirect("members:check_email")

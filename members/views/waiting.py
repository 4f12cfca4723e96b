"""Where people stand: waiting, just let in, or declined with the way to ask again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse

from carecollective.pages import form_page, said_at, sent, takes
from members.doors import caller, signed_in
from members.forms.joining import Answer, AskAgain
from members.models import Member
from members.paused import Paused
from members.services import accounts, restrictions, verification


@takes("GET", "POST")
@signed_in
def waiting(request: HttpRequest) -> HttpResponse:
    if caller(request).is_approved:
        return render(request, "members/welcome.html", {"home": _home()})
    if caller(request).is_banned:
        return _banned(request)
    if caller(request).is_rejected:
        return _declined(request)
    return render(request, "members/waiting.html")


@takes("POST")
@signed_in
def send_again(request: HttpRequest) -> HttpResponse:
    accounts.send_confirmation_again(caller(request))
    messages.success(request, "We sent the link again.")
    return redirect("members:waiting")


@takes("GET", "POST")
@signed_in
def answer(request: HttpRequest) -> HttpResponse:
    if not caller(request).is_pending or caller(request).is_banned:
        return redirect("members:waiting")
    told = {name: getattr(caller(request), name) for name in ("caregiving", "reason")}
    form = Answer(sent(request), initial=told)
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            verification.change_application(caller(request), **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("members:waiting")
    return form_page(request, "members/answer.html", form)


def _banned(request: HttpRequest) -> HttpResponse:
    paused = Paused(restrictions.in_force(caller(request)), caller(request))
    return render(request, "members/banned.html", {"paused": paused, "has_decisions": True})


def _declined(request: HttpRequest) -> HttpResponse:
    form = AskAgain(sent(request))
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            verification.apply_again(caller(request), form.cleaned_data["reason"])
            messages.success(request, "Thank you. We will look again.")
            return redirect("members:waiting")
    has_decisions = restrictions.has_had_any(caller(request))
    return form_page(request, "members/declined.html", form, why=_why(caller(request)), has_decisions=has_decisions)


def _why(member: Member) -> str:
    change = member.verification_changes.filter(to_status="rejected").first()
    return change.reason if change else ""


def _home() -> str:
    """Only a room that is built has an address."""
    try:
        return reverse("home:home")
    except NoReverseMatch:
        return ""

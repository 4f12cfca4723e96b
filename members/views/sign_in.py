"""Signing in and out."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from carecollective.kept import WHO
from carecollective.pages import form_page, said_at, sent, takes
from members.addresses import address_of
from members.doors import caller
from members.forms.signing_in import SignIn
from members.services import accounts
from members.views import second_step
from members.views.landing import let_in, must_prove_more, wanted_page


@takes("GET", "POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "") or request.GET.get("next", "")
    is_here = request.user.is_authenticated and not must_prove_more(request, caller(request))
    if request.method == "GET" and is_here:
        return redirect(wanted_page(request, target, caller(request)))
    form = SignIn(sent(request))
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            words = form.cleaned_data
            member = accounts.sign_in(words["email"], words["password"], address_of(request))
            if member.is_staff:
                return second_step.ask(request, member, target)
            return let_in(request, member, target)
    return form_page(request, "members/sign_in.html", form, next=target)


@takes("POST")
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, "You are signed out.")
    response = redirect("members:sign_in")
    response.delete_cookie(WHO, samesite="Lax")
    return response

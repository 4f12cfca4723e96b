"""What members set about themselves, and where they are signed in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from carecollective.pages import form_page, said_at, sent, takes
from members.addresses import browser_zone
from members.doors import approved, caller, signed_in
from members.forms.me import Profile
from members.services import access, accounts


@takes("GET", "POST")
@approved
def me(request: HttpRequest) -> HttpResponse:
    form = Profile(sent(request), member=caller(request), browser_zone=browser_zone(request))
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            accounts.update_profile(caller(request), **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("members:me")
    return form_page(request, "members/me.html", form)


@takes("POST")
@signed_in
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    access.end_sessions(caller(request), keep=request.session.session_key)
    messages.success(request, "You are signed out everywhere else.")
    return redirect("members:me")

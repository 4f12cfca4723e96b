"""A new password: for those who forgot theirs, and for those who want another one."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlsafe_base64_decode

from carecollective.pages import form_page, said_at, sent, takes
from members.addresses import address_of
from members.doors import approved, caller
from members.forms.signing_in import ChangePassword, NewPassword, WhichAddress
from members.models import Member
from members.services import accounts

TOKEN = "new_password_token"  # noqa: S105
IN_SESSION = "choose"
DONE = "new_password_done"


@takes("GET", "POST")
def forgot(request: HttpRequest) -> HttpResponse:
    form = WhichAddress(sent(request))
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            accounts.ask_for_password_reset(form.cleaned_data["email"], address_of(request))
            return redirect("members:forgot_sent")
    return form_page(request, "members/forgot.html", form)


@takes("GET")
def forgot_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "members/forgot_sent.html")


@takes("GET", "POST")
def new_password(request: HttpRequest, person: str, token: str) -> HttpResponse:
    """The token moves from the address into the session first, so it stands in no history and no Referer."""
    member = _member(person)
    if member and token != IN_SESSION and default_token_generator.check_token(member, token):
        request.session[TOKEN] = token
        request.session.pop(DONE, None)
        return redirect("members:new_password", person=person, token=IN_SESSION)
    token = request.session.get(TOKEN, "")
    if member is None or not default_token_generator.check_token(member, token):
        return _no_such_link(request, person)
    form = NewPassword(sent(request), member=member)
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            accounts.reset_password(member, token, form.cleaned_data["password"])
            return _done(request, person)
        # The token was used while we looked at it: the same form was sent twice.
        return redirect("members:new_password", person=person, token=IN_SESSION)
    return form_page(request, "members/new_password.html", form, email=member.email)


@takes("GET", "POST")
@approved
def change(request: HttpRequest) -> HttpResponse:
    form = ChangePassword(sent(request), member=caller(request))
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            old, new = form.cleaned_data["old_password"], form.cleaned_data["new_password"]
            member = accounts.change_password(caller(request), old, new, request.session.session_key)
            # Gives this session a new key, so it comes after the others have ended by theirs.
            update_session_auth_hash(request, member)
            messages.success(request, "Saved. You are signed out everywhere else.")
            return redirect("members:me")
    return form_page(request, "members/change_password.html", form)


def _done(request: HttpRequest, person: str) -> HttpResponse:
    if request.user.is_authenticated:
        # The verb has ended this session as well.
        logout(request)
    request.session.pop(TOKEN, None)
    request.session[DONE] = person
    messages.success(request, "Your new password is saved. Please sign in.")
    return redirect("members:sign_in")


def _no_such_link(request: HttpRequest, person: str) -> HttpResponse:
    if request.session.get(DONE) == person:
        return redirect("members:sign_in")
    return form_page(request, "members/old_password_link.html", WhichAddress(), status=400)


def _member(person: str) -> Member | None:
    try:
        return Member.objects.filter(pk=UUID(urlsafe_base64_decode(person).decode()), is_active=True).first()
    except ValueError:
        return None

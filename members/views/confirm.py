"""The link in our first mail."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from carecollective.errors import NotValid
from carecollective.pages import form_page, said_at, sent, takes
from members.addresses import address_of
from members.forms.signing_in import WhichAddress
from members.models import Member
from members.services import accounts
from members.views import answers


@takes("GET", "POST")
def confirm(request: HttpRequest, link: str) -> HttpResponse:
    """Mail scanners open links too, so opening one confirms only in the browser that asked for it."""
    try:
        member = accounts.member_of(link)
    except NotValid:
        return form_page(request, "members/old_link.html", WhichAddress(), status=400)
    made_here = answers.were_sent_for(request, member)
    if request.method == "GET" and not made_here and not member.has_confirmed_email:
        return render(request, "members/confirm.html", {"email": member.email})
    member = accounts.confirm_email(link)
    # Staff come in with their second step only.
    if made_here and not member.is_staff:
        return _come_in(request, member)
    return _go_and_sign_in(request, member)


@takes("POST", "GET")
def new_link(request: HttpRequest) -> HttpResponse:
    """For a link that is too old: the same answer whether we know the address or not."""
    form = WhichAddress(sent(request))
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            accounts.send_link_again(form.cleaned_data["email"], address_of(request))
            return redirect("members:new_link_sent")
    return form_page(request, "members/old_link.html", form)


@takes("GET")
def new_link_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "members/new_link_sent.html")


def _come_in(request: HttpRequest, member: Member) -> HttpResponse:
    if request.user != member:
        login(request, member)
    messages.success(request, "Your email is checked.")
    return redirect("members:waiting")


def _go_and_sign_in(request: HttpRequest, member: Member) -> HttpResponse:
    if request.user == member:
        return redirect("members:waiting")
    messages.success(request, "Your email is checked. Please sign in.")
    return redirect("members:sign_in")

"""The second step of staff: between the right password and the door stands a code."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import pyotp
import segno
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare
from django.utils.safestring import mark_safe

from carecollective.pages import form_page, said_at, sent, takes
from members.forms.signing_in import Code
from members.models import Member
from members.services import second_factor
from members.views import shown_once
from members.views.landing import first_page_of, let_in, must_prove_more

PENDING = "half_signed_in"
CODES = "recovery_codes"
MOST_SECONDS = 5 * 60
TOO_SLOW = "That took more than 5 minutes. Please sign in again."

Page = Callable[..., HttpResponse]


def ask(request: HttpRequest, member: Member, target: str) -> HttpResponse:
    """The password was right; nobody is signed in yet."""
    if request.user.is_authenticated:
        logout(request)
    request.session.cycle_key()
    request.session.pop(CODES, None)
    # A password changed in the meantime ends this half sign-in like every other.
    request.session[PENDING] = {
        "member": str(member.pk),
        "password": member.get_session_auth_hash(),
        "since": int(time.time()),
        "next": target,
    }
    return redirect("members:code" if second_factor.has_second_factor(member) else "members:second_step")


def half_signed_in(page: Page) -> Page:
    """Hands the page the member whose password was right within the last five minutes."""

    @wraps(page)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        member = _pending(request)
        if member:
            return page(request, member, *args, **kwargs)
        if isinstance(request.user, Member) and not must_prove_more(request, request.user):
            return redirect(first_page_of(request.user))
        if request.session.pop(PENDING, None):
            messages.error(request, TOO_SLOW)
        return redirect("members:sign_in")

    return door


@takes("GET", "POST")
@half_signed_in
def code(request: HttpRequest, member: Member) -> HttpResponse:
    if not second_factor.has_second_factor(member):
        return redirect("members:second_step")
    from_paper = "paper" in request.GET
    form = Code(sent(request), from_paper=from_paper)
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            second_factor.must_know_code(member, form.cleaned_data["code"])
            return _let_in(request, member)
    return form_page(request, "members/code.html", form, from_paper=from_paper)


@takes("GET", "POST")
@half_signed_in
def second_step(request: HttpRequest, member: Member) -> HttpResponse:
    """Setting it up, once: a picture for the app, and its first code to prove that it works."""
    if second_factor.has_second_factor(member):
        return _after_setting_up(request)
    secret = second_factor.begin(member)
    form = Code(sent(request))
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            codes = second_factor.confirm(member, form.cleaned_data["code"])
            shown_once.put(request.session, CODES, " ".join(codes))
            return redirect("members:recovery_codes")
        if second_factor.has_second_factor(member):
            # Pressed twice: the other press was first.
            return _after_setting_up(request)
    return form_page(request, "members/second_step.html", form, **_picture(member, secret))


@takes("GET", "POST")
@half_signed_in
def recovery_codes(request: HttpRequest, member: Member) -> HttpResponse:
    """Shown until the person says they have them, and never again."""
    codes = shown_once.look(request.session, CODES).split()
    if not codes:
        return redirect("members:code")
    if request.method == "POST":
        return _let_in(request, member)
    return form_page(request, "members/recovery_codes.html", Code(), codes=codes)


def _pending(request: HttpRequest) -> Member | None:
    pending = request.session.get(PENDING, {})
    if not pending or time.time() - pending["since"] > MOST_SECONDS:
        return None
    member = Member.objects.filter(pk=pending["member"], is_active=True, is_staff=True).first()
    if member is None or not constant_time_compare(pending["password"], member.get_session_auth_hash()):
        return None
    return member


def _let_in(request: HttpRequest, member: Member) -> HttpResponse:
    target = request.session.pop(PENDING)["next"]
    request.session.pop(CODES, None)
    response = let_in(request, member, target)
    request.session["second_factor"] = int(time.time())
    return response


def _after_setting_up(request: HttpRequest) -> HttpResponse:
    return redirect("members:recovery_codes" if CODES in request.session else "members:code")


def _picture(member: Member, secret: str) -> dict[str, Any]:
    link = pyotp.TOTP(secret).provisioning_uri(name=member.email, issuer_name="CARE Collective")
    drawing = segno.make(link).svg_inline(dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return {"picture": mark_safe(drawing), "link": link, "secret": groups}  # noqa: S308

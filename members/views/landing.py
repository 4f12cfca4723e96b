"""Where people land once we know who they are."""

from urllib.parse import urlsplit

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from carecollective import cookies
from carecollective.kept import WHO, mark_of
from members.models import Member

DESK = "/admin/"
# Coming back to these would ask to sign in or out once more.
DOORS = ("/login/", "/logout/", "/join/", "/password/")
# Open to people who wait, or were declined or banned, as well.
SMALL_ROOM = ("/waiting/", "/decisions/", "/my-data/", "/help/")


def first_page_of(member: Member) -> str:
    return reverse("home:home" if member.is_approved else "members:waiting")


def wanted_page(request: HttpRequest, target: str, member: Member) -> str:
    """The page somebody was on the way to, if it is one of ours and open to them."""
    ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    path = urlsplit(target).path if ours else ""
    if not path.startswith("/") or path == "/" or path.startswith(DOORS):
        return first_page_of(member)
    if not member.is_approved and not path.startswith(SMALL_ROOM):
        return first_page_of(member)
    if path.startswith(DESK) and not member.is_staff:
        return first_page_of(member)
    return target


def must_prove_more(request: HttpRequest, member: Member) -> bool:
    """Staff whose session has not seen the second step."""
    return member.is_staff and not request.session.get("second_factor")


def let_in(request: HttpRequest, member: Member, target: str = "") -> HttpResponse:
    """A new session under a new key, and on to where they wanted to go."""
    where = wanted_page(request, target, member)
    login(request, member)
    response = HttpResponseRedirect(where)
    cookies.give(response, WHO, mark_of(member.pk), seconds=cookies.YEAR)
    return response

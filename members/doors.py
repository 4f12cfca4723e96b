"""Who may open a page: each door sends everybody else to the page that helps them on."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from rest_framework.request import Request

from carecollective.error_pages import to_sign_in
from carecollective.errors import NotSignedIn
from members.models import Member

Page = Callable[..., HttpResponse]


def caller(request: HttpRequest | Request) -> Member:
    """The member behind a request that has passed a door or `SignedInOnly`."""
    if not isinstance(request.user, Member):
        raise NotSignedIn()
    return request.user


def signed_in(page: Page) -> Page:
    """Anybody with an account, waiting and declined people too."""

    @wraps(page)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        return page(request, *args, **kwargs)

    return door


def not_declined(page: Page) -> Page:
    """Members, and people who wait; whom we declined or banned see where they stand."""

    @wraps(page)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, Member):
            return to_sign_in(request)
        if request.user.is_rejected or request.user.is_banned:
            return HttpResponseRedirect("/waiting/")
        return page(request, *args, **kwargs)

    return door


def approved(page: Page) -> Page:
    """Members only: people who wait, or whom we declined or banned, see where they stand."""

    @wraps(page)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, Member):
            return to_sign_in(request)
        if not request.user.is_approved:
            if request.headers.get("X-Kept-By") == "device":
                # The words wait on a device that wants to hear why they stay there (static/js/outbox.js).
                request.user.must_be_approved("Your account cannot do this now.")
            return HttpResponseRedirect("/waiting/")
        return page(request, *args, **kwargs)

    return door

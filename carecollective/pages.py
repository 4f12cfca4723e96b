"""What page views share: the methods they take, and a refused form that comes back with every word typed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.forms import BaseForm, Textarea, TextInput
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from carecollective.errors import MethodNotAllowed, NotValid, RateLimited, Refusal
from carecollective.http import answer, noted

Page = Callable[..., HttpResponse]


def takes(*methods: str) -> Callable[[Page], Page]:
    """Answers every other method with our own page, which says so."""
    allowed = (*methods, "HEAD") if "GET" in methods else methods

    def decorate(page: Page) -> Page:
        @wraps(page)
        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in allowed:
                return page(request, *args, **kwargs)
            refused = answer(request, MethodNotAllowed())
            refused["Allow"] = ", ".join(allowed)
            return refused

        return door

    return decorate


def wants_part(request: HttpRequest) -> bool:
    """Whether a script of ours asks for the part of a page it will put in place."""
    return request.headers.get("HX-Request") == "true"


def by_parts(page: Page) -> Page:
    """For a page that answers scripts with a part of itself: no cache takes one for the other.

    A script also hears where to go instead of being sent there, or it would read, and use up, the page it is sent to.
    """

    @wraps(page)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = page(request, *args, **kwargs)
        if wants_part(request) and isinstance(response, HttpResponseRedirectBase):
            response = HttpResponseClientRedirect(response.url)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return door


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to; one that was sent empty is bound too, or nobody would hear what is missing."""
    return request.POST if request.method == "POST" else None


@contextmanager
def said_at(form: BaseForm) -> Iterator[None]:
    """What the verb inside refuses is said at the form it belongs to; so is what went wrong, or the words were lost."""
    try:
        yield
    except Refusal as refusal:
        form.refusal = refusal  # type: ignore[attr-defined]
        _say(form, refusal)
    except Exception as problem:
        # While we work on the site, its fault is for us to read.
        if settings.DEBUG:
            raise
        form.refusal = noted(problem)  # type: ignore[attr-defined]
        _say(form, form.refusal)  # type: ignore[attr-defined]


def form_page(request: HttpRequest, template: str, form: BaseForm, status: int = 200, **context: Any) -> HttpResponse:
    """The page of a form: new, or with what went wrong and what was typed."""
    refusal = getattr(form, "refusal", None) or (NotValid() if form.errors else None)
    status = refusal.status if refusal else status
    response = render(request, template, {"form": form, **context}, status=status)
    response.refusal = refusal  # type: ignore[attr-defined]
    if refusal and "retry_after" in refusal.extras:
        response["Retry-After"] = str(refusal.extras["retry_after"])
    return response


def wait_in_words(seconds: int) -> str:
    if seconds < 90:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if minutes < 90 else f"{-(-minutes // 60)} hours"


def _say(form: BaseForm, refusal: Refusal) -> None:
    fields = {name: words for name, words in refusal.extras.get("fields", {}).items() if name in form.fields}
    for name, words in fields.items():
        form.add_error(name, words)
    if not fields:
        form.add_error(None, _words(refusal, form))


def _words(refusal: Refusal, form: BaseForm) -> str:
    if refusal.status >= 500 and any(isinstance(field.widget, Textarea | TextInput) for field in form.fields.values()):
        return f"{refusal.words} Your words are safe."
    if isinstance(refusal, RateLimited) and "retry_after" in refusal.extras:
        return f"{refusal.words} You can try again in {wait_in_words(refusal.extras['retry_after'])}."
    return refusal.words

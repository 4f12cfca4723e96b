"""What page views share: the methods they take, and a refused form that comes back with every word typed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from carecollective import cookies, kept
from carecollective.error_pages import failed_before, remember_failure, short_code
from carecollective.errors import MethodNotAllowed, NotValid, Refusal, ServerFault, ServiceUnavailable, Warned
from carecollective.form_text import Paragraphs
from carecollective.http import answer, understood, wants_part

Page = Callable[..., HttpResponse]
YOUR_WORDS_ARE_SAFE = "Your words are safe."
NOTHING_WAS_CHANGED = "Nothing was changed. Please try again."


def takes(*methods: str) -> Callable[[Page], Page]:
    """Answers every other method with our own page, which says so."""
    allowed = (*methods, "HEAD") if "GET" in methods else methods

    def decorate(page: Page) -> Page:
        @wraps(page)
        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in allowed:
                return _telling_what_was_taken(request, page(request, *args, **kwargs))
            refused = answer(request, MethodNotAllowed())
            refused["Allow"] = ", ".join(allowed)
            return refused

        door.methods = allowed  # type: ignore[attr-defined]  # asked by kept.page_of
        return door

    return decorate


def _telling_what_was_taken(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A form that leads on has been taken, so the device may forget the words it kept for it (static/js/kept.js)."""
    leads_on = request.method == "POST" and 300 <= response.status_code < 400
    if leads_on and not response["Location"].startswith(settings.LOGIN_URL):
        cookies.give(response, "taken", quote(request.path, safe=""), seconds=cookies.SHORT, for_scripts=True)
    return response


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
    """What a form is bound to; one that was sent empty is bound too, or nobody would hear what is missing.

    On the way back from signing in it is what was typed before, shown and not yet sent.
    """
    if request.method != "POST":
        return kept.brought_back(request)
    kept.forget(request)
    return request.POST


@contextmanager
def said_at(form: BaseForm) -> Iterator[None]:
    """What the verb inside refuses is said at the form it belongs to, and what fails in it, too."""
    try:
        yield
    except Warned as asked:
        form.warned = asked.sentences  # type: ignore[attr-defined]
    except Exception as problem:
        refusal = understood(problem)
        if settings.DEBUG and isinstance(refusal, ServerFault):
            raise
        form.refusal = refusal  # type: ignore[attr-defined]
        _say(form, refusal)


def form_page(request: HttpRequest, template: str, form: BaseForm, status: int = 200, **context: Any) -> HttpResponse:
    """The page of a form: new, or with what went wrong and what was typed."""
    refusal = getattr(form, "refusal", None) or (NotValid() if form.errors else None)
    status = refusal.status if refusal else status
    if isinstance(refusal, ServerFault) and failed_before(request):
        form.add_error(None, f"Error {short_code(request)}. If you ask us for help, tell us this code.")
    response = render(request, template, {"form": form, **context}, status=status)
    response.refusal = refusal  # type: ignore[attr-defined]
    remember_failure(request, response)
    if refusal and "retry_after" in refusal.extras:
        response["Retry-After"] = str(refusal.extras["retry_after"])
    return response


def _say(form: BaseForm, refusal: Refusal) -> None:
    fields = {name: words for name, words in refusal.extras.get("fields", {}).items() if name in form.fields}
    for name, words in fields.items():
        form.add_error(name, words)
    if not fields:
        form.add_error(None, _words(form, refusal))


def _words(form: BaseForm, refusal: Refusal) -> str:
    if not isinstance(refusal, ServerFault | ServiceUnavailable):
        return refusal.words
    if any(isinstance(field, Paragraphs) for field in form.fields.values()):
        return f"{refusal.words} {YOUR_WORDS_ARE_SAFE}"
    return f"{refusal.words} {NOTHING_WAS_CHANGED}" if isinstance(refusal, ServerFault) else refusal.words

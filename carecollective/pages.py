"""What page views share: the methods they take, and a refused form that comes back with every word typed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from carecollective.errors import MethodNotAllowed, NotValid, RateLimited, Refusal, ServerFault
from carecollective.http import answer, noted, support_code

FAULT = "{sentence} Your words are safe. Please try again. If it happens twice, tell us “Error {code}”."
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


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to; one that was sent empty is bound too, or nobody would hear what is missing."""
    return request.POST if request.method == "POST" else None


@contextmanager
def said_at(form: BaseForm) -> Iterator[None]:
    """What the verb inside refuses is said at the form it belongs to."""
    try:
        yield
    except Refusal as refusal:
        form.refusal = refusal  # type: ignore[attr-defined]
        _say(form, refusal)


@contextmanager
def faults_said_at(form: BaseForm, request: HttpRequest) -> Iterator[None]:
    """The same for what nobody foresaw: the form stays, with its words and its buttons, and can be sent again."""
    try:
        with said_at(form):
            yield
    except Exception as problem:  # Its transaction is undone by now; the log has its kind and its place.
        refusal = noted(request, problem)
        if isinstance(refusal, ServerFault):
            if settings.DEBUG:
                raise
            refusal = ServerFault(FAULT.format(sentence=refusal.words, code=support_code(request)))
        form.refusal = refusal  # type: ignore[attr-defined]
        _say(form, refusal)


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
        form.add_error(None, _words(refusal))


def _words(refusal: Refusal) -> str:
    if isinstance(refusal, RateLimited) and "retry_after" in refusal.extras:
        return f"{refusal.words} You can try again in {wait_in_words(refusal.extras['retry_after'])}."
    return refusal.words

"""A refusal as a page: what happened, that the words are safe, and the next step."""

import hashlib
import logging
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.html import escape

from carecollective import cookies, errors, kept
from carecollective.look import look

log = logging.getLogger("carecollective.http")

CSRF_FIELD = "csrfmiddlewaretoken"
FAILED = "failed_form"
AGAIN = (errors.ServerFault, errors.ServiceUnavailable, errors.RateLimited, errors.CsrfFailed)
PAGES = {403: "errors/403.html", 404: "errors/404.html", 429: "errors/429.html", 503: "errors/500.html"}


def page(request: HttpRequest, refusal: errors.Refusal) -> HttpResponse:
    if isinstance(refusal, errors.NotSignedIn):
        return to_sign_in(request)
    context = {
        "status": refusal.status,
        "code": refusal.code,
        "sentence": refusal.words,
        "next_steps": _next_steps(request, refusal),
        "error_code": short_code(request) if request.method != "POST" or failed_before(request) else "",
        "extras": refusal.extras,
        "look": look(request),
        **_typed(request, refusal),
    }
    response = HttpResponse(_render(_template(refusal), context), status=refusal.status)
    remember_failure(request, response)
    return response


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """A form sent after the session ended comes back to its page, with the words typed into it."""
    kept.keep_until_signed_in(request)
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': kept.page_of(request)})}")


def short_code(request: HttpRequest) -> str:
    """What a person can read to us; the log has the rest."""
    return str(getattr(request, "id", ""))[-4:].upper()


def failed_before(request: HttpRequest) -> bool:
    """The same form has failed through our fault a moment ago."""
    return request.COOKIES.get(FAILED) == _mark_of(request)


def remember_failure(request: HttpRequest, response: HttpResponse) -> None:
    # In a cookie, because the database may be what fails.
    if response.status_code >= 500 and request.method == "POST":
        cookies.give(response, FAILED, _mark_of(request), seconds=cookies.SHORT)


def _mark_of(request: HttpRequest) -> str:
    return hashlib.sha256(request.path_info.encode()).hexdigest()[:16]


def _typed(request: HttpRequest, refusal: errors.Refusal) -> dict[str, Any]:
    """The words of a form, to be sent once more under the same key, or at least to be copied."""
    is_forged = isinstance(refusal, errors.CsrfFailed) and not _is_from_here(request)
    if request.method != "POST" or is_forged:
        return {}
    fields = kept.typed(request)
    may_go_again = isinstance(refusal, AGAIN) and not any(map(_is_secret, request.POST))
    return {
        "typed_words": kept.words_in(fields),
        "resend": {"fields": fields, "token": get_token(request)} if may_go_again else None,
    }


def _is_from_here(request: HttpRequest) -> bool:
    """A form of ours that lay open too long, as against one that another site made."""
    origin = request.headers.get("Origin", "")
    return origin == f"{request.scheme}://{request.get_host()}" or origin in settings.CSRF_TRUSTED_ORIGINS


def _is_secret(name: str) -> bool:
    return name != CSRF_FIELD and any(secret in name for secret in kept.NEVER)


def _render(template: str, context: dict[str, Any]) -> str:
    """Without the request, so an error page asks nothing of a database that may be the error."""
    try:
        return render_to_string(template, context)
    except Exception as problem:  # The last page there is: whatever is wrong with it, people get their sentence.
        log.error("error_page_failed", extra={"problem": problem})
        return f"<!doctype html><title>CARE Collective</title><p>{escape(context['sentence'])}</p>"


def _template(refusal: errors.Refusal) -> str:
    if isinstance(refusal, errors.CsrfFailed):
        return "errors/stale.html"
    return PAGES.get(refusal.status, "errors/500.html" if refusal.status >= 500 else "errors/400.html")


def _next_steps(request: HttpRequest, refusal: errors.Refusal) -> list[dict[str, str]]:
    if refusal.extras.get("requires_approval"):
        return [{"label": "See how your request to join is doing", "url": "/waiting/"}]
    if appeal := refusal.extras.get("appeal_url"):
        return [{"label": "Why?", "url": appeal}, {"label": "Ask us to look again", "url": f"{appeal}#again"}]
    first = {"label": "Go to the first page", "url": "/"}
    if request.method != "POST" or isinstance(refusal, errors.NotFound | errors.NotPermitted):
        return [first]
    page = kept.page_of(request)
    return [{"label": "Go back to the page", "url": page}] if page != "/" else [first]

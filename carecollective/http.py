"""Refusal to answer: the only place that turns what went wrong into what a person or a program reads."""

import logging
import sys
from collections.abc import Callable
from typing import Any

import psycopg
from django.conf import settings
from django.core import exceptions as django_errors
from django.db import utils as database_errors
from django.http import Http404, HttpRequest, HttpResponse
from procrastinate.exceptions import ConnectorException
from rest_framework import exceptions as drf_errors
from rest_framework.response import Response

from carecollective import error_pages, errors, strict_json
from carecollective.logs import route_of
from carecollective.text import Unwritable

log = logging.getLogger("carecollective.http")

TOO_BUSY = (
    psycopg.errors.QueryCanceled,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.DiskFull,
    psycopg.errors.ReadOnlySqlTransaction,
)

PLAIN: dict[type[BaseException], type[errors.Refusal]] = {
    Http404: errors.NotFound,
    django_errors.RequestDataTooBig: errors.PayloadTooLarge,
    django_errors.TooManyFieldsSent: errors.PayloadTooLarge,
    django_errors.TooManyFilesSent: errors.PayloadTooLarge,
    django_errors.PermissionDenied: errors.NotPermitted,
    django_errors.SuspiciousOperation: errors.NotValid,
    django_errors.BadRequest: errors.NotValid,
    drf_errors.ParseError: errors.NotValid,
    drf_errors.NotAuthenticated: errors.NotSignedIn,
    drf_errors.AuthenticationFailed: errors.NotSignedIn,
    drf_errors.PermissionDenied: errors.NotPermitted,
    drf_errors.NotFound: errors.NotFound,
    drf_errors.MethodNotAllowed: errors.MethodNotAllowed,
    drf_errors.UnsupportedMediaType: errors.UnsupportedMediaType,
    database_errors.InterfaceError: errors.ServiceUnavailable,
}


def refusal_from(problem: BaseException) -> errors.Refusal:
    """What we say about a problem; a problem nobody foresaw is our fault."""
    if isinstance(problem, errors.Refusal):
        return problem
    if isinstance(problem, drf_errors.ValidationError):
        return errors.NotValid(fields=_flat(problem.detail))
    if isinstance(problem, Unwritable):
        return errors.NotValid(str(problem))
    if isinstance(problem, database_errors.OperationalError | database_errors.InternalError | ConnectorException):
        return _from_database(problem)
    for kind, refusal in PLAIN.items():
        if isinstance(problem, kind):
            return refusal()
    return errors.ServerFault()


def answer(request: HttpRequest, refusal: errors.Refusal) -> HttpResponse:
    """JSON under /api/ and for a script of ours, a page elsewhere."""
    is_for_program = request.path_info.startswith("/api/") or wants_part(request)
    make = _json_answer if is_for_program else error_pages.page
    response = make(request, refusal)
    response.refusal = refusal  # type: ignore[attr-defined]
    if "retry_after" in refusal.extras:
        response["Retry-After"] = str(refusal.extras["retry_after"])
    return response


def wants_part(request: HttpRequest) -> bool:
    """Whether a script of ours asks for the part of a page it will put in place."""
    return request.headers.get("HX-Request") == "true"


def exception_handler(problem: Exception, context: dict[str, Any]) -> Response | None:
    """The door Django REST framework uses."""
    request = context["request"]._request
    failure = getattr(context["view"], "failures", {}).get(request.method, "")
    return _answer_problem(request, problem, failure)  # type: ignore[return-value]


class WholeBodies:
    """Takes only bodies whose length is known and small, before anything starts to read them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without a length the server would hand us nothing, and nothing would be taken for an empty form.
        if request.headers.get("Transfer-Encoding"):
            return answer(request, errors.NotValid("Please send this with its length, not in chunks."))
        if int(request.headers.get("Content-Length") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return answer(request, errors.PayloadTooLarge())
        return self.get_response(request)


class Refusals:
    """The middleware door: what a page or a lean view raises."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if settings.DEBUG and isinstance(refusal_from(problem), errors.ServerFault):
            return None
        return _answer_problem(request, problem)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer_problem(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer_problem(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer_problem(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Also reached when a middleware fails, for example because the database is away."""
    return _answer_problem(request, sys.exc_info()[1] or RuntimeError("unknown"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(request, errors.CsrfFailed())


def understood(problem: BaseException, route: str = "") -> errors.Refusal:
    """The refusal of a problem, which is logged where it is our fault."""
    refusal = refusal_from(problem)
    if isinstance(refusal, errors.ServerFault | errors.ServiceUnavailable) and problem is not refusal:
        # The text of a problem can repeat what a member wrote, so only its kind and place are logged.
        log.error(refusal.code, extra={"problem": problem, "route": route})
    return refusal


def _answer_problem(request: HttpRequest, problem: BaseException, failure: str = "") -> HttpResponse:
    refusal = understood(problem, route_of(request))
    if failure and isinstance(refusal, errors.ServerFault):
        refusal = errors.ServerFault(failure)
    return answer(request, refusal)


def _from_database(problem: BaseException) -> errors.Refusal:
    cause = problem.__cause__
    if isinstance(cause, TOO_BUSY):
        return errors.ServiceUnavailable(retry_after=2)
    if isinstance(cause, psycopg.OperationalError):
        return errors.ServiceUnavailable()
    return errors.ServerFault()


def _json_answer(request: HttpRequest, refusal: errors.Refusal) -> HttpResponse:
    body = {
        "success": False,
        "error": refusal.code,
        "message": refusal.words,
        "request_id": getattr(request, "id", ""),
        **refusal.extras,
    }
    response = HttpResponse(strict_json.write(body), content_type="application/json", status=refusal.status)
    if isinstance(refusal, errors.NotSignedIn):
        response["WWW-Authenticate"] = "Bearer"
    return response


def _flat(detail: Any, name: str = "") -> dict[str, list[str]]:
    """The field errors of a serializer, nested ones by their path."""
    if isinstance(detail, dict):
        pairs = [(f"{name}.{key}" if name else str(key), value) for key, value in detail.items()]
        return {path: found for key, value in pairs for path, found in _flat(value, key).items()}
    if isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        pairs = [(f"{name}.{index}", item) for index, item in enumerate(detail) if item]
        return {path: found for key, item in pairs for path, found in _flat(item, key).items()}
    return {name or "non_field_errors": [str(item) for item in (detail if isinstance(detail, list) else [detail])]}

"""One JSON line per event, each with its request id, none with what people wrote."""

import re
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

from carecollective.database import new_id

SENDABLE_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
access = structlog.get_logger("carecollective.access")


class RequestLog:
    """Gives each request its id, and writes one line when it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request.id = _request_id(request)  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.id)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        access.info(
            "request",
            method=request.method if request.method in METHODS else "OTHER",
            route=route_of(request),
            status=response.status_code,
            duration_ms=round((time.perf_counter() - started) * 1000, 1),
        )
        return response


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def route_of(request: HttpRequest) -> str:
    """The address as urls.py writes it: what stands in its place may be the token of a link."""
    return f"/{request.resolver_match.route}" if request.resolver_match else "(none)"


def without_words(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replaces exceptions by their kind and place: their messages repeat texts, addresses and SQL values."""
    problem = event.pop("problem", None)
    found = event.pop("exc_info", None)
    if found:
        problem = problem or (found if isinstance(found, tuple) else sys.exc_info())[1]
    if isinstance(problem, BaseException):
        event["kind"] = type(problem).__qualname__
        frames = traceback.extract_tb(problem.__traceback__)[-6:]
        event["place"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    without_words,
]


def configuration(level: str) -> dict[str, Any]:
    """Django's LOGGING, and the same road for structlog's own loggers."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": _line()},
        "handlers": {"line": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["line"], "level": level},
        "loggers": {name: {"level": "CRITICAL"} for name in NOISY},
    }


def _line() -> dict[str, Any]:
    remove, write = structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()
    return {
        "()": "structlog.stdlib.ProcessorFormatter",
        "foreign_pre_chain": SHARED,
        "processors": [_without_request, remove, write],
    }


# These repeat paths, host names and addresses in their words; each request is an access line of ours anyway.
NOISY = ("django.request", "django.security", "django.server", "django.template", "procrastinate", "psycopg.pool")


def _without_request(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in ("request", "status_code", "server_time")}


def _request_id(request: HttpRequest) -> str:
    sent = request.headers.get("X-Request-ID", "")
    return sent if SENDABLE_ID.fullmatch(sent) else new_id().hex

"""The attempt log: `counted` stands around a view, `succeeded` inside the verb."""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any
from uuid import UUID

from django.db import Error as DatabaseFault
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import empty

from carecollective.errors import NotValid, Refusal, ServerFault
from carecollective.facts import plain
from carecollective.http import refusal_from
from carecollective.logs import route_of
from features import flag
from features.models import Attempt, Kind

START, SEND = Kind.START.value, Kind.SEND.value
EVENTS = {START: "messaging.conversation.created", SEND: "messaging.message.sent"}
ENDPOINT_MOST = Attempt._meta.get_field("endpoint").max_length

# By hand, because it stands in the transaction of every message: Django builds and compiles the same words each time.
INSERT = """
INSERT INTO attempts
(kind, version, endpoint, code, milliseconds, flag_state, member_id, conversation_id, request_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

View = Callable[..., Any]
log = logging.getLogger("features.attempts")


@dataclass
class _Running:
    """An attempt that has begun."""

    kind: str
    version: int | None = None
    endpoint: str = ""
    request_id: str = ""
    begun: float | None = None
    flag_state: str = ""
    has_succeeded: bool = False
    refusal: Refusal | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def duration_ms(self) -> float | None:
        return None if self.begun is None else round((time.perf_counter() - self.begun) * 1000, 1)


_current: ContextVar[_Running | None] = ContextVar("attempt", default=None)


def counted(kind: str) -> Callable[[View], View]:
    """Counts each POST to a view as one attempt: what its verb says, else what its answer says.

    It stands closest to the page, inside its doors, whose redirects say nothing; around what `as_view()` returns.
    One that ends before its verb could say which way it went, went the way of the flag.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method != "POST":
                return view(request, *args, **kwargs)  # type: ignore[no-any-return]
            return _count(_begin(kind, request), request, partial(view, request, *args, **kwargs))

        return door

    return decorate


def succeeded(kind: str, *, version: int, member_id: UUID, conversation_id: UUID, **facts: Any) -> None:
    """Keeps the success of a verb, inside its own transaction; `facts` are ids and known words for the log line."""
    if not connection.in_atomic_block:
        raise RuntimeError("A success is kept inside the transaction that makes it one.")
    told = plain({"conversation_id": conversation_id, **facts})
    running = _current.get() or _Running(kind)
    running.kind, running.version, running.facts, running.has_succeeded = kind, version, told, True
    _insert(running, "success", member_id, conversation_id)
    if running is not _current.get():
        transaction.on_commit(partial(_log_success, running))


def goes(version: int) -> None:
    """Whatever becomes of the attempt that runs, this is the way it goes."""
    if running := _current.get():
        running.version = version


def refused(refusal: Refusal) -> None:
    """For a page that answers a refusal in its own way, such as by leading to what exists already."""
    if running := _current.get():
        running.refusal = refusal


def _begin(kind: str, request: HttpRequest) -> _Running:
    return _Running(
        kind=kind,
        endpoint=route_of(request)[:ENDPOINT_MOST],
        request_id=getattr(request, "id", ""),
        begun=time.perf_counter(),
        flag_state=str(flag.answer().state),
    )


def _count(running: _Running, request: HttpRequest, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    token = _current.set(running)
    try:
        response = view()
    except Exception as problem:
        _end(running, request, refusal_from(problem))
        raise
    finally:
        _current.reset(token)
    _end(running, request, running.refusal or _refusal_of(response))
    return response


def _refusal_of(response: HttpResponseBase) -> Refusal | None:
    refusal: Refusal | None = getattr(response, "refusal", None)
    if refusal or response.status_code < 400:
        return refusal
    return ServerFault() if response.status_code >= 500 else NotValid()


def _end(running: _Running, request: HttpRequest, refusal: Refusal | None) -> None:
    if refusal:
        _keep(running, refusal.code, request)
        _log_refusal(running, refusal)
    elif running.has_succeeded:
        _log_success(running)
    else:
        _keep(running, "replayed", request)


def _keep(running: _Running, code: str, request: HttpRequest) -> None:
    """After the transaction of the verb is over; what cannot be kept must not change the answer."""
    try:
        # A connection that broke under the view would take this row with it; one in a transaction is not to be closed.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        member_id = _member_id(request)
        running.version = running.version or flag.way_of(member_id)
        _insert(running, code, member_id, None)
    except DatabaseFault as problem:
        log.error("messaging.attempt_not_kept", extra={"problem": problem})


def _insert(running: _Running, code: str, member_id: UUID | None, conversation_id: UUID | None) -> None:
    milliseconds = None if running.duration_ms is None else round(running.duration_ms)
    told = (running.kind, running.version, running.endpoint, code, milliseconds, running.flag_state)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [*told, member_id, conversation_id, running.request_id])


def _member_id(request: HttpRequest) -> UUID | None:
    user = getattr(request, "user", None)
    # A session nobody has asked for yet is none that anybody came in with, and asking would cost a read.
    if getattr(user, "_wrapped", None) is empty:
        return None
    return getattr(user, "pk", None)


def _log_success(running: _Running) -> None:
    told = {"version": running.version, "success": True, "duration_ms": running.duration_ms}
    log.info(EVENTS[running.kind], extra=told | running.facts)


def _log_refusal(running: _Running, refusal: Refusal) -> None:
    told = {"version": running.version, "error_code": refusal.code, "endpoint": running.endpoint}
    level = logging.ERROR if refusal.status >= 500 else logging.INFO
    log.log(level, "messaging.error", extra=told | {"duration_ms": running.duration_ms})

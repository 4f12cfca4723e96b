"""Words typed into a form that could not be taken: kept until it can be, and never in an address."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme

from carecollective.encryption import CannotOpen, Sealed, open_sealed, seal

KEY = "kept_words"
WHO, SAID = "who", "said"
UNKNOWN = "?"
CHOICE = re.compile(r"[A-Za-z0-9_:./+-]+")
MOST_FORMS = 5
MOST_FIELDS = 40
MOST_LETTERS = 5000
# Secrets are typed again; the token of the form is made anew.
NEVER = ("csrf", "password", "code")
SIGN_IN_AGAIN = "Please sign in again. Your words are saved."
HERE_THEY_ARE = "You are signed in again. Your words are still here. Press the button to send them."


class Kept(QueryDict):
    """What was typed before, to be shown in a form that was not sent yet."""

    @property
    def initial(self) -> dict[str, Any]:
        return {name: values if len(values) > 1 else values[0] for name, values in self.lists() if values}


def mark_of(member_id: object) -> str:
    """What stays on a device after its session has ended, so that nobody else there reads what was kept."""
    return salted_hmac("carecollective.kept", str(member_id), algorithm="sha256").hexdigest()[:32]


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form brought, name by name, without what nobody but its writer may know."""
    if request.method != "POST":
        return []
    pairs = [(name, value) for name, values in request.POST.lists() for value in values]
    fields = [(name, value) for name, value in pairs if not any(secret in name for secret in NEVER)]
    is_too_much = len(fields) > MOST_FIELDS or sum(len(value) for _, value in fields) > MOST_LETTERS
    return [] if is_too_much else fields


def words_in(fields: list[tuple[str, str]]) -> list[str]:
    """What is worth showing of it: no ids, days and choices, which only a form can show well."""
    return [value for _, value in fields if value.strip() and not CHOICE.fullmatch(value)]


def page_of(request: HttpRequest) -> str:
    """The page a form stands on: its own address, or where it came from if that only takes forms."""
    match = request.resolver_match or _match(request.path_info)
    if "GET" in getattr(match and match.func, "methods", ("GET",)):
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    # A path that begins with two slashes is another site's address.
    is_ours = came_from.netloc == request.get_host() and url_has_allowed_host_and_scheme(came_from.path, None)
    return came_from.path if is_ours else "/"


def keep_until_signed_in(request: HttpRequest) -> None:
    """The session ended while somebody wrote: the words come back to the same box.

    Unless the device keeps them itself, and sends them again (static/js/outbox.js).
    """
    fields = [] if request.headers.get("X-Kept-By") == "device" else typed(request)
    if any(value.strip() for name, value in fields if name != "client_id"):
        _keep(request, urlsplit(page_of(request)).path, fields, request.COOKIES.get(WHO, ""))
        messages.info(request, SIGN_IN_AGAIN)


def keep_for(request: HttpRequest, page: str, fields: dict[str, str]) -> None:
    """Words that belong into the form of another page; whoever leads there says so."""
    _keep(request, page, list(fields.items()), mark_of(request.user.pk))
    request.session[KEY][page].append(SAID)


def brought_back(request: HttpRequest) -> Kept | None:
    """The words kept for this page; they stay kept until the form is sent."""
    found = _all(request).get(request.path) if request.session.get(KEY) else None
    if found is None:
        return None
    try:
        words = json.loads(open_sealed(Sealed(*found[:2]), _place(request.path)))
    except CannotOpen:
        words = {"whose": UNKNOWN}
    if words["whose"] not in ("", mark_of(request.user.pk)):
        forget(request)
        return None
    if len(found) == 2:  # Said once, however often the page is looked at.
        request.session[KEY] = _all(request) | {request.path: [*found, SAID]}
        messages.info(request, HERE_THEY_ARE)
    kept = Kept(mutable=True)
    for name, value in words["fields"]:
        kept.appendlist(name, value)
    return kept


def forget(request: HttpRequest) -> None:
    if request.path in _all(request):
        request.session[KEY] = {path: kept for path, kept in _all(request).items() if path != request.path}


def _keep(request: HttpRequest, page: str, fields: list[tuple[str, str]], whose: str) -> None:
    sealed = seal(json.dumps({"whose": whose, "fields": fields}), _place(page))
    others = {path: kept for path, kept in _all(request).items() if path != page}
    request.session[KEY] = dict([*others.items(), (page, [sealed.key_id, sealed.text])][-MOST_FORMS:])


def _all(request: HttpRequest) -> dict[str, list[str]]:
    found: dict[str, list[str]] = request.session.get(KEY, {})
    return found


def _place(page: str) -> str:
    return f"sessions.kept_words:{page}"


def _match(path: str) -> Any:
    try:
        return resolve(path)
    except Resolver404:
        return None

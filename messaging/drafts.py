"""Words that were written and not sent: kept in the session until they are, never in an address."""

from uuid import UUID

from django.http import HttpRequest

KEY = "drafts"
MOST = 5


def keep(request: HttpRequest, conversation_id: UUID, text: str) -> None:
    others = {name: words for name, words in _all(request).items() if name != str(conversation_id)}
    request.session[KEY] = dict([*others.items(), (str(conversation_id), text)][-MOST:])


def of(request: HttpRequest, conversation_id: UUID) -> str:
    return _all(request).get(str(conversation_id), "")


def forget(request: HttpRequest, conversation_id: UUID) -> None:
    if of(request, conversation_id):
        request.session[KEY] = {name: text for name, text in _all(request).items() if name != str(conversation_id)}


def _all(request: HttpRequest) -> dict[str, str]:
    found: dict[str, str] = request.session.get(KEY, {})
    return found

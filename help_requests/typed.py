"""What somebody typed while their session had ended: kept until they have signed in again."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from help_requests import questions
from help_requests.models import RequestDraft, words

Page = Callable[..., HttpResponse]

KEY = "typed_while_away"


def kept_while_away(page: Page) -> Page:
    """For the page of a question; comes before the door that asks people to sign in."""

    @wraps(page)
    def door(request: HttpRequest, slug: str) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            names = (*questions.called(slug).fields, "client_id")
            typed = {name: request.POST.get(name, "")[: 2 * words.DESCRIPTION_MOST] for name in names}
            request.session[KEY] = {"slug": slug, "typed": typed}
        return page(request, slug)

    return door


def back_again(request: HttpRequest, slug: str, draft: RequestDraft) -> dict[str, Any]:
    """Only for whoever writes that draft: on a shared phone, another person may be the next to sign in."""
    kept = request.session.get(KEY, {})
    if kept.get("slug") != slug or request.method == "POST":
        return {}
    del request.session[KEY]
    typed: dict[str, str] = kept["typed"]
    return typed if typed.pop("client_id") == str(draft.client_id) else {}

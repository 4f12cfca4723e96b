"""A question that was typed while the session ended: kept for a little while, until its writer has signed in again."""

import time

from django.http import HttpRequest

KEY = "unsent_question"
# Not longer: the next person at this device may be another one.
KEPT_SECONDS = 60 * 30
MOST = 5000


def keep(request: HttpRequest, words: str) -> None:
    if words.strip():
        request.session[KEY] = {"words": words[:MOST], "since": int(time.time())}


def take(request: HttpRequest) -> str:
    """Whoever comes first takes it, and then it is gone."""
    kept = request.session.pop(KEY, None) if KEY in request.session else None
    return str(kept["words"]) if kept and time.time() - kept["since"] < KEPT_SECONDS else ""

"""The session's cookie, which is not taken away by an answer to an older one."""

from typing import Any

from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers


class SessionCookie(SessionMiddleware):
    """A session that has ended leaves its cookie alone.

    A page that lies open asks again and again. Where its answer took the cookie away, it could take the one somebody
    was just given who has signed in again in another tab.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> Any:
        session = request.session
        if session.modified or not session.is_empty():
            return super().process_response(request, response)
        if session.accessed:
            patch_vary_headers(response, ("Cookie",))
        return response

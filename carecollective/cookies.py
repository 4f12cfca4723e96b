"""The small cookies of ours, all with the same flags: none to other sites, and in production over TLS alone."""

from django.conf import settings
from django.http import HttpResponse

YEAR = 365 * 24 * 60 * 60
SHORT = 600


def give(response: HttpResponse, name: str, value: str, *, seconds: int, for_scripts: bool = False) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, value, max_age=seconds, secure=secure, httponly=not for_scripts, samesite="Lax")

"""Every address of the site is on this list: no debug door, no test door, no forgotten one."""

from typing import Any

from django.urls import URLResolver, get_resolver

EXPECTED = [
    "/",
    "/admin/…",
    "/api/docs",
    "/api/health",
    "/api/health/deep",
    "/api/health/live",
    "/api/health/ready",
    "/api/help-requests",
    "/api/help-requests/<uuid:request_id>",
    "/api/help-requests/<uuid:request_id>/cancel",
    "/api/help-requests/<uuid:request_id>/complete",
    "/api/help-requests/<uuid:request_id>/reopen",
    "/api/me",
    "/api/schema",
    "/api/tokens",
    "/api/tokens/<uuid:token_id>",
    "/help/",
    "/join/",
    "/join/area/",
    "/join/check-email/",
    "/join/confirm/<str:link>/",
    "/join/new-link/",
    "/join/new-link/sent/",
    "/join/not-yet/",
    "/join/why/",
    "/login/",
    "/login/code/",
    "/login/recovery-codes/",
    "/login/second-step/",
    "/logout/",
    "/look/",
    "/me/",
    "/me/password/",
    "/me/sign-out-elsewhere/",
    "/me/tokens/",
    "/me/tokens/<uuid:token_id>/revoke/",
    "/my-data/",
    "/my-data/download/",
    "/offline/",
    "/password/forgot/",
    "/password/new/<str:person>/<str:token>/",
    "/password/sent/",
    "/requests/",
    "/requests/<uuid:request_id>/",
    "/requests/<uuid:request_id>/close/",
    "/requests/<uuid:request_id>/edit/",
    "/requests/<uuid:request_id>/posted/",
    "/requests/<uuid:request_id>/reopen/",
    "/requests/<uuid:request_id>/undo/",
    "/requests/mine/",
    "/requests/new/",
    "/rules/",
    "/safety/",
    "/waiting/",
    "/waiting/answer/",
    "/waiting/send-again/",
]


def test_the_addresses_are_the_ones_we_mean_to_have() -> None:
    assert sorted(_addresses(get_resolver().url_patterns, "/")) == sorted(EXPECTED)


def test_pages_end_with_a_slash_and_the_api_does_not() -> None:
    for address in EXPECTED:
        assert address.endswith(("/", "…")) != address.startswith("/api/"), address


def _addresses(patterns: list[Any], prefix: str) -> list[str]:
    found: list[str] = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if route == "/admin/":
            found.append("/admin/…")
        elif isinstance(pattern, URLResolver):
            found += _addresses(pattern.url_patterns, route)
        else:
            found.append(route)
    return found

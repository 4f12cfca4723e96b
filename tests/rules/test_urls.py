"""Every address of the site is on this list: no debug door, no test door, no forgotten one."""

from typing import Any

from django.urls import URLResolver, get_resolver

EXPECTED = [
    "/",
    "/admin/…",
    "/api/docs",
    "/api/features",
    "/api/decisions",
    "/api/decisions/<uuid:decision_id>/appeal",
    "/api/health",
    "/api/health/deep",
    "/api/health/live",
    "/api/health/ready",
    "/api/help-requests",
    "/api/help-requests/<uuid:request_id>",
    "/api/help-requests/<uuid:request_id>/cancel",
    "/api/help-requests/<uuid:request_id>/complete",
    "/api/help-requests/<uuid:request_id>/plan",
    "/api/help-requests/<uuid:request_id>/plan/agree",
    "/api/help-requests/<uuid:request_id>/plan/answer",
    "/api/help-requests/<uuid:request_id>/reopen",
    "/api/help-requests/<uuid:request_id>/report",
    "/api/help-requests/<uuid:request_id>/thanks",
    "/api/me",
    "/api/members/<uuid:member_id>/block",
    "/api/members/<uuid:member_id>/report",
    "/api/messaging/check",
    "/api/messaging/conversations",
    "/api/messaging/conversations/<uuid:conversation_id>",
    "/api/messaging/conversations/<uuid:conversation_id>/accept",
    "/api/messaging/conversations/<uuid:conversation_id>/close",
    "/api/messaging/conversations/<uuid:conversation_id>/decline",
    "/api/messaging/conversations/<uuid:conversation_id>/delivered",
    "/api/messaging/conversations/<uuid:conversation_id>/messages",
    "/api/messaging/conversations/<uuid:conversation_id>/read",
    "/api/messaging/conversations/<uuid:conversation_id>/reoffer",
    "/api/messaging/conversations/<uuid:conversation_id>/report",
    "/api/messaging/conversations/<uuid:conversation_id>/withdraw",
    "/api/messaging/help-requests/<uuid:request_id>/start-conversation",
    "/api/messaging/messages/<uuid:message_id>",
    "/api/messaging/messages/<uuid:message_id>/report",
    "/api/messaging/preferences",
    "/api/questions",
    "/api/reports",
    "/api/reports/<uuid:report_id>/appeal",
    "/api/schema",
    "/api/tokens",
    "/api/tokens/<uuid:token_id>",
    "/decisions/",
    "/decisions/<uuid:decision_id>/",
    "/help/",
    "/home/",
    "/help/contact/",
    "/help/contact/<uuid:question_id>/",
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
    "/manifest.webmanifest",
    "/me/",
    "/me/alerts/",
    "/me/blocked/",
    "/me/password/",
    "/me/sign-out-elsewhere/",
    "/me/tokens/",
    "/me/tokens/<uuid:token_id>/revoke/",
    "/messages/",
    "/messages/<uuid:conversation_id>/",
    "/messages/<uuid:conversation_id>/accept/",
    "/messages/<uuid:conversation_id>/beside/",
    "/messages/<uuid:conversation_id>/close/",
    "/messages/<uuid:conversation_id>/decline/",
    "/messages/<uuid:conversation_id>/m/<uuid:message_id>/",
    "/messages/<uuid:conversation_id>/m/<uuid:message_id>/delete/",
    "/messages/<uuid:conversation_id>/m/<uuid:message_id>/edit/",
    "/messages/<uuid:conversation_id>/m/<uuid:message_id>/fine/",
    "/messages/<uuid:conversation_id>/reoffer/",
    "/messages/<uuid:conversation_id>/report/",
    "/messages/<uuid:conversation_id>/seen.gif",
    "/messages/<uuid:conversation_id>/withdraw/",
    "/my-data/",
    "/my-data/download/",
    "/notices/",
    "/notices/<uuid:notice_id>/",
    "/notices/read/",
    "/offline/",
    "/password/forgot/",
    "/password/new/<str:person>/<str:token>/",
    "/password/sent/",
    "/people/<uuid:member_id>/",
    "/people/<uuid:member_id>/block/",
    "/people/<uuid:member_id>/report/",
    "/people/<uuid:member_id>/unblock/",
    "/reports/",
    "/reports/<uuid:report_id>/",
    "/requests/",
    "/requests/<uuid:request_id>/",
    "/requests/<uuid:request_id>/close/",
    "/requests/<uuid:request_id>/done/",
    "/requests/<uuid:request_id>/edit/",
    "/requests/<uuid:request_id>/offer/",
    "/requests/<uuid:request_id>/plan.ics",
    "/requests/<uuid:request_id>/plan/",
    "/requests/<uuid:request_id>/posted/",
    "/requests/<uuid:request_id>/reopen/",
    "/requests/<uuid:request_id>/report/",
    "/requests/<uuid:request_id>/thanks/",
    "/requests/<uuid:request_id>/undo/",
    "/requests/mine/",
    "/requests/new/",
    "/requests/new/<slug:slug>/",
    "/requests/new/check/",
    "/requests/new/start-over/",
    "/rules/",
    "/safety/",
    "/sw.js",
    "/waiting/",
    "/waiting/answer/",
    "/waiting/send-again/",
]
# Not pages: a calendar file, and what browsers want to find under their own names.
FILES = ("/seen.gif", ".ics", "/manifest.webmanifest", "/sw.js")


def test_the_addresses_are_the_ones_we_mean_to_have() -> None:
    assert sorted(_addresses(get_resolver().url_patterns, "/")) == sorted(EXPECTED)


def test_pages_end_with_a_slash_and_the_api_does_not() -> None:
    for address in EXPECTED:
        assert address.endswith(("/", "…", *FILES)) != address.startswith("/api/"), address


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

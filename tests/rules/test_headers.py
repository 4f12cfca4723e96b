"""What every answer carries, so a mistake elsewhere stays harmless."""

import re

import pytest
from django.conf import settings
from django.test import Client

from members.models import Member
from tests.cast import browser_of
from tests.factories.members import PASSWORD, MemberFactory

pytestmark = pytest.mark.django_db
PUBLIC = ["/", "/join/", "/login/", "/rules/", "/safety/", "/help/", "/nothing/", "/api/docs"]
PRIVATE = ["/requests/", "/me/", "/me/tokens/", "/api/me", "/api/help-requests"]


@pytest.mark.parametrize("path", PUBLIC + PRIVATE)
def test_the_content_policy_allows_only_what_is_ours(asker: Member, path: str) -> None:
    answer = browser_of(asker).get(path) if path in PRIVATE else Client().get(path)
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy
    for part in ("default-src 'self'", "object-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.parametrize("path", PUBLIC)
def test_no_page_has_a_script_or_style_of_its_own_or_anything_from_elsewhere(path: str) -> None:
    page = Client().get(path).content.decode()
    assert not re.search(r"\sstyle=", page)
    assert not re.search(r"\son[a-z]+=", page)
    assert "<style" not in page
    for script in re.findall(r"<script[^>]*>", page):
        assert "nonce=" in script or "src=" in script
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)


@pytest.mark.parametrize("path", PRIVATE)
def test_what_a_signed_in_person_sees_is_kept_by_no_cache(asker: Member, path: str) -> None:
    assert browser_of(asker).get(path)["Cache-Control"] == "private, no-store"


def test_cookies_are_out_of_reach_of_scripts_and_other_sites() -> None:
    MemberFactory(email="ana@example.org")
    browser = Client()
    browser.get("/login/")
    browser.post("/login/", {"email": "ana@example.org", "password": PASSWORD})
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        assert browser.cookies[name]["samesite"] == "Lax"
        assert browser.cookies[name]["httponly"] is True


def test_every_answer_names_its_request() -> None:
    first, second = Client().get("/"), Client().get("/")
    assert first["X-Request-ID"] != second["X-Request-ID"]

"""Whatever is thrown at any endpoint or page, the answer has our shape and is never an internal error."""

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from carecollective import api_docs
from members.models import Member
from tests.cast import browser_of

pytestmark = pytest.mark.django_db

HOSTILE = {
    "broken": b'{"title": ',
    "list": b"[]",
    "deep": b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "nul": b'{"title": "a\\u0000b", "name": "a\\u0000b", "called": "\\u0000"}',
    "surrogate": b'{"title": "\\ud800 hello", "name": "\\udc00", "called": "\\ud83d"}',
    "nan": b'{"title": NaN, "name": NaN, "called": Infinity}',
    "twice": b'{"name": "a", "name": "b"}',
    "number": b'{"title": 1, "name": 2, "called": 3, "description": 4, "category": 5}',
    "null": b'{"title": null, "name": null, "called": null, "category": null}',
    "object": b'{"title": {}, "name": [], "called": {"a": 1}, "category": []}',
    "unseen": json.dumps(dict.fromkeys(("title", "name", "called", "category"), "\u200b" * 12)).encode(),
    "latin1": b'{"name": "\xe9\xff"}',
    "long": json.dumps(dict.fromkeys(("title", "name", "called"), "x" * 20000)).encode(),
    "huge": b'{"name": "' + b"x" * 5_000_000 + b'"}',
}
TEXT_OF_5_MB = "x" * 5_000_000
ID = str(uuid.UUID(int=7))
# Their answer is what the contract says, word for word.
BARE = ("/api/features",)


def operations() -> Iterator[tuple[str, str]]:
    for path, methods in api_docs.openapi()["paths"].items():
        for method in methods:
            yield method, re.sub(r"{[^}]*}", ID, path)


def pages() -> Iterator[str]:
    """Every page of ours; the desk has its own tests."""
    yield from _pages(get_resolver().url_patterns, "")


def _pages(patterns: list[Any], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if route.startswith(("api/", "admin/")):
            continue
        if isinstance(pattern, URLResolver):
            yield from _pages(pattern.url_patterns, route)
        if isinstance(pattern, URLPattern):
            yield "/" + re.sub(r"<[^>]*>", ID, route)


@pytest.fixture
def member_browser(asker: Member) -> Client:
    browser = browser_of(asker)
    browser.raise_request_exception = False
    return browser


def must_be_our_refusal(answer: Any) -> None:
    assert 400 <= answer.status_code < 500, answer.content[:300]
    body = answer.json()
    assert body["success"] is False
    assert body["error"]
    assert body["message"]
    assert body["request_id"] == answer["X-Request-ID"]
    assert "details" not in body


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_gets_a_plain_refusal_everywhere(member_browser: Client, name: str) -> None:
    tried = 0
    for method, path in operations():
        if method in ("post", "put", "patch"):
            answer = member_browser.generic(method.upper(), path, HOSTILE[name], content_type="application/json")
            must_be_our_refusal(answer)
            tried += 1
    assert tried >= 2


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "a"]
)
def test_only_json_is_taken(member_browser: Client, kind: str) -> None:
    for method, path in operations():
        if method in ("post", "put", "patch"):
            answer = member_browser.generic(method.upper(), path, b"name=x", content_type=kind)
            must_be_our_refusal(answer)
            assert answer.status_code in (404, 415), (method, path)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=-1", "limit=51", "limit=1e3", "limit=%00", "limit=NaN", "limit=" + "9" * 400, "cursor=%00",
     "cursor=x", "cursor=" + "A" * 499, "cursor=bnVsbA", "cursor=W10", "page=-1", "page=99999999999", "unknown=1"],
)  # fmt: skip
def test_a_hostile_query_gets_a_plain_answer(member_browser: Client, query: str) -> None:
    for method, path in operations():
        if method == "get":
            answer = member_browser.get(f"{path}?{query}")
            assert answer.status_code in (200, 400, 403, 404), (path, answer.content[:300])
            told = {"success": True} if path in BARE and answer.status_code == 200 else {}
            assert (told | answer.json())["success"] is (answer.status_code == 200)


@pytest.mark.parametrize(
    "bad", ["x", "1", "%00", "../me", "00000000-0000-0000-0000-00000000000g", "0" * 5000, "%F0%28%8C"]
)
def test_an_id_that_is_none_is_not_found(member_browser: Client, bad: str) -> None:
    for path, methods in api_docs.openapi()["paths"].items():
        for method in methods if "{" in path else ():
            answer = member_browser.generic(
                method.upper(), re.sub(r"{[^}]*}", bad, path), content_type="application/json"
            )
            assert answer.status_code in (404, 405), (method, path)
            assert answer.json()["error"] in ("not_found", "method_not_allowed")


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "DELETE", "PROPFIND", "HEAD"])
def test_a_method_nobody_offers_is_refused_in_our_shape(member_browser: Client, method: str) -> None:
    answer = member_browser.generic(method, "/api/tokens", content_type="application/json")
    if method == "HEAD":
        assert answer.status_code == 200
        return
    assert (answer.status_code, answer.json()["error"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_every_page_stands_hostile_forms_and_queries(member_browser: Client, who: str) -> None:
    browser = member_browser if who == "member" else Client(raise_request_exception=False)
    weird = dict.fromkeys(("name", "called", "email", "title", "next", "client_id", "category"), "\u200b\x00\ud7ff")
    for page in pages():
        for answer in (
            browser.get(page),
            browser.get(
                page, {"cursor": "\x00", "q": "\x00' %", "category": "\x00", "next": "//evil.example", "page": "-1"}
            ),
            browser.post(page, weird),
            browser.post(page, {}),
            browser.post(page, {"name": "x", "email": ["a", "b"], "title": "y" * 30_000}),
        ):
            assert answer.status_code < 500, (page, answer.status_code, answer.content[:200])
            assert urlsplit(answer.get("Location", "")).netloc == ""


def test_a_form_of_5_mb_is_refused_as_too_large(member_browser: Client) -> None:
    answer = member_browser.post("/login/", {"email": TEXT_OF_5_MB})
    assert answer.status_code == 413
    assert "text/html" in answer["Content-Type"]

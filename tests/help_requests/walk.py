"""Asking for help page by page, as a browser without JavaScript does it."""

import re
from typing import Any

from django.test import Client

PLAIN: dict[str, dict[str, Any]] = {
    "topic": {"category": "groceries-meals"},
    "title": {"title": "Pick up groceries on Tuesday"},
    "more": {"description": "My hip hurts and I cannot carry bags."},
    "when": {"when": "any", "urgency": "normal"},
    "give-back": {"exchange_offer": "", "nothing_back": "on"},
}


def words_of(answer: Any) -> str:
    return str(answer.content.decode())


def hidden(page: str, name: str = "client_id") -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page
    return found[1]


def at(slug: str) -> str:
    return f"/requests/new/{slug}/"


def answer(browser: Client, slug: str, query: str = "", **fields: Any) -> Any:
    """Opens the page of a question, fills it in, and presses the button."""
    page = browser.get(at(slug) + query)
    assert page.status_code == 200, (slug, page.get("Location"))
    return browser.post(at(slug) + query, {"client_id": hidden(words_of(page))} | fields)


def fill_in(browser: Client, **changes: dict[str, Any]) -> None:
    """Every question, so that only the check is left."""
    for slug, fields in PLAIN.items():
        done = answer(browser, slug, **changes.get(slug.replace("-", "_"), fields))
        assert done.status_code == 302, words_of(done)


def what_check_sends(browser: Client) -> dict[str, str]:
    page = words_of(browser.get(at("check")))
    return {name: hidden(page, name) for name in ("client_id", "seen")}


def post(browser: Client, **changes: dict[str, Any]) -> Any:
    """From the first question to the press on “Post my request”."""
    fill_in(browser, **changes)
    return browser.post(at("check"), what_check_sends(browser))

"""What holds for the answer of every page, before a browser has drawn it: its title, its headers, its words."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLResolver, get_resolver
from pytest_django import DjangoDbBlocker

from tests.support.every_page import NO_PAGES, Stop, every_stop

# The way in shows the first question itself.
ALIKE = {"What do you need help with? Question 1 of 5"}
LOOK = {"look_theme": "dark", "look_text": "2", "look_contrast": "more", "look_motion": "less", "look_enter": "send"}
LOOK_MARKS = [f'data-{name.removeprefix("look_")}="{value}"' for name, value in LOOK.items()]
# Words of a workshop, and of a program that stumbled.
NOT_FOR_PEOPLE = re.compile(
    r"(?i:traceback|exception|debug|lorem|todo|fixme|beta\b|preview|undefined|site-packages|<object at)"
    r"|\bnull\b|\bNone\b|\bNaN\b|\{\{|\{%"
)
MADE_FOR_MACHINES = re.compile(r'<script.*?</script>|<input type="hidden"[^>]*>|<svg.*?</svg>|href="[^"]*"', re.DOTALL)


@dataclass(frozen=True)
class Seen:
    stop: Stop
    answer: Any

    @property
    def html(self) -> str:
        return str(self.answer.content.decode())


@pytest.fixture(scope="module")
def everything(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[Seen]]:
    """One walk for all questions; what it wrote is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield [_visited(stop) for stop in every_stop()]
        transaction.set_rollback(True)


def _visited(stop: Stop) -> Seen:
    stop.visitor.cookies.load(LOOK)
    if stop.sends is not None:
        return Seen(stop, stop.visitor.post(stop.address, stop.sends))
    return Seen(stop, stop.visitor.get(stop.address))


def title_of(html: str) -> str:
    [title] = re.findall(r"<title>(.*?)</title>", html, re.DOTALL)
    return str(title)


def test_no_page_is_forgotten(everything: list[Seen]) -> None:
    """A new page is a line in tests/support/every_page.py; what is no page has its reason there."""
    looked_at = {seen.stop.page for seen in everything}
    named = set(_named(get_resolver().url_patterns))
    assert named - looked_at - set(NO_PAGES) == set(), "nobody looks at these"
    assert set(NO_PAGES) - named == set(), "these are no addresses any more"
    assert looked_at & set(NO_PAGES) == set()


def test_every_page_has_its_own_title_and_one_heading(everything: list[Seen]) -> None:
    titles = defaultdict(set)
    for seen in everything:
        name = seen.stop.name
        assert seen.answer.status_code == seen.stop.status, (name, seen.answer.get("Location"))
        assert len(re.findall(r"<h1[\s>]", seen.html)) == 1, name
        title = title_of(seen.html)
        is_error = seen.stop.status >= 403 or seen.stop.page == "offline"
        is_error |= seen.stop.sends is not None and seen.stop.status >= 400
        assert title.startswith("Error: ") == is_error, name
        assert "CARE Collective" in title, name
        # Two states of one page may share a title, two pages never.
        titles[title].add(seen.stop.page)
    shared = {title.partition(" – ")[0]: pages for title, pages in titles.items() if len(pages) > 1}
    assert {title: pages for title, pages in shared.items() if title not in ALIKE} == {}


def test_every_page_comes_as_our_rules_say(everything: list[Seen]) -> None:
    for seen in everything:
        name, html, policy = seen.stop.name, seen.html, seen.answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy, name
        assert not re.search(r"unsafe|http|\*", policy), name
        if "sessionid" in seen.stop.visitor.cookies:
            assert {"private", "no-store"} <= set(seen.answer["Cache-Control"].split(", ")), name
        [root] = re.findall(r"<html[^>]*>", html)
        assert [look for look in LOOK_MARKS if look not in root] == [], name
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style", html), name
        scripts = re.findall(r"<script[^>]*>", html)
        assert all("nonce=" in script or "src=" in script for script in scripts), name
        # What members wrote to each other may lead elsewhere, and says so.
        ours = re.sub(r'<a class="link" href="https?://[^"]*" rel="noopener nofollow ugc">', "", html)
        assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", ours), name


def test_no_page_says_what_only_a_workshop_says(everything: list[Seen]) -> None:
    for seen in everything:
        words = re.sub(r'\sclass="[^"]*"', "", MADE_FOR_MACHINES.sub(" ", seen.html))
        assert not re.search(r"<button[^>]*\sdisabled", words), seen.stop.name
        # The page of the API is about machines, that of ready words about their places.
        is_about_them = seen.stop.page in ("docs", "admin:moderation_phrase_rewrite")
        found = None if is_about_them else NOT_FOR_PEOPLE.search(words)
        assert not found, f"{seen.stop.name}: {words[max(0, found.start() - 60) : found.end() + 60]}"


def test_every_field_about_a_person_can_be_filled_in_by_the_browser(everything: list[Seen]) -> None:
    kinds = {"email": r"email|username", "password": r"(?:new|current)-password", "tel": "tel"}
    found = set()
    for seen in everything:
        for field in re.findall(r"<input[^>]*>", seen.html):
            kind = (re.findall(r'type="(\w+)"', field) or ["text"])[0]
            if kind in kinds:
                assert re.search(rf'autocomplete="(?:{kinds[kind]})"', field), (seen.stop.name, field)
                found.add(kind)
    assert found >= {"email", "password"}


def _named(patterns: list[Any], room: str = "", prefix: str = "/") -> Iterator[str]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if address == "/admin/":
            continue
        if isinstance(pattern, URLResolver):
            yield from _named(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else room, address)
        elif pattern.name and (not address.startswith("/api/") or address == "/api/docs"):
            yield room + pattern.name

"""What these pages are called and how they read: one title each, short sentences, plain words."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from tests.cast import browser_of

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
FOLDERS = ("members", "pages", "moderation")
PAGES = sorted(path for folder in FOLDERS for path in (TEMPLATES / folder).glob("*.html") if path.stem != "api_docs")
TITLE = re.compile(r"{% block (?:full_)?title %}(.*?){% endblock")
# A block that ends a line of thought ends a sentence, full stop or not.
BLOCKS = re.compile(r"</(?:p|li|h\d|dt|dd|a|button|label|title|summary)>")
LONGEST = 12


def sentences(path: Path) -> list[str]:
    body = re.sub(
        r"{#.*?#}|{% block (?:title|full_title|description).*?endblock.*?%}", "", path.read_text(), flags=re.S
    )
    body = re.sub(r"{{.*?}}", "Ana", BLOCKS.sub(". ", body))
    text = unescape(re.sub(r"{%.*?%}|<[^>]+>", " ", body, flags=re.S))
    found = re.split(r"[.?!:;]+[”’]?\s", re.sub(r"\s+", " ", text) + " ")
    return [sentence.strip() for sentence in found if re.search(r"[A-Za-z]{2}", sentence)]


def syllables(word: str) -> int:
    groups = re.findall(r"[aeiouy]+", word.lower())
    silent = word.lower().endswith("e") and not word.lower().endswith(("le", "ee")) and len(groups) > 1
    return max(1, len(groups) - silent)


def grade(spoken: list[str]) -> float:
    """Flesch and Kincaid: how many years of school it takes to read this with ease."""
    words = [word for sentence in spoken for word in re.findall(r"[A-Za-z’']+", sentence)]
    return 0.39 * len(words) / len(spoken) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def name(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


def test_every_page_has_a_title_of_its_own() -> None:
    titles = [title for path in PAGES for title in TITLE.findall(path.read_text())]
    assert sorted(titles) == sorted(set(titles))
    assert len(titles) > 30


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_it_reads_easily(path: Path) -> None:
    spoken = sentences(path)
    hard = {line: round(grade([line]), 1) for line in spoken if len(line.split()) >= LONGEST and grade([line]) > 9}
    assert not hard
    if len(spoken) > 5:
        assert grade(spoken) <= 6, grade(spoken)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["stranger", "asker", "waiting", "declined"])
def test_every_link_of_these_pages_leads_somewhere(request: pytest.FixtureRequest, who: str) -> None:
    browser = Client() if who == "stranger" else browser_of(request.getfixturevalue(who))
    links: set[str] = set()
    for address in ("/", "/help/", "/rules/", "/safety/", "/help/contact/", "/join/", "/login/", "/me/", "/waiting/"):
        page = browser.get(address, follow=True).content.decode()
        links |= {unescape(link).partition("#")[0] for link in re.findall(r'<a\b[^>]*href="(/[^"]*)"', page)}
        here = set(re.findall(r'<a\b[^>]*href="#([^"]+)"', page))
        assert here <= set(re.findall(r'\bid="([^"]+)"', page)), address
    assert len(links) > 8
    for link in links:
        answer = browser.get(link, follow=True)
        assert (answer.status_code, len(answer.redirect_chain) <= 1) == (200, True), link

"""What people write, read for web addresses: the words stay as they are, and a link tells whose site it opens."""

import re
import sys
from collections.abc import Callable
from html import unescape
from types import FrameType, SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page

from messaging import links
from messaging.links import Piece, pieces

MOST = 1000


def links_in(text: str) -> list[Piece]:
    return [piece for piece in pieces(text) if piece.url]


def shown(text: str) -> list[str]:
    return [piece.text for piece in links_in(text)]


def site_of(text: str) -> str:
    [link] = links_in(text)
    return link.site


def test_words_without_an_address_are_one_piece() -> None:
    words = "See you at 5.\nPorch is fine.  Bring example.org, if you like."
    assert pieces(words) == [Piece(words)]
    assert pieces("") == []


def test_an_address_is_found_among_the_words() -> None:
    assert pieces("The form is at https://example.org/form?a=1&b=2#top, page 3.") == [
        Piece("The form is at "),
        Piece("https://example.org/form?a=1&b=2#top", "https://example.org/form?a=1&b=2#top", "example.org"),
        Piece(", page 3."),
    ]


def test_one_that_begins_with_www_is_opened_safely() -> None:
    assert links_in("Look at WWW.Example.org/A, please") == [
        Piece("WWW.Example.org/A", "https://www.example.org/A", "example.org")
    ]
    assert links_in("HTTP://Example.ORG/A")[0].url == "http://example.org/A"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("https://example.org.", ["https://example.org"]),
        ("https://example.org/?", ["https://example.org/"]),
        ("Is it https://example.org/a?!…", ["https://example.org/a"]),
        ("“https://example.org/a”", ["https://example.org/a"]),
        ("‘https://example.org/a’", ["https://example.org/a"]),
        ("'https://example.org/a', she wrote", ["https://example.org/a"]),
        ("<https://example.org/a>", ["https://example.org/a"]),
        ("**https://example.org/a**", ["https://example.org/a"]),
        ("(https://example.org)", ["https://example.org"]),
        ("(see https://example.org/a).", ["https://example.org/a"]),
        ("[www.example.org]", ["www.example.org"]),
        ("www.example.org’s page", ["www.example.org"]),
        ("https://example.org/a)(", ["https://example.org/a"]),
        ("https://en.wikipedia.org/wiki/Stroke_(medicine)", ["https://en.wikipedia.org/wiki/Stroke_(medicine)"]),
        ("(https://en.wikipedia.org/wiki/Stroke_(medicine))", ["https://en.wikipedia.org/wiki/Stroke_(medicine)"]),
        ("https://example.org/a[1]", ["https://example.org/a[1]"]),
        ("https://a.example,www.b.example;http://c.example", ["https://a.example", "www.b.example", "http://c.example"]),
        ("https://a.example/1\nhttps://b.example/2", ["https://a.example/1", "https://b.example/2"]),
        ("Link:https://example.org/a", ["https://example.org/a"]),
        ("https://https://example.org/a", ["https://example.org/a"]),
        ("https://例え.jp/道。", ["https://例え.jp/道"]),
    ],
)  # fmt: skip
def test_the_sentence_keeps_its_own_signs(words: str, found: list[str]) -> None:
    assert shown(words) == found


@pytest.mark.parametrize(
    "words",
    [
        "javascript:alert(1)", "JavaScript:alert('www')", "javascript://www.example.org/%0aalert(1)",
        "data:text/html,<b>x</b>", "data:www.example.org", "mailto:ana@www.example.org", "mailto:www.example.org",
        "tel:+14175550134", "ftp://www.example.org/a", "file:///etc/passwd", "vbscript:x", "//www.example.org",
        "xhttp://example.org", "svn+http://example.org", "httpſ://example.org", "http:/example.org", "http:example.org",
        "ana@www.example.org", "awww.example.org", "my.www.example.org", "www.", "www..", "www.hello", "www.a..org",
        "http://", "https://.", "http:///path", "http://?a", "http://@", "http://:80/", "http://localhost/",
        "http://a..org/", "http://.org/", "http://a b.org".replace(" ", "\u3164"), "http://a%2eb.org/",
        "http://exam ple.org".replace(" ", "\u200b"), "http://❤.example.org/", "http://½.example.org/",
        "http://example.org:99999/", "http://example.org:8x/", "http://example.org:٣/", "http://[::1]/",
        "http://3221226000/", "http://0x7f.1/", "http://192.0.2.01/", "http://1.2.3/", "http://example.1/",
        f"http://{'a' * 64}.org/", f"http://{'a.' * 130}org/", f"http://{'ü' * 62}.org/",
    ],
)  # fmt: skip
def test_nothing_else_ever_becomes_a_link(words: str) -> None:
    assert pieces(words) == [Piece(words)]


@pytest.mark.parametrize(
    ("words", "site", "url"),
    [
        ("https://google.com@evil.example/", "evil.example", "https://evil.example/"),
        ("https://google.com:pass@evil.example", "evil.example", "https://evil.example"),
        ("https://google.com,a@b@evil.example/x", "evil.example", "https://evil.example/x"),
        ("https://google.com%2f@evil.example/", "evil.example", "https://evil.example/"),
        # A browser takes the backslash for a slash, a reader of addresses does not.
        ("https://good.example\\@evil.example/", "good.example", "https://good.example"),
        ("https://good.example\u200b@evil.example/", "good.example", "https://good.example"),
        ("https://good.example\u202e/gro", "good.example", "https://good.example"),
        ("https://example.org:8080/a", "example.org", "https://example.org:8080/a"),
        ("https://example.org:/a", "example.org", "https://example.org/a"),
        ("https://www.example.org", "example.org", "https://www.example.org"),
        ("https://www.example/", "www.example", "https://www.example/"),
        ("https://EXAMPLE.org/", "example.org", "https://example.org/"),
        ("https://bücher.example/ü", "xn--bcher-kva.example", "https://xn--bcher-kva.example/ü"),
        ("https://BÜCHER.example/", "xn--bcher-kva.example", "https://xn--bcher-kva.example/"),
        ("https://аррӏе.com/", "xn--80ak6aa92e.com", "https://xn--80ak6aa92e.com/"),
        ("https://faß.example/", "xn--fa-hia.example", "https://xn--fa-hia.example/"),
        ("https://ＥＸＡＭＰＬＥ.org/", "example.org", "https://example.org/"),
        ("http://192.0.2.1/a", "192.0.2.1", "http://192.0.2.1/a"),
    ],
)  # fmt: skip
def test_the_site_is_the_one_a_browser_asks(words: str, site: str, url: str) -> None:
    link = links_in(words)[0]
    assert (link.site, link.url) == (site, url)


@pytest.mark.parametrize(
    ("words", "hides"),
    [
        ("https://example.org", False), ("https://example.org/a", False), ("http://EXAMPLE.org?a", False),
        ("www.example.org/a", False), ("https://www.example.org:80/", False), ("https://www.example/", False),
        ("https://evil.example@evil.example/", True), ("https://google.com@evil.example/", True),
        ("https://bücher.example", True), ("https://ＥＸＡＭＰＬＥ.org/", True),
    ],
)  # fmt: skip
def test_a_site_is_named_where_the_words_hide_it(words: str, hides: bool) -> None:
    [link] = links_in(words)
    assert link.hides_site == hides
    assert not Piece(words).hides_site


# Words people write, and what somebody would write who wants to be misread.
SIGNS = ("http://", "https://", "www.", "a.org", *"./@:()[]?\\#8b \n", "é", "\u200b", "xn--", "…", "’", "%00", "🙂")
WORDS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(SIGNS), max_size=30).map("".join))


@given(WORDS)
def test_no_word_is_lost_and_none_is_added(words: str) -> None:
    found = pieces(words)
    assert "".join(piece.text for piece in found) == words
    assert all(piece.text for piece in found)


@given(WORDS)
def test_every_link_says_where_it_goes(words: str) -> None:
    for link in links_in(words):
        there = urlsplit(link.url)
        assert there.scheme in ("http", "https")
        assert there.username is None
        assert there.hostname in (link.site, f"www.{link.site}")
        assert re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", link.site)
        assert not re.search(r"[\s\"<>\\\u200b]", link.url)


# Each takes a reader that tries twice to the square of its length, or further.
HOSTILE: list[Callable[[int], str]] = [
    lambda size: "http://" * (size // 7),
    lambda size: "http://x/" * (size // 9),
    lambda size: "http://a.b," * (size // 11),
    lambda size: "http://a@" * (size // 9),
    lambda size: "http://a.org/" + "http://" * (size // 7),
    lambda size: "http://a.org/" + ")" * size,
    lambda size: "http://a.org/" + "(" * size,
    lambda size: "http://a.org/" + "()." * (size // 3),
    lambda size: "http://a.org" + "." * size + "x",
    lambda size: "http://" + "." * size,
    lambda size: "http://" + "a." * (size // 2),
    lambda size: "http://" + "@" * size,
    lambda size: "http://" + "".join(map(chr, range(0x4E00, 0x4E00 + size))) + ".org",
    lambda size: "www." * (size // 4),
    lambda size: "www.a," * (size // 6),
    lambda size: "www.a.b," * (size // 8),
    lambda size: ",www.[" * (size // 6),
    lambda size: ",www.a@" * (size // 7),
    lambda size: "http://www.a.b," * (size // 15) + "@x",
    lambda size: "(http://a.b)" * (size // 12),
    lambda size: "h" * size,
    lambda size: "!" * size,
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_twice_the_words_are_twice_the_work(hostile: Callable[[int], str], monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = (work(hostile(size), monkeypatch) for size in (MOST, 4 * MOST))
    # Four times the words: a square would be sixteen times the work. A host is only looked at up to a fixed length.
    assert long < 4.5 * short + 3000
    assert short < 80 * MOST


def test_the_measure_of_the_work_notices_a_square(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "_host", lambda written, least: written)
    monkeypatch.setattr(links, "_link", slow_link)
    short, long = (work("http://x/" * (size // 9), monkeypatch) for size in (MOST, 4 * MOST))
    assert long > 10 * short


def slow_link(text: str, found: re.Match[str]) -> None:
    """Reads to the end of the word, whatever stands there."""
    links.PATH.match(text, found.end())


def work(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Signs that were read by patterns, and lines of ours that were run: counted, not timed."""
    counter = Counter()
    with monkeypatch.context() as patch:
        for name in ("BEGINS", "AUTHORITY", "SITE", "PATH"):
            patch.setattr(links, name, counter.watching(getattr(links, name)))
        before = sys.gettrace()
        sys.settrace(counter.line)
        try:
            pieces(text)
        finally:
            sys.settrace(before)
    return counter.steps


class Counter:
    def __init__(self) -> None:
        self.steps = 0

    def line(self, frame: FrameType, event: str, _: object) -> Any:
        self.steps += event == "line"
        return self.line

    def watching(self, pattern: re.Pattern[str]) -> Any:
        def counted(way: Callable[..., Any]) -> Callable[..., Any]:
            def read(text: str, begin: int = 0) -> Any:
                found = way(text, begin)
                self.steps += (found.end() if found else len(text)) - begin
                return found

            return read

        return SimpleNamespace(match=counted(pattern.match), search=counted(pattern.search))


class TestOnThePage:
    def page(self, words: str, *, is_open: bool) -> str:
        line = SimpleNamespace(pieces=pieces(words), links_open=is_open)
        return render_to_string("messaging/_words.html", {"line": line})

    def test_copying_gives_the_words(self) -> None:
        for words in ("  two\n\n  lines ", "a https://example.org/?a=1&b=2 b", "<b> & 'quotes'", "www.example.org\n"):
            for is_open in (True, False):
                page = self.page(words, is_open=is_open)
                paragraph = page.removesuffix("\n")
                assert paragraph.startswith('<p class="bubble__words">')
                assert paragraph.endswith("</p>")
                assert unescape(re.sub(r"<[^>]*>", "", paragraph)) == words

    def test_a_link_opens_once_it_may(self) -> None:
        words = "See https://example.org/?a=1&b=2."
        opened, closed = self.page(words, is_open=True), self.page(words, is_open=False)
        link = "https://example.org/?a=1&amp;b=2"
        assert f'<a class="link" href="{link}" rel="noopener nofollow ugc">{link}</a>.' in opened
        assert "_blank" not in opened
        assert f'See <span class="link">{link}</span>.' in closed
        assert "href" not in closed

    def test_a_hidden_site_is_named_behind_the_link(self) -> None:
        for is_open in (True, False):
            page = self.page("Go to https://google.com@evil.example/ now", is_open=is_open)
            assert '<span class="link__site"> (evil.example)</span> now' in page
            assert "link__site" not in self.page("Go to https://evil.example/ now", is_open=is_open)

    def test_no_word_is_markup(self) -> None:
        page = self.page("<script>x</script> https://example.org/\"onclick=x https://example.org/&quot;'", is_open=True)
        assert "<script" not in page
        assert '"onclick' not in page
        assert re.findall(r'href="([^"]*)"', page) == ["https://example.org/", "https://example.org/&amp;quot"]


def test_a_browser_reads_every_address_as_we_do(page: Page) -> None:
    """What is asked is the site that is shown: both for the words as they stand, and for what the link opens."""
    starts = ("https://a.example", "https://A.example@b.example", "http://é.example", "https://\uff21\uff22.example")
    paths = ("", "/x", ":8080/", "#.c.example", "?@c.example", "/\\c.example", "\\@c.example", ",c.example")
    names = (".c.example", "%2ec.example", "\uff0ec.example")
    people = ("@c.example", "@c.example:80/@d.example", ":@c.example", ";@é.example")
    found = [link for start in starts for end in (*paths, *names, *people) for link in links_in(start + end)]
    assert len(found) > 50
    ask = "(links) => links.map((link) => new URL(link).hostname)"
    assert page.evaluate(ask, [link.text for link in found]) == [link.site for link in found]
    assert page.evaluate(ask, [link.url for link in found]) == [link.site for link in found]

"""What the templates say and how: our words, our icons, nothing inline."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt"))
PAGES = [path for path in TEMPLATES if path.suffix == ".html"]
BANNED = ("mutual aid", "invalid", "error occurred", "oops", "click here")
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\ufe0f]")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


def words(path: Path) -> str:
    """What a person reads, without markup and code."""
    return re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<[^>]+>", " ", path.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_banned_words(path: Path):
    text = re.sub(r"\s+", " ", words(path))
    assert [word for word in BANNED if word in text.lower()] == []
    assert "Care Collective" not in text
    assert not EMOJI.search(text)


# Letters may: mail programs know no style sheets.
@pytest.mark.parametrize("path", [path for path in PAGES if not name(path).startswith("notifications/")], ids=name)
def test_nothing_inline(path: Path):
    """Our content security policy would not run or draw it."""
    html = path.read_text()
    assert not re.search(r"\sstyle=", html)
    assert "<style" not in html
    assert not re.search(r"\son[a-z]+=", html)
    scripts = re.findall(r"<script\b[^>]*>", html)
    assert all("src=" in script or "nonce=" in script for script in scripts)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_icon_is_drawn(path: Path):
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static" / "icons" / "sprite.svg").read_text()))
    html = path.read_text()
    asked = re.findall(r'\{% icon "([\w-]+)"', html) + re.findall(r'\bicon="([\w-]+)"', html)
    assert set(asked) <= drawn


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_button_is_greyed_out(path: Path):
    assert not re.search(r"<button[^>]*\sdisabled", path.read_text())
